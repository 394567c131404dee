/** The commands of the `juju` client that change a model's applications, units and relations, with Juju's own refusals. */
import { addStorage } from './commit-state.ts';
import { endsToRelate, relationBetween, shown } from './endpoints.ts';
import {
  type Application,
  applicationOf,
  type PackedCharm,
  Refused,
  type Relation,
  type RelationEnd,
  relationsOf,
  type Setting,
  type Unit,
  unitOf,
  unitsOf,
  type World,
} from './world.ts';

export interface DeployOptions {
  readonly config?: Readonly<Record<string, Setting>>;
  readonly resources?: Readonly<Record<string, string>>;
  readonly storage?: Readonly<Record<string, string>>;
}

/** Makes the application, its peer relations included; units are added by `addUnit`. */
export function deploy(
  world: World,
  charm: PackedCharm,
  name: string,
  options: DeployOptions,
  now: number,
): void {
  if (world.applications.has(name)) throw new Refused(`application "${name}" already exists`);
  const config = checkedSettings(charm, options.config ?? {});
  world.applications.set(name, {
    name,
    charm,
    revision: 0,
    charmVersion: 0,
    config,
    reports: [now],
    trusted: false,
    resources: new Map(
      Object.entries(options.resources ?? {}).map(([resource, path]) => [resource, { path, version: 0 }]),
    ),
    storageSizes: new Map(Object.entries(options.storage ?? {})),
    leader: undefined,
    leaderFreeAt: now,
    status: { status: 'unknown', message: '' },
    exposed: false,
    nextUnit: 0,
    life: 'alive',
  });
  for (const [endpoint, role] of charm.charmcraft.endpoints) {
    if (role === 'peer') addRelation(world, [{ application: name, endpoint }]);
  }
}

export function addUnit(world: World, application: string, machine: string): Unit {
  const { charm, nextUnit } = applicationOf(world, application);
  const unit: Unit = {
    name: `${application}/${nextUnit}`,
    application,
    machine,
    life: 'alive',
    status: { status: 'waiting', message: 'agent initialising' },
    workloadVersion: '',
    stored: {},
    openedPorts: [],
    agent: {
      state: { kind: 'down', since: Number.POSITIVE_INFINITY },
      step: { kind: 'idle' },
      installed: false,
      started: false,
      stopped: false,
      removed: false,
      rebooted: false,
      elected: false,
      charmVersion: 0,
      reportsSeen: 0,
      relations: new Map(),
      cache: new Map(),
      storage: new Map(),
      expired: new Map(),
      failures: 0,
      resolved: 'no',
      nextUpdateStatus: Number.POSITIVE_INFINITY,
    },
  };
  applicationOf(world, application).nextUnit += 1;
  world.units.set(unit.name, unit);
  for (const [name, { least }] of Object.entries(charm.storage)) {
    for (let count = 0; count < least; count += 1) addStorage(world, unit, name);
  }
  return unit;
}

/** `juju config APP key=value...`: the agents are told twice (fact 4), and not at all of what stays as it is. */
export function config(
  world: World,
  name: string,
  settings: Readonly<Record<string, Setting>>,
  now: number,
): void {
  const application = applicationOf(world, name);
  const changed = [...checkedSettings(application.charm, settings)].filter(
    ([key, value]) => settingOf(application, key) !== value,
  );
  if (changed.length === 0) return;
  for (const [key, value] of changed) application.config.set(key, value);
  report(world, application, now);
}

/** `juju config APP --reset`: takes effect, and fires nothing (fact 4). */
export function resetConfig(world: World, name: string, keys: readonly string[]): void {
  const { config, charm } = applicationOf(world, name);
  for (const key of keys) {
    if (charm.charmcraft.options[key] === undefined) throw unknownOption(key);
    config.delete(key);
  }
}

export function trust(world: World, name: string, now: number): void {
  const application = applicationOf(world, name);
  if (application.trusted) return;
  application.trusted = true;
  report(world, application, now);
}

