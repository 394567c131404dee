/** Containers: making, starting, stopping, deleting, looking at them. */
import * as z from 'zod';
import { ask, envelopeOf, type Lxd, parse, read, readMaybe } from './connection.ts';
import { finished, type Waiting } from './operations.ts';
import { isProblem } from './problem.ts';
import { type Instance, type InstanceState, instanceSchema, instanceStateSchema } from './schemas.ts';

const at = (name: string, rest = ''): string => `/1.0/instances/${encodeURIComponent(name)}${rest}`;

/** What a new container is made from. */
type InstanceSource =
  | { readonly type: 'image'; readonly fingerprint: string }
  | { readonly type: 'image'; readonly alias: string }
  | {
      readonly type: 'image';
      readonly alias: string;
      /** A remote to take the image from, with its protocol; LXD keeps it as a cached image. */
      readonly server: string;
      readonly protocol: 'simplestreams' | 'lxd';
      readonly mode: 'pull';
    }
  | { readonly type: 'copy'; readonly source: string; readonly instance_only: true };

export interface NewInstance {
  readonly name: string;
  readonly ephemeral?: boolean;
  readonly profiles?: readonly string[];
  readonly config: Readonly<Record<string, string>>;
  readonly devices?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly source: InstanceSource;
}

/** Every instance, whoever made it. */
export async function listInstances(lxd: Lxd): Promise<Instance[]> {
  return await read(lxd, '/1.0/instances?recursion=1', z.array(instanceSchema));
}

export async function getInstance(lxd: Lxd, name: string): Promise<Instance | undefined> {
  return await readMaybe(lxd, at(name), instanceSchema);
}

export async function instanceState(lxd: Lxd, name: string): Promise<InstanceState | undefined> {
  return await readMaybe(lxd, at(name, '/state'), instanceStateSchema);
}

/** Makes it and waits until it is whole; it is not started. A name that is taken is the problem `exists`. */
export async function createInstance(lxd: Lxd, instance: NewInstance, waiting: Waiting = {}): Promise<void> {
  await finished(lxd, await ask(lxd, 'POST', '/1.0/instances', instance), waiting);
}

/** Returns once it runs; `meanwhile` is called when LXD is at it, and there is nothing else to do for a while. */
export async function startInstance(
  lxd: Lxd,
  name: string,
  meanwhile: () => void = () => undefined,
): Promise<void> {
  const answer = await ask(lxd, 'PUT', at(name, '/state'), { action: 'start', timeout: -1 });
  const running = finished(lxd, answer);
  meanwhile();
  await running;
}

/** Stops it: `force` at once, `clean` by its own shutdown within that many seconds. An ephemeral one is deleted with that. */
export async function stopInstance(
  lxd: Lxd,
  name: string,
  how: 'force' | { readonly cleanWithin: number },
): Promise<void> {
  const body =
    how === 'force'
      ? { action: 'stop', timeout: -1, force: true }
      : { action: 'stop', timeout: how.cleanWithin, force: false };
  await finished(lxd, await ask(lxd, 'PUT', at(name, '/state'), body));
}

/** Deletes a stopped instance; one that is gone already is as good. */
export async function deleteInstance(lxd: Lxd, name: string): Promise<void> {
  try {
    await finished(lxd, await ask(lxd, 'DELETE', at(name)));
  } catch (error) {
    if (!isProblem(error, 'not-found')) throw error;
  }
}

/** Sets configuration keys of an instance and leaves the others. */
export async function setInstanceConfig(
  lxd: Lxd,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  await finished(lxd, await ask(lxd, 'PATCH', at(name), { config }));
}

type Changes = Pick<NewInstance, 'config' | 'devices'>;

/**
 * Changes an instance, on the condition that its configuration still has what is expected: of several processes that want
 * the same one, only one gets it. Gives whether that is this one. The changes may still be in the making while LXD is asked
 * for what there is.
 */
export async function claimInstance(
  lxd: Lxd,
  name: string,
  expected: Readonly<Record<string, string | undefined>>,
  changes: Changes | Promise<Changes>,
): Promise<boolean> {
  try {
    const [{ metadata, etag }, wanted] = await Promise.all([ask(lxd, 'GET', at(name)), changes]);
    const { config } = parse(instanceSchema, name, metadata);
    if (Object.entries(expected).some(([key, value]) => config[key] !== value)) return false;
    const headers = etag === undefined ? {} : { 'if-match': etag };
    const body = JSON.stringify({ config: wanted.config, devices: wanted.devices });
    await finished(lxd, await envelopeOf(lxd, 'PATCH', at(name), { headers, body }));
    return true;
  } catch (error) {
    if (isProblem(error, 'changed', 'not-found')) return false;
    throw error;
  }
}

const metadataSchema = z.looseObject({ templates: z.unknown() });

/** Takes its templates away: files such as /etc/hostname that LXD would write anew in each copy (LXD's doc/image_format.md). */
export async function dropTemplates(lxd: Lxd, name: string): Promise<void> {
  const metadata = await read(lxd, at(name, '/metadata'), metadataSchema);
  await ask(lxd, 'PUT', at(name, '/metadata'), { ...metadata, templates: {} });
}
