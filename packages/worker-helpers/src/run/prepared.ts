/**
 * The prepared container of an image: started once, so that its file system has the owners that it will have, and never again.
 * Copies of it start in a fraction of the time that a container from an image takes. Its name is the lock: LXD lets only one
 * process make it, and the others wait until it is ready, or until that process is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  createInstance,
  dropTemplates,
  exec,
  getImage,
  getInstance,
  getNetwork,
  type Instance,
  instanceKeys,
  isAlive,
  isProblem,
  kindOf,
  type Lxd,
  LxdError,
  type Mapping,
  parseOwner,
  preparedName,
  setInstanceConfig,
  startInstance,
  stopInstance,
} from '../lxd/index.ts';
import { runFailure } from './failure.ts';
import type { Ids } from './identity.ts';
import { runMessages } from './messages.ts';
import { onlyNic, subnetOf } from './network.ts';
import { foundConfig, newPrepared } from './new-container.ts';
import { prepareEnvironment, prepareScript } from './prepare-script.ts';
import { removeInstance } from './remove.ts';

const PAUSE_MILLISECONDS = 100;

export interface Order {
  readonly fingerprint: string;
  readonly ids: Ids;
  /** When the ids are those of this machine, because a directory of it is bound. */
  readonly mapping: Mapping | undefined;
  readonly owner: string;
  readonly say: (sentence: string) => void;
  /** Ends it between two steps, by throwing. */
  readonly check: () => void;
}

/** The prepared container, which is made first when it is not among the instances that there are. */
export async function preparedFor(lxd: Lxd, order: Order, instances: readonly Instance[]): Promise<Instance> {
  const name = preparedName(order.fingerprint, order.mapping);
  for (let first = true; ; first = false) {
    order.check();
    const found = first ? instances.find((one) => one.name === name) : await getInstance(lxd, name);
    if (found !== undefined && kindOf(found) !== 'prepared') throw runFailure(runMessages.nameTaken(name));
    if (found?.config[instanceKeys.ready] === 'true') return found;
    if (found === undefined) await make(lxd, name, order);
    else if (await isAbandoned(found)) await removeInstance(lxd, name);
    else await sleep(PAUSE_MILLISECONDS);
  }
}

async function isAbandoned(instance: Instance): Promise<boolean> {
  const owner = parseOwner(instance.config[instanceKeys.owner]);
  return owner === undefined || !(await isAlive(owner));
}

async function make(lxd: Lxd, name: string, order: Order): Promise<void> {
  const image = await getImage(lxd, order.fingerprint);
  const environment = environmentOf(image?.properties ?? {});
  try {
    await createInstance(lxd, newPrepared(order.fingerprint, order.mapping, order.owner, environment));
  } catch (error) {
    // Another one makes it, or had begun to: what is there is looked at again.
    if (isProblem(error, 'exists')) return;
    throw explained(order, error);
  }
  order.say(runMessages.preparing);
  try {
    await prepare(lxd, name, order);
  } catch (error) {
    await removeInstance(lxd, name).catch(() => undefined);
    throw explained(order, error);
  }
}

async function prepare(lxd: Lxd, name: string, order: Order): Promise<void> {
  await startInstance(lxd, name);
  order.check();
  const instance = await getInstance(lxd, name);
  const nic = onlyNic(instance?.expanded_devices ?? {});
  const subnet = nic === undefined ? undefined : subnetOf(await getNetwork(lxd, nic.network));
  const given = nic === undefined || subnet === undefined ? undefined : { nic, subnet };
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  const running = await exec(lxd, name, {
    argv: ['/bin/sh', '-c', prepareScript],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...prepareEnvironment(order.ids, given) },
    stdout: (chunk) => void output.push(chunk),
    stderr: (chunk) => void errors.push(chunk),
  });
  const code = await running.exitCode;
  const found = foundConfig(Buffer.concat(output).toString());
  if (code !== 0 || found === undefined) {
    throw runFailure(runMessages.notPrepared(code, Buffer.concat(errors).toString()));
  }
  order.check();
  await stopInstance(lxd, name, { cleanWithin: 30 }).catch(() => stopInstance(lxd, name, 'force'));
  // What they would write is written already, and is the same in all copies.
  await dropTemplates(lxd, name);
  await setInstanceConfig(lxd, name, { ...found, [instanceKeys.ready]: 'true' });
}

const environmentSchema = z.record(z.string(), z.string());

/** The variables that the image's recipe gives to whatever runs in it. */
function environmentOf(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const text = properties['lpbuildbot.environment'];
  return text === undefined ? {} : environmentSchema.parse(JSON.parse(text));
}

/** LXD's words about ids do not say what to do. */
function explained({ mapping }: Order, error: unknown): unknown {
  if (!(error instanceof LxdError) || mapping?.way !== 'raw.idmap') return error;
  if (!/idmap|uid|gid|allowed/i.test(error.message)) return error;
  return runFailure(runMessages.idsNotAllowed(mapping.ids, error.message), error);
}