function report(world: World, application: Application, now: number): void {
  application.reports.push(now, now + world.tempo.secondReport);
}

function settingOf({ config, charm }: Application, key: string): Setting | undefined {
  return config.get(key) ?? charm.charmcraft.options[key]?.default ?? undefined;
}

function checkedSettings(
  { charmcraft }: PackedCharm,
  settings: Readonly<Record<string, Setting>>,
): Map<string, Setting> {
  return new Map(
    Object.entries(settings).map(([key, value]) => {
      const option = charmcraft.options[key];
      if (option === undefined) throw unknownOption(key);
      return [key, typed(key, option.type, value)];
    }),
  );
}

/** The client sends text; the controller gives it the option's type. */
function typed(key: string, type: string, value: Setting): Setting {
  const text = String(value);
  const refuse = (): never => {
    throw new Refused(`option "${key}" expected ${type}, got "${text}"`);
  };
  switch (type) {
    case 'int':
      return /^-?\d+$/.test(text) ? Number(text) : refuse();
    case 'float':
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : refuse();
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : refuse();
    case 'secret':
      if (text === '' || /^secret:[0-9a-v]{20}$/.test(text)) return text;
      throw new Refused(`invalid secret URI for option "${key}": secret URI "${text}" not valid`);
    default:
      return text;
  }
}

function unknownOption(key: string): Refused {
  return new Refused(`invalid application config: unknown option "${key}"`);
}

/** `juju integrate app[:endpoint] app[:endpoint]`. */
export function integrate(world: World, one: string, other: string): void {
  const ends = endsToRelate(world, one, other);
  const [own, their] = ends.map(shown);
  if (relationBetween(world, `${own}`, `${their}`) !== undefined) {
    throw new Refused(`cannot add relation "${own} ${their}": relation ${own} ${their} already exists`);
  }
  addRelation(world, ends);
}

function addRelation(world: World, ends: readonly RelationEnd[]): void {
  const id = world.next.relation++;
  world.relations.set(id, {
    id,
    ends,
    life: 'alive',
    members: new Set(),
    units: new Map(),
    applications: new Map(),
  });
}

export function removeRelation(world: World, one: string, other: string): void {
  const relation = relationBetween(world, one, other);
  if (relation === undefined) throw new Refused(`relation "${one} ${other}" not found`);
  endRelation(world, relation);
}

function endRelation(world: World, relation: Relation): void {
  relation.life = 'dying';
  if (relation.members.size === 0) world.relations.delete(relation.id);
}

/** `juju remove-unit`: its hooks run down, and then it is gone. */
export function removeUnit(world: World, name: string): void {
  const unit = unitOf(world, name);
  unit.life = 'dying';
  for (const storage of world.storage.values()) if (storage.unit === name) storage.life = 'dying';
}

export function removeApplication(world: World, name: string): void {
  applicationOf(world, name).life = 'dying';
  for (const relation of relationsOf(world, name)) if (relation.ends.length > 1) endRelation(world, relation);
  for (const unit of unitsOf(world, name)) removeUnit(world, unit.name);
}

/** A local charm has a new revision each time, whether it is another one or not (scenario 74). */
export function refresh(world: World, name: string, charm: PackedCharm): void {
  const application = applicationOf(world, name);
  application.charm = charm;
  application.revision += 1;
  application.charmVersion += 1;
}

export function attachResource(world: World, name: string, resource: string, path: string): void {
  const application = applicationOf(world, name);
  if (application.charm.resources[resource] === undefined) {
    throw new Refused(`resource "${resource}" not found`);
  }
  const version = (application.resources.get(resource)?.version ?? 0) + 1;
  application.resources.set(resource, { path, version });
  application.charmVersion += 1;
}

/** `juju resolve [--no-retry] UNIT`. */
export function resolve(world: World, name: string, how: 'retry' | 'skip'): void {
  const { agent } = unitOf(world, name);
  if (agent.step.kind !== 'failed') throw new Refused('unit is not in error state');
  agent.resolved = how;
  agent.failures = 0;
}
