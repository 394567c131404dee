/** What shows the model: status, show-unit, storage. */
import { relationLines } from '../core/status.ts';
import type { FullStatus } from '../core/status-shape.ts';
import { applicationOf, otherEnd, relationsOf, type Unit, unitOf, type World } from '../core/world.ts';
import { Failure } from './console.ts';
import { goJson, goYaml, row, sorted, table } from './go-text.ts';
import { type Command, colourOptions, formatOf, formatOptions, inform, noMore } from './session.ts';
import { statusTable, storageRows } from './status-table.ts';

const tableOnly = ['integrations', 'relations', 'storage'];

export const status: Command = {
  about: 'the model',
  options: {
    ...formatOptions,
    ...colourOptions,
    utc: 'switch',
    integrations: 'switch',
    relations: 'switch',
    storage: 'switch',
    'retry-count': 'value',
    'retry-delay': 'value',
  },
  run({ ground }, line, caller) {
    const format = formatOf(line, 'tabular', ['json', 'yaml', 'short', 'oneline', 'line', 'summary']);
    if (format !== 'tabular' && format !== 'json' && format !== 'yaml') {
      throw new Failure(`the rig's juju cannot print the format "${format}"`, 2);
    }
    const given = tableOnly.filter((name) => line.has(name));
    if (format !== 'tabular' && given.length > 0) {
      const are = given.length === 1 ? 'option is' : 'options are';
      inform(line, caller, `provided ${given.join(', ')} ${are} always enabled in non tabular formats`);
    }
    const all = chosen(ground.status(), line.words);
    const relations = line.on('relations') || line.on('integrations');
    if (format === 'json') caller.out(goJson(sortedNames(all)));
    else if (format === 'yaml') caller.out(goYaml(sortedNames(all)));
    else {
      caller.out(
        statusTable(all, {
          relations: relations ? shownRelations(ground.world, all) : undefined,
          storage: line.on('storage') ? 'shown' : 'hidden',
        }),
      );
    }
    if (Object.keys(all.machines).length + Object.keys(all.applications).length > 0) return;
    if (line.words.length === 0) inform(line, caller, `\nModel "admin/${all.model.name}" is empty.`);
    else inform(line, caller, `Nothing matched specified filter${line.words.length === 1 ? '' : 's'}.`);
  },
};

/** What the words choose: applications and units, with what is related to them left out. */
function chosen(all: FullStatus, words: readonly string[]): FullStatus {
  if (words.length === 0) return all;
  const applications = Object.fromEntries(
    Object.entries(all.applications).flatMap(([name, application]) => {
      if (words.includes(name)) return [[name, application]];
      const units = Object.entries(application.units ?? {}).filter(([unit]) => words.includes(unit));
      return units.length === 0 ? [] : [[name, { ...application, units: Object.fromEntries(units) }]];
    }),
  );
  const used = new Set(
    Object.values(applications).flatMap(({ units = {} }) =>
      Object.values(units).map(({ machine }) => machine),
    ),
  );
  const machines = Object.fromEntries(Object.entries(all.machines).filter(([id]) => used.has(id)));
  return { ...all, applications, machines };
}

function shownRelations(world: World, { applications }: FullStatus): ReturnType<typeof relationLines> {
  const there = ([application = '']: string[]): boolean => applications[application] !== undefined;
  return relationLines(world).filter(
    ({ provider, requirer }) => there(provider.split(':')) || there(requirer.split(':')),
  );
}

/** Maps of names are sorted, as Go writes them; the fields of each keep their order. */
function sortedNames(all: FullStatus): FullStatus {
  const byName = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(map).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return { ...all, machines: byName(all.machines), applications: byName(all.applications) };
}

