/** Containers: making, starting, stopping, deleting, looking at them. */
import * as z from 'zod';
import { ask, type Lxd, read, readMaybe } from './connection.ts';
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

/** The names of all instances: much cheaper than the instances. */
export async function instanceNames(lxd: Lxd): Promise<string[]> {
  const paths = await read(lxd, '/1.0/instances', z.array(z.string()));
  return paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
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

export async function startInstance(lxd: Lxd, name: string): Promise<void> {
  await finished(lxd, await ask(lxd, 'PUT', at(name, '/state'), { action: 'start', timeout: -1 }));
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

const metadataSchema = z.looseObject({ templates: z.unknown() });

/** Takes its templates away: files such as /etc/hostname that LXD would write anew in each copy (LXD's doc/image_format.md). */
export async function dropTemplates(lxd: Lxd, name: string): Promise<void> {
  const metadata = await read(lxd, at(name, '/metadata'), metadataSchema);
  await ask(lxd, 'PUT', at(name, '/metadata'), { ...metadata, templates: {} });
}
