/** Brings a build's container up: from the image's name to a system that is about to boot and can run commands. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  aliasTarget,
  createInstance,
  getInstance,
  type Instance,
  imageAlias,
  instanceKeys,
  instanceState,
  isProblem,
  type Lxd,
  LxdError,
  listInstances,
  type Mapping,
  preparedName,
  setInstanceConfig,
  startInstance,
  warmExec,
} from '../lxd/index.ts';
import { areBound, type Bind } from './binds.ts';
import { networkAt, placeOf } from './choose-network.ts';
import { CANNOT_RUN, runFailure } from './failure.ts';
import { type Caller, type Ids, NOBODY_HERE } from './identity.ts';
import { runMessages } from './messages.ts';
import { type ContainerNetwork, type Login, loginOf, newContainer } from './new-container.ts';
import { untilBack } from './patience.ts';
import { preparedFor } from './prepared.ts';
import { removeInstance } from './remove.ts';
import { sparesOf, takeSpare } from './spare.ts';

export interface ContainerOrder {
  readonly image: string;
  readonly caller: Caller;
  readonly binds: readonly Bind[];
  /** Of the owner of what is bound; undefined when nothing is. */
  readonly ids: Ids | undefined;
  /** Whether all of what is bound is mounted so that no program in there gives anybody the rights of its owner. */
  readonly nosuid: boolean;
  readonly cpus: number | undefined;
  readonly memory: string | undefined;
  readonly network: 'own' | 'none';
  readonly owner: string;
  readonly say: (sentence: string) => void;
  readonly check: () => void;
}

export interface FreshContainer {
  readonly name: string;
  readonly login: Login;
  readonly ids: Ids;
  /** How the bound directories got their owner; undefined when there are none. */
  readonly mapping: Mapping | undefined;
  /** Variables that the image gives to what runs in it; LXD sets them. */
  readonly variables: ReadonlySet<string>;
  readonly prepared: Instance;
}

const ATTEMPTS = 3;

/** Makes and starts it. When that fails it has left nothing behind. */
export async function freshContainer(lxd: Lxd, order: ContainerOrder): Promise<FreshContainer> {
  for (let attempt = 1; ; attempt += 1) {
    const made: { name?: string } = {};
    try {
      return await bringUp(lxd, order, made);
    } catch (error) {
      if (made.name !== undefined) await removeOwn(lxd, made.name, order.owner);
      // That is known from now on, and the next attempt does without.
      if (isProblem(error, 'no-shift') && attempt < ATTEMPTS) continue;
      // Between two steps LXD may have been restarted, or the prepared container cleaned away. Nothing has run yet.
      const lasting = isProblem(error, 'not-installed', 'no-permission', 'disk-full');
      if (!(error instanceof LxdError) || lasting || attempt === ATTEMPTS) throw error;
      order.say(
        isProblem(error, 'unreachable') ? runMessages.waitingForLxd : runMessages.again(error.message),
      );
      await untilBack(lxd);
    }
  }
}

async function bringUp(lxd: Lxd, order: ContainerOrder, made: { name?: string }): Promise<FreshContainer> {
  const [fingerprint, instances] = await Promise.all([
    aliasTarget(lxd, imageAlias(order.image)),
    listInstances(lxd),
  ]);
  if (fingerprint === undefined) throw runFailure(runMessages.noImage(order.image));
  const { owner, say, check } = order;
  const ids = order.ids ?? NOBODY_HERE;
  const mapping = mappingFor(order, fingerprint, instances);
  const wanted = { fingerprint, ids, mapping, owner, say, check };
  const prepared = await preparedFor(lxd, wanted, instances);
  const login = loginOf(prepared);
  if (login === undefined) throw runFailure(runMessages.notPrepared(CANNOT_RUN, prepared.name));
  check();
  const way = mapping?.way ?? 'raw.idmap';
  const network = await copy(lxd, { ...order, way }, prepared, sparesOf(prepared, instances), made);
  const name = made.name ?? '';
  check();
  await start(lxd, name, prepared);
  check();
  if (order.caller.kind === 'on-behalf') await verify(lxd, order.binds, name);
  if (network === 'own') await untilNetwork(lxd, name, order);
  const variables = Object.keys(prepared.config)
    .filter((key) => key.startsWith('environment.'))
    .map((key) => key.slice('environment.'.length));
  return { name, login, ids, mapping, variables: new Set(variables), prepared };
}

