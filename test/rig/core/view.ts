/**
 * The model as one unit's hook sees it, in the form that the fake hook tools work on. Settings, leadership and own databags are as of
 * the hook's start; others' databags come from the agent's cache, and are fetched at their first read (facts 8 and 10).
 */
import type { RelationState, SecretState, State } from '@lpbuildbot/juju/testing';
import { applicationName } from './relation-events.ts';
import { manages, mayRead } from './secret-events.ts';
import {
  applicationOf,
  type Databag,
  otherEnd,
  type Relation,
  type Secret,
  type Unit,
  unitsOf,
  type World,
} from './world.ts';

export function viewOf(world: World, unit: Unit): State {
  const application = applicationOf(world, unit.application);
  const place = world.addresses.get(unit.machine) ?? { address: '127.0.0.1', subnet: '127.0.0.0/8' };
  const others = unitsOf(world, unit.application).filter(({ name }) => name !== unit.name);
  const neighbours = [...world.units.values()].filter(
    ({ name, machine }) => machine === unit.machine && name !== unit.name,
  );
  return {
    unit: unit.name,
    leader: application.leader === unit.name,
    config: Object.fromEntries(application.config),
    relations: [...unit.agent.relations.keys()].flatMap((id) => {
      const relation = world.relations.get(id);
      return relation === undefined ? [] : [relationView(world, unit, relation)];
    }),
    secrets: [...world.secrets.values()].map((secret) => secretView(world, unit, secret)),
    storage: [...world.storage.values()].filter((storage) => storage.unit === unit.name),
    resources: Object.fromEntries(
      [...application.resources.keys()].map((name) => [
        name,
        resourcePath(unit, application.charm.resources[name] ?? name),
      ]),
    ),
    openedPorts: unit.openedPorts,
    portsOfOthers: Object.fromEntries(
      neighbours.map(({ name, openedPorts }) => [name, openedPorts.map(({ port }) => port)]),
    ),
    status: unit.status,
    applicationStatus: application.status,
    workloadVersion: unit.workloadVersion,
    stored: unit.stored,
    otherUnits: Object.fromEntries(others.map((other) => [other.name, goalStatus(other)])),
    network: { ...place, egress: `${place.address}/32` },
    cloud: undefined,
    model: world.model,
    jujuVersion: '4.0.14',
    charmDirectory: charmDirectory(unit.name),
  };
}

export function agentDirectory(unit: string): string {
  return `/var/lib/juju/agents/unit-${unit.replace('/', '-')}`;
}

export function charmDirectory(unit: string): string {
  return `${agentDirectory(unit)}/charm`;
}

export function resourcePath(unit: Unit, filename: string): string {
  return `${agentDirectory(unit.name)}/resources/${filename}`;
}

const shown = ['maintenance', 'blocked', 'waiting', 'active'] as const;

function goalStatus({ life, status }: Unit): State['otherUnits'][string] {
  if (life === 'dying') return 'dying';
  return shown.find((known) => known === status.status) ?? 'unknown';
}

function relationView(world: World, unit: Unit, relation: Relation): RelationState {
  const remote = otherEnd(relation, unit.application) ?? { application: '', endpoint: '' };
  const own = relation.ends.find(({ application }) => application === unit.application);
  const known = unit.agent.relations.get(relation.id);
  const present = [...(known?.units.keys() ?? [])];
  const departed = [...relation.units.keys()].filter(
    (name) => name !== unit.name && applicationName(name) === remote.application && !present.includes(name),
  );
  const cached = (names: readonly string[]): Record<string, Databag> =>
    lazy(names, (name) =>
      throughCache(unit, `${relation.id} ${name}`, () => relation.units.get(name)?.data ?? {}),
    );
  return {
    id: relation.id,
    endpoint: own?.endpoint ?? '',
    remoteApplication: remote.application,
    remoteEndpoint: remote.endpoint,
    remoteUnits: cached(present),
    departedUnits: cached(departed),
    get remoteApplicationData() {
      return throughCache(
        unit,
        `${relation.id} ${remote.application}`,
        () => relation.applications.get(remote.application)?.data ?? {},
      );
    },
    unitData: relation.units.get(unit.name)?.data ?? addressesOf(world, unit),
    applicationData: relation.applications.get(unit.application)?.data ?? {},
    modelUuid: world.model.uuid,
  };
}

function throughCache(unit: Unit, key: string, fetch: () => Databag): Databag {
  const known = unit.agent.cache.get(key);
  if (known !== undefined) return known;
  const fetched = fetch();
  unit.agent.cache.set(key, fetched);
  return fetched;
}

function lazy(names: readonly string[], read: (name: string) => Databag): Record<string, Databag> {
  const result: Record<string, Databag> = {};
  for (const name of names) {
    Object.defineProperty(result, name, { enumerable: true, configurable: true, get: () => read(name) });
  }
  return result;
}

/** What Juju puts into a unit's databag when it enters a relation. */
export function addressesOf(world: World, unit: Unit): Databag {
  const address = world.addresses.get(unit.machine)?.address ?? '127.0.0.1';
  return { 'egress-subnets': `${address}/32`, 'ingress-address': address };
}

function secretView(world: World, unit: Unit, secret: Secret): SecretState {
  const consumer = secret.consumers.get(unit.name);
  const own =
    secret.owner.kind === 'unit'
      ? secret.owner.unit === unit.name
      : secret.owner.kind === 'application' && secret.owner.application === unit.application;
  return {
    id: secret.id,
    owner: own ? (secret.owner.kind === 'unit' ? 'unit' : 'application') : 'elsewhere',
    label:
      own && (manages(world, unit, secret) || consumer?.label === undefined)
        ? secret.label
        : (consumer?.label ?? ''),
    description: secret.description,
    rotation: secret.rotation,
    expiry: secret.expiry,
    rotates: secret.rotates === undefined ? undefined : new Date(secret.rotates).toISOString(),
    revisions: secret.revisions,
    tracked: consumer?.tracked,
    access: mayRead(unit, secret) ? 'granted' : 'denied',
    grants: secret.grants.flatMap(({ target, relation }) =>
      relation === undefined ? [] : [{ target, relation }],
    ),
  };
}
