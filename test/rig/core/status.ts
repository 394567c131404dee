/**
 * The model as `juju status --format json` shows it (status-samples of the recordings), with what only the table shows beside it.
 */
import type {
  ApplicationShown,
  FullStatus,
  MachineShown,
  RelationShown,
  Shown,
  UnitShown,
} from './status-shape.ts';
import { otherEnd, type Relation, relationsOf, type Unit, unitsOf, type World } from './world.ts';

export interface MachineState {
  readonly state: 'pending' | 'started' | 'down';
  /** What the cloud calls it. */
  readonly instance: string;
}

/** When what is shown under a name came to be shown, as the client writes times. */
export type Since = (name: string, shown: string) => string;

const version = '4.0.14';
/** What its machines run, whatever the charm could. */
const rigBase = { name: 'debian', channel: '12' };

export function statusOf(
  world: World,
  machines: ReadonlyMap<string, MachineState>,
  since: Since,
  now: Date,
): FullStatus {
  const time = (name: string, shown: Shown): Shown => ({
    ...shown,
    since: since(name, `${shown.current} ${shown.message ?? ''}`),
  });
  return {
    model: {
      name: world.model.name,
      type: 'iaas',
      controller: 'rig',
      cloud: 'localhost',
      region: 'localhost',
      version,
      'model-status': time('model', { current: 'available' }),
    },
    machines: Object.fromEntries(
      [...machines].map(([id, machine]) => [id, machineShown(world, id, machine, time)]),
    ),
    applications: Object.fromEntries(
      [...world.applications.keys()].map((name) => [name, applicationShown(world, name, time)]),
    ),
    storage: storageShown(world, time),
    controller: { timestamp: `${now.toISOString().slice(11, 19)}Z` },
  };
}

type Time = (name: string, shown: Shown) => Shown;