/**
 * A shifted mount makes the container's root the machine's own within the directory. That is for directories only in which root's programs are
 * nothing special, and as long as LXD has not refused it.
 */
function mappingFor(
  { ids, nosuid }: ContainerOrder,
  fingerprint: string,
  instances: readonly Instance[],
): Mapping | undefined {
  if (ids === undefined) return undefined;
  const shift = { way: 'shift', ids } as const;
  const prepared = instances.find(({ name }) => name === preparedName(fingerprint, shift));
  const refused = prepared?.config[instanceKeys.noShift] === 'true';
  return nosuid && !refused ? shift : { way: 'raw.idmap', ids };
}

async function start(lxd: Lxd, name: string, prepared: Instance): Promise<void> {
  try {
    await startInstance(lxd, name, warmExec);
  } catch (error) {
    // Another run may take note of it at the same moment.
    if (isProblem(error, 'no-shift'))
      await setInstanceConfig(lxd, prepared.name, { [instanceKeys.noShift]: 'true' }).catch(() => undefined);
    throw error;
  }
}

/** Takes a spare copy, or makes one; its name is noted in `made` before LXD is asked for a change. */
async function copy(
  lxd: Lxd,
  order: ContainerOrder & Pick<Mapping, 'way'>,
  prepared: Instance,
  spares: readonly Instance[],
  made: { name?: string },
): Promise<ContainerNetwork['kind']> {
  const { owner, binds, way, cpus, memory } = order;
  const place = placeOf(lxd, prepared, order.network);
  const at = async (spare?: Instance) => {
    const network = await networkAt(lxd, await place, spare);
    return { network, container: newContainer(prepared, { owner, binds, way, cpus, memory, network }) };
  };
  for (const spare of spares) {
    made.name = spare.name;
    const wanted = at(spare);
    if (
      await takeSpare(
        lxd,
        spare.name,
        wanted.then(({ container }) => container),
      )
    )
      return (await wanted).network.kind;
  }
  const { network, container } = await at();
  made.name = container.name;
  await createInstance(lxd, container);
  return network.kind;
}

/** LXD was given paths, and what they lead to may have been changed since they were judged. Nothing of a build runs yet. */
async function verify(lxd: Lxd, binds: readonly Bind[], name: string): Promise<void> {
  const state = await instanceState(lxd, name);
  const bound = state !== undefined && (await areBound(binds, state.pid).catch(() => false));
  if (!bound) throw runFailure(runMessages.boundElse);
}

const NETWORK_MILLISECONDS = 20_000;
const PAUSE_MILLISECONDS = 50;

/** Where addresses cannot be given from outside, a command that needs the network must not come too early. */
async function untilNetwork(lxd: Lxd, name: string, { check, say }: ContainerOrder): Promise<void> {
  const deadline = performance.now() + NETWORK_MILLISECONDS;
  while (performance.now() < deadline) {
    check();
    const state = await instanceState(lxd, name);
    const addresses = Object.values(state?.network ?? {}).flatMap((nic) => nic.addresses);
    if (addresses.some(({ scope }) => scope === 'global')) return;
    await sleep(PAUSE_MILLISECONDS);
  }
  say(runMessages.noNetworkYet);
}

/** The name of a container that could not be made may be that of somebody else's. */
async function removeOwn(lxd: Lxd, name: string, owner: string): Promise<void> {
  try {
    await untilBack(lxd);
    const instance = await getInstance(lxd, name);
    if (instance?.config[instanceKeys.owner] === owner) await removeInstance(lxd, name);
  } catch {
    // What made this necessary is told; the container goes with the next cleaning.
  }
}
