/**
 * What a test may not assume: states that Juju never has, and events that it never sends in them. One function for each rule;
 * all violations are told at once.
 */
import { applicationOf, unitNameSchema } from '../src/names.ts';
import type { Charmcraft } from './charmcraft.ts';
import type { FakeEvent } from './events.ts';
import type { State } from './state.ts';

interface World {
  readonly charm: Charmcraft;
  readonly state: State;
  readonly event: FakeEvent;
}

type Rule = (world: World) => readonly string[];

const rules: readonly Rule[] = [
  unitIsOfTheCharm,
  settingsAreDeclared,
  settingsHaveTheirType,
  endpointsAreDeclared,
  relationNumbersAreUnique,
  peerRelationsAreWithin,
  remoteUnitsAreOfTheRemoteApplication,
  databagsHaveNoEmptyValues,
  statusesCanBe,
  secretsHaveIds,
  secretLabelsAreUnique,
  secretRevisionsRise,
  storageIsDeclared,
  storageIsWithinItsLimit,
  resourcesAreDeclared,
  portsHaveAForm,
  eventRelationIsThere,
  eventUnitIsThere,
  eventStorageIsThere,
  eventSecretIsThere,
  secretEventIsTheOwners,
  leaderElectedIsForLeaders,
  actionIsDeclared,
  actionParametersFit,
];

export function inconsistencies(charm: Charmcraft, state: State, event: FakeEvent): readonly string[] {
  return rules.flatMap((rule) => rule({ charm, state, event }));
}

function unitIsOfTheCharm({ state }: World): string[] {
  return unitNameSchema.safeParse(state.unit).success ? [] : [`"${state.unit}" is not the name of a unit`];
}

function settingsAreDeclared({ charm, state }: World): string[] {
  return Object.keys(state.config)
    .filter((name) => !Object.hasOwn(charm.options, name))
    .map((name) => `config: there is no option "${name}" in charmcraft.yaml`);
}

function settingsHaveTheirType({ charm, state }: World): string[] {
  return Object.entries(state.config).flatMap(([name, value]) => {
    const type = charm.options[name]?.type;
    const fits =
      type === undefined ||
      (type === 'int' && Number.isInteger(value)) ||
      (type === 'float' && typeof value === 'number') ||
      (type === 'secret' && typeof value === 'string' && /^secret:/.test(value)) ||
      typeof value === type;
    return fits ? [] : [`config: option "${name}" is of type ${type}, and ${JSON.stringify(value)} is not`];
  });
}

function endpointsAreDeclared({ charm, state }: World): string[] {
  return state.relations
    .filter(({ endpoint }) => !charm.endpoints.has(endpoint) && endpoint !== 'juju-info')
    .map(({ endpoint }) => `relations: there is no endpoint "${endpoint}" in charmcraft.yaml`);
}

function relationNumbersAreUnique({ state }: World): string[] {
  return repeated(state.relations.map(({ id }) => String(id))).map(
    (id) => `relations: two have the number ${id}; a model numbers its relations through`,
  );
}

function peerRelationsAreWithin({ charm, state }: World): string[] {
  const own = ownApplication(state);
  return state.relations
    .filter(({ endpoint }) => charm.endpoints.get(endpoint) === 'peer')
    .flatMap(({ endpoint, remoteApplication, remoteUnits, remoteApplicationData }) => [
      ...(remoteApplication === own
        ? []
        : [`${endpoint}: a peer relation is with ${own}, not with ${remoteApplication}`]),
      ...(Object.hasOwn(remoteUnits, state.unit) ? [`${endpoint}: ${state.unit} is not its own peer`] : []),
      ...(Object.keys(remoteApplicationData).length === 0
        ? []
        : [`${endpoint}: a peer relation has one application databag, applicationData`]),
    ]);
}

function remoteUnitsAreOfTheRemoteApplication({ state }: World): string[] {
  return state.relations.flatMap(({ endpoint, id, remoteApplication, remoteUnits }) =>
    Object.keys(remoteUnits)
      .filter((unit) => unit.slice(0, unit.lastIndexOf('/')) !== remoteApplication)
      .map((unit) => `${endpoint}:${id}: ${unit} is not a unit of ${remoteApplication}`),
  );
}

function databagsHaveNoEmptyValues({ state }: World): string[] {
  return state.relations.flatMap((relation) => {
    const { endpoint, id, unitData, applicationData, remoteApplicationData, remoteUnits } = relation;
    const bags = [unitData, applicationData, remoteApplicationData, ...Object.values(remoteUnits)];
    return bags
      .flatMap((bag) => Object.entries(bag))
      .filter(([key, value]) => value === '' || key === '')
      .map(([key]) => `${endpoint}:${id}: "${key}" is empty; setting a key to '' deletes it`);
  });
}

function statusesCanBe({ state }: World): string[] {
  const known = ['active', 'blocked', 'maintenance', 'waiting', 'unknown', 'error'];
  return [state.status.status, state.applicationStatus.status]
    .filter((status) => !known.includes(status))
    .map((status) => `status: "${status}" is none of ${known.join(', ')}`);
}

function secretsHaveIds({ state }: World): string[] {
  const ids = state.secrets.map(({ id }) => id);
  return [
    ...ids
      .filter((id) => !/^[0-9a-v]{20}$/.test(id))
      .map((id) => `secrets: "${id}" is not 20 characters of 0-9 and a-v`),
    ...repeated(ids).map((id) => `secrets: two have the ID ${id}`),
  ];
}