function machineShown(world: World, id: string, { state, instance }: MachineState, time: Time): MachineShown {
  const address = world.addresses.get(id)?.address;
  const up = address !== undefined;
  return {
    'juju-status': { ...time(`machine ${id}`, { current: state }), life: 'alive' },
    ...(up && { hostname: instance, 'dns-name': address, 'ip-addresses': [address] }),
    'instance-id': up ? instance : 'pending',
    'machine-status': {
      ...time(`instance ${id}`, up ? { current: 'running', message: 'Running' } : { current: 'pending' }),
      life: 'alive',
    },
    'modification-status': {},
    base: rigBase,
    constraints: `arch=${architecture()}`,
    ...(up && {
      hardware: `arch=${architecture()} cores=0 mem=0M availability-zone=rig virt-type=container`,
    }),
  };
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function applicationShown(world: World, name: string, time: Time): ApplicationShown {
  const application = world.applications.get(name);
  if (application === undefined) throw new Error(`there is no ${name}`);
  const { charm, revision, exposed, life, status } = application;
  const { charmcraft } = charm;
  const units = unitsOf(world, name);
  const leader = units.find((unit) => unit.name === application.leader);
  const own = status.status === 'unknown' ? undefined : { current: status.status, message: status.message };
  const shown = own ?? (leader === undefined ? undefined : workloadOf(leader));
  const relations = relationsShown(world, name);
  return {
    charm: `local:${charmcraft.name}-${revision}`,
    base: rigBase,
    'charm-origin': 'local',
    'charm-name': charmcraft.name,
    'charm-rev': revision,
    exposed,
    life,
    'application-status': time(
      `application ${name}`,
      shown ?? { current: 'waiting', message: 'waiting for machine' },
    ),
    ...(Object.keys(relations).length > 0 && { relations }),
    ...(units.length > 0 && {
      units: Object.fromEntries(units.map((unit) => [unit.name, unitShown(world, unit, time)])),
    }),
    ...(leader !== undefined && leader.workloadVersion !== '' && { version: leader.workloadVersion }),
    'endpoint-bindings': Object.fromEntries(
      ['', ...charmcraft.endpoints.keys(), ...charmcraft.extraBindings, 'juju-info']
        .toSorted()
        .map((endpoint) => [endpoint, 'alpha']),
    ),
  };
}

/** A failed hook stands before what the charm said. */
function workloadOf({ agent, status }: Unit): Shown {
  if (agent.step.kind !== 'failed') {
    return status.message === ''
      ? { current: status.status }
      : { current: status.status, message: status.message };
  }
  const { event } = agent.step;
  return {
    current: 'error',
    message: `hook failed: "${event.kind === 'action' ? event.action : event.hook}"`,
  };
}

function unitShown(world: World, unit: Unit, time: Time): UnitShown {
  const address = world.addresses.get(unit.machine)?.address;
  return {
    'workload-status': time(`workload ${unit.name}`, workloadOf(unit)),
    'juju-status': time(`agent ${unit.name}`, agentOf(unit)),
    ...(world.applications.get(unit.application)?.leader === unit.name && { leader: true }),
    machine: unit.machine,
    ...(unit.openedPorts.length > 0 && { 'open-ports': unit.openedPorts.map(({ port }) => port) }),
    ...(address !== undefined && { 'public-address': address }),
  };
}

function agentOf({ agent }: Unit): Shown {
  if (agent.state.kind === 'down') return { current: agent.installed ? 'lost' : 'allocating' };
  if (agent.step.kind === 'killed') return { current: 'executing', version };
  if (agent.step.kind !== 'running') return { current: 'idle', version };
  const { event } = agent.step;
  const message = event.kind === 'action' ? `running action ${event.action}` : `running ${event.hook} hook`;
  return { current: 'executing', message, version };
}

function relationsShown(world: World, application: string): NonNullable<ApplicationShown['relations']> {
  const shown: NonNullable<ApplicationShown['relations']> = {};
  for (const relation of relationsOf(world, application)) {
    const own = relation.ends.find((end) => end.application === application)?.endpoint ?? '';
    const { interface: name = '', scope = 'global' } = interfaceOf(world, relation);
    shown[own] = [
      ...(shown[own] ?? []),
      { 'related-application': otherEnd(relation, application)?.application ?? '', interface: name, scope },
    ];
  }
  return shown;
}

function interfaceOf(
  world: World,
  { ends }: Relation,
): { readonly interface?: string; readonly scope?: string } {
  const [{ application, endpoint } = { application: '', endpoint: '' }] = ends;
  return world.applications.get(application)?.charm.interfaces[endpoint] ?? {};
}

/** What the table shows of relations. */
export function relationLines(world: World): RelationShown[] {
  return [...world.relations.values()].map((relation) => {
    const { interface: name = '', scope } = interfaceOf(world, relation);
    const role = ({ application, endpoint }: Relation['ends'][number]): string | undefined =>
      world.applications.get(application)?.charm.charmcraft.endpoints.get(endpoint);
    const [first] = relation.ends;
    const provider = relation.ends.find((end) => role(end) === 'provides') ?? first;
    const requirer = relation.ends.find((end) => role(end) === 'requires') ?? first;
    const shown = (end: Relation['ends'][number] | undefined): string =>
      `${end?.application}:${end?.endpoint}`;
    return {
      provider: shown(provider),
      requirer: shown(requirer),
      interface: name,
      type: scope === 'container' ? 'subordinate' : relation.ends.length === 1 ? 'peer' : 'regular',
      status: relation.members.size === 0 ? 'joining' : 'joined',
    };
  });
}

function storageShown(world: World, time: Time): FullStatus['storage'] {
  const all = [...world.storage.values()];
  if (all.length === 0) return {};
  const number = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
  return {
    storage: Object.fromEntries(
      all.map((storage) => [
        storage.id,
        {
          kind: 'filesystem',
          life: storage.life,
          status: time(`storage ${storage.id}`, { current: stateOf(world, storage) }),
          persistent: false,
          attachments: {
            units: {
              [storage.unit]: {
                machine: world.units.get(storage.unit)?.machine ?? '',
                location: storage.location,
                life: storage.life,
              },
            },
          },
        },
      ]),
    ),
    filesystems: Object.fromEntries(
      all.map((storage) => {
        const machine = world.units.get(storage.unit)?.machine;
        const place = { 'mount-point': storage.location, 'read-only': false, life: storage.life };
        return [
          number(storage.id),
          {
            'provider-id': number(storage.id),
            storage: storage.id,
            ...(machine !== undefined && { attachments: { machines: { [machine]: place } } }),
            pool: 'lxd',
            size: mebibytes(world, storage),
            life: storage.life,
            status: time(`storage ${storage.id}`, { current: stateOf(world, storage) }),
          },
        ];
      }),
    ),
  };
}

type Stored = World['storage'] extends ReadonlyMap<string, infer T> ? T : never;

function stateOf(world: World, { id, unit }: Stored): string {
  return world.units.get(unit)?.agent.storage.has(id) === true ? 'attached' : 'pending';
}

/** `512M`, `2G`; 1 GiB when nothing was said. */
function mebibytes(world: World, { id, unit }: Stored): number {
  const application = world.applications.get(unit.slice(0, unit.lastIndexOf('/')));
  const text = application?.storageSizes.get(id.slice(0, id.lastIndexOf('/'))) ?? '1G';
  const [, amount = '1024', letter = 'M'] = /(\d+)([MGT])/.exec(text) ?? [];
  return Number(amount) * 1024 ** ['M', 'G', 'T'].indexOf(letter);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As the client writes times here: `23 Nov 2026 02:24:03Z`. */
export function statusTime(time: Date): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(time.toISOString()) ?? [];
  return `${day} ${months[Number(month) - 1]} ${year} ${clock}Z`;
}