export const showUnit: Command = {
  about: 'the model',
  options: { ...formatOptions, endpoint: 'value', 'related-unit': 'value', app: 'switch' },
  run({ ground }, line, caller) {
    const format = formatOf(line, 'yaml', ['json', 'smart']);
    if (line.words.length === 0) throw new Failure('an unit name must be supplied', 2);
    const wrong = line.words.filter((word) => !/^[a-z][a-z0-9-]*\/\d+$/.test(word));
    if (wrong.length > 0) {
      throw new Failure(`unit name${wrong.length === 1 ? '' : 's'} ${wrong.join(', ')} not valid`, 2);
    }
    const filter = {
      endpoint: line.text('endpoint'),
      unit: line.text('related-unit'),
      only: line.on('app') ? ('application' as const) : undefined,
    };
    const units = line.words.map((name) => [
      name,
      unitInfo(ground.world, unitOf(ground.world, name), filter),
    ]);
    const shown = Object.fromEntries(units);
    caller.out(format === 'json' ? goJson(shown) : goYaml(withoutEmpty(shown)));
  },
};

interface Filter {
  readonly endpoint: string | undefined;
  readonly unit: string | undefined;
  readonly only: 'application' | undefined;
}

function unitInfo(world: World, unit: Unit, filter: Filter): Record<string, unknown> {
  const { charm, revision, leader } = applicationOf(world, unit.application);
  const address = world.addresses.get(unit.machine)?.address;
  const relations = relationsOf(world, unit.application).flatMap((relation) => {
    const own = relation.ends.find(({ application }) => application === unit.application);
    const other = otherEnd(relation, unit.application);
    if (filter.endpoint !== undefined && own?.endpoint !== filter.endpoint) return [];
    const bag = (name: string): unknown => ({
      'in-scope': relation.members.has(name),
      data: sorted(relation.units.get(name)?.data ?? {}),
    });
    const related = [...relation.members].filter(
      (name) =>
        name !== unit.name &&
        world.units.get(name)?.application === other?.application &&
        (filter.unit === undefined || filter.unit === name),
    );
    const peer = relation.ends.length === 1 && relation.units.has(unit.name);
    return [
      {
        'relation-id': relation.id,
        endpoint: own?.endpoint,
        'related-endpoint': other?.endpoint,
        'application-data': sorted(relation.applications.get(other?.application ?? '')?.data ?? {}),
        'local-unit': peer && filter.only === undefined ? bag(unit.name) : { 'in-scope': false, data: null },
        ...(filter.only === undefined &&
          related.length > 0 && {
            'related-units': Object.fromEntries(related.toSorted().map((name) => [name, bag(name)])),
          }),
      },
    ];
  });
  return {
    ...(unit.workloadVersion !== '' && { 'workload-version': unit.workloadVersion }),
    machine: unit.machine,
    'opened-ports': unit.openedPorts.length === 0 ? null : unit.openedPorts.map(({ port }) => port),
    ...(address !== undefined && { 'public-address': address }),
    charm: `local:${charm.charmcraft.name}-${revision}`,
    leader: leader === unit.name,
    life: unit.life,
    ...(relations.length > 0 && { 'relation-info': relations }),
  };
}

/** YAML leaves out a local unit that is empty, and writes no list as an empty one; JSON does neither. */
function withoutEmpty(shown: Readonly<Record<string, Record<string, unknown>>>): unknown {
  return JSON.parse(JSON.stringify(shown), (key, value) => {
    if (key === 'opened-ports') return value ?? [];
    if (key === 'local-unit' && value.data === null) return undefined;
    return value;
  });
}

export const storage: Command = {
  about: 'the model',
  options: { ...formatOptions, filesystem: { not: 'switch' }, volume: { not: 'switch' } },
  run({ ground }, line, caller) {
    noMore(line.words);
    const format = formatOf(line, 'tabular', ['json', 'yaml']);
    const { storage: shown } = ground.status();
    if (format === 'json') caller.out(goJson(shown));
    else if (format === 'yaml') caller.out(goYaml(shown));
    else if (Object.keys(shown.storage ?? {}).length === 0) inform(line, caller, 'No storage to display.');
    else {
      const rows = storageRows(shown).map(({ unit, id, kind, pool, size, status }) =>
        row(unit, id, kind, pool, size, status, ''),
      );
      caller.out(table([row('Unit', 'Storage ID', 'Type', 'Pool', 'Size', 'Status', 'Message'), ...rows]));
    }
  },
};