function secretLabelsAreUnique({ state }: World): string[] {
  const labels = state.secrets
    .filter(({ label }) => label !== '')
    .map(({ owner, label }) => `${owner} ${label}`);
  return repeated(labels).map((label) => `secrets: two have the owner and label ${label}`);
}

function secretRevisionsRise({ state }: World): string[] {
  return state.secrets.flatMap(({ id, revisions, tracked }) => {
    const numbers = revisions.map(({ revision }) => revision);
    const rise = numbers.length > 0 && numbers.every((number, index) => number > (numbers[index - 1] ?? 0));
    return [
      ...(rise ? [] : [`secrets: the revisions of ${id} do not rise from 1`]),
      ...(tracked === undefined || tracked <= (numbers.at(-1) ?? 0)
        ? []
        : [`secrets: revision ${tracked} of ${id} is tracked, and there is none`]),
    ];
  });
}

function storageIsDeclared({ charm, state }: World): string[] {
  return state.storage
    .filter(({ id }) => !Object.hasOwn(charm.storage, nameOf(id)))
    .map(({ id }) => `storage: "${id}" is of no storage in charmcraft.yaml`);
}

function storageIsWithinItsLimit({ charm, state }: World): string[] {
  const counts = Map.groupBy(state.storage, ({ id }) => nameOf(id));
  return [...counts]
    .filter(([name, instances]) => instances.length > (charm.storage[name]?.most ?? Number.POSITIVE_INFINITY))
    .map(
      ([name, instances]) => `storage: ${instances.length} of "${name}" are more than charmcraft.yaml allows`,
    );
}

function resourcesAreDeclared({ charm, state }: World): string[] {
  return Object.keys(state.resources)
    .filter((name) => !charm.resources.includes(name))
    .map((name) => `resources: there is no "${name}" in charmcraft.yaml`);
}

function portsHaveAForm({ state }: World): string[] {
  return [...state.openedPorts.map(({ port }) => port), ...Object.values(state.portsOfOthers).flat()]
    .filter((port) => !/^(?:icmp|\d+(?:-\d+)?\/(?:tcp|udp))$/.test(port))
    .map((port) => `ports: "${port}" is not of the form 80/tcp, 8000-8010/udp or icmp`);
}

function eventRelationIsThere({ state, event }: World): string[] {
  if (event.kind !== 'relation') return [];
  const found = state.relations.find(({ id }) => id === event.relation);
  if (found === undefined) return [`${event.hook}: there is no relation ${event.relation} in the state`];
  return event.hook.startsWith(`${found.endpoint}-relation-`)
    ? []
    : [`${event.hook}: relation ${event.relation} is of the endpoint ${found.endpoint}`];
}

function eventUnitIsThere({ state, event }: World): string[] {
  if (event.kind !== 'relation' || event.remoteUnit === '') return [];
  const units = state.relations.find(({ id }) => id === event.relation)?.remoteUnits ?? {};
  return Object.hasOwn(units, event.remoteUnit)
    ? []
    : [`${event.hook}: ${event.remoteUnit} is not among the relation's units`];
}

function eventStorageIsThere({ state, event }: World): string[] {
  if (event.kind !== 'storage' || state.storage.some(({ id }) => id === event.storage)) return [];
  return [`${event.hook}: there is no storage ${event.storage} in the state`];
}

function eventSecretIsThere({ state, event }: World): string[] {
  if (event.kind !== 'secret' || state.secrets.some(({ id }) => id === event.secret)) return [];
  return [`${event.hook}: there is no secret ${event.secret} in the state`];
}

function secretEventIsTheOwners({ state, event }: World): string[] {
  if (event.kind !== 'secret' || event.what === 'changed') return [];
  const owner = state.secrets.find(({ id }) => id === event.secret)?.owner;
  const owns = owner === undefined || owner === 'unit' || (owner === 'application' && state.leader);
  return owns ? [] : [`${event.hook} is only sent to the owner of the secret`];
}

function leaderElectedIsForLeaders({ state, event }: World): string[] {
  const elected = event.kind === 'hook' && event.hook === 'leader-elected';
  return elected && !state.leader ? ['leader-elected is only sent to the leader'] : [];
}

function actionIsDeclared({ charm, event }: World): string[] {
  return event.kind !== 'action' || Object.hasOwn(charm.actions, event.action)
    ? []
    : [`there is no action "${event.action}" in charmcraft.yaml`];
}

/** Juju refuses these before the action begins. */
function actionParametersFit({ charm, event }: World): string[] {
  if (event.kind !== 'action') return [];
  const declared = charm.actions[event.action];
  if (declared === undefined) return [];
  const { params, required, additionalProperties } = declared;
  const given = Object.entries(event.parameters);
  return [
    ...given
      .filter(([name]) => !additionalProperties && !Object.hasOwn(params, name))
      .map(([name]) => `action ${event.action} has no parameter "${name}"`),
    ...required
      .filter((name) => !Object.hasOwn(event.parameters, name))
      .map((name) => `action ${event.action} requires "${name}"`),
    ...given
      .filter(([name, value]) => !hasType(params[name]?.type, value))
      .map(([name]) => `action ${event.action}: "${name}" must be of type ${params[name]?.type}`),
  ];
}

function hasType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function ownApplication(state: State): string {
  const unit = unitNameSchema.safeParse(state.unit);
  return unit.success ? applicationOf(unit.data) : state.unit;
}

function nameOf(storage: string): string {
  return storage.slice(0, storage.lastIndexOf('/'));
}

function repeated(values: readonly string[]): string[] {
  return [...Map.groupBy(values, (value) => value)]
    .filter(([, same]) => same.length > 1)
    .map(([value]) => value);
}
