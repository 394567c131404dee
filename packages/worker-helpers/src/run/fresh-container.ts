/** Brings a build's container up: from the image's name to a system that is about to boot and can run commands. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  aliasTarget,
  createInstance,
  getInstance,
  getNetwork,
  type Instance,
  imageAlias,
  instanceKeys,
  instanceState,
  isProblem,
  type Lxd,
  LxdError,
  leasedAddresses,
  listInstances,
  startInstance,
  uniqueSuffix,
  warmExec,
} from '../lxd/index.ts';
import { areBound, type Bind } from './binds.ts';
import { CANNOT_RUN, runFailure } from './failure.ts';
import { type Caller, type Ids, NOBODY_HERE } from './identity.ts';
import { runMessages } from './messages.ts';
import { addressesIn, freeAddress, onlyNic, subnetOf } from './network.ts';
import { type Login, loginOf, newContainer, type Wish } from './new-container.ts';
import { untilBack } from './patience.ts';
import { preparedFor } from './prepared.ts';
import { removeInstance } from './remove.ts';
import { reserve } from './reservation.ts';
import { sparesOf, takeSpare } from './spare.ts';

export interface ContainerOrder {
  readonly image: string;
  readonly caller: Caller;
  readonly binds: readonly Bind[];
  /** Of the owner of what is bound; undefined when nothing is. */
  readonly ids: Ids | undefined;
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
  const fingerprint = await aliasTarget(lxd, imageAlias(order.image));
  if (fingerprint === undefined) throw runFailure(runMessages.noImage(order.image));
  const { owner, say, check } = order;
  const ids = order.ids ?? NOBODY_HERE;
  const prepared = await preparedFor(lxd, { fingerprint, ids, mapped: order.ids, owner, say, check });
  const login = loginOf(prepared);
  if (login === undefined) throw runFailure(runMessages.notPrepared(CANNOT_RUN, prepared.name));
  check();
  const network = await copy(lxd, order, prepared, made);
  const name = made.name ?? '';
  check();
  await startInstance(lxd, name);
  check();
  if (order.caller.kind === 'on-behalf') await verify(lxd, order.binds, name);
  if (network === 'own') await untilNetwork(lxd, name, order);
  const variables = Object.keys(prepared.config)
    .filter((key) => key.startsWith('environment.'))
    .map((key) => key.slice('environment.'.length));
  return { name, login, ids, variables: new Set(variables), prepared };
}

/** Copies the prepared container under a name of its own, which is noted in `made` before LXD is asked. */
async function copy(
  lxd: Lxd,
  order: ContainerOrder,
  prepared: Instance,
  made: { name?: string },
): Promise<Wish['network']['kind']> {
  const listing = listInstances(lxd);
  const network =
    order.network === 'none' ? { kind: 'none' as const } : await chooseNetwork(lxd, prepared, listing);
  const container = newContainer(prepared, {
    unique: uniqueSuffix(),
    owner: order.owner,
    paths: order.binds.map(({ path }) => path),
    cpus: order.cpus,
    memory: order.memory,
    network,
  });
  for (const { name } of sparesOf(prepared, await listing)) {
    made.name = name;
    if (await takeSpare(lxd, name, container)) return network.kind;
  }
  made.name = container.name;
  const creating = createInstance(lxd, container);
  warmExec();
  await creating;
  return network.kind;
}

async function chooseNetwork(
  lxd: Lxd,
  prepared: Instance,
  listing: Promise<Instance[]>,
): Promise<Wish['network']> {
  const nic = onlyNic(prepared.expanded_devices);
  if (nic === undefined) return { kind: 'own' };
  const subnet = subnetOf(await getNetwork(lxd, nic.network));
  if (subnet === undefined) return { kind: 'own' };
  const [instances, leased] = await Promise.all([listing, leasedAddresses(lxd, nic.network)]);
  const taken = [...leased, ...addressesIn(instances.map(({ name }) => name))];
  for (;;) {
    const address = freeAddress(subnet, taken);
    if (address === undefined) throw runFailure(runMessages.noAddress(nic.network));
    if (await reserve(address))
      return { kind: 'given', nic, address, prefix: subnet.prefix, gateway: subnet.gateway };
    taken.push(address);
  }
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
