/** Relations: relation-ids, relation-list, relation-get, relation-set, relation-model-get. */
import type { Databag } from '../../src/databag.ts';
import type { RelationState } from '../state.ts';
import { type Arguments, atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import { applicationName, type Hook, relationOf } from './hook.ts';
import { changesOf } from './key-values.ts';
import type { FakeTools } from './tool.ts';

const relationFlags = { '-r': 'value', '--relation': 'value' } as const;
const unitPattern = /^[a-z][a-z0-9-]*\/\d+$/;
const applicationPattern = /^[a-z][a-z0-9-]*$/;

export const databagTools: FakeTools = {
  'relation-ids': {
    flags: formatFlags,
    run: (hook, args) => {
      const current = hook.event.kind === 'relation' ? hook.event.hook.split('-relation-')[0] : undefined;
      const name = args.rest[0] ?? current;
      if (name === undefined) misuse('no endpoint name specified');
      atMost(args.rest, 1);
      const ids = hook.base.relations
        .filter(({ endpoint }) => endpoint === name)
        .map(({ id }) => `${name}:${id}`);
      return formatted(args, ids.sort());
    },
  },
  'relation-list': {
    flags: { ...formatFlags, ...relationFlags, '--app': 'switch' },
    run: (hook, args) => {
      const relation = relationOf(hook, args.flags);
      atMost(args.rest, 0);
      if (isOn(args, '--app')) return formatted(args, relation.remoteApplication);
      return formatted(args, listedUnits(hook, relation));
    },
  },
  'relation-get': {
    flags: { ...formatFlags, ...relationFlags, '--app': 'switch' },
    run: (hook, args) => {
      const relation = relationOf(hook, args.flags);
      const owner = ownerOf(hook, args);
      atMost(args.rest, 2);
      const data = databagOf(hook, relation, owner);
      const [key = '-'] = args.rest;
      return formatted(args, key === '-' || key === '' ? sorted(data) : data[key]);
    },
  },
  'relation-set': {
    flags: { ...relationFlags, '--app': 'switch', '--file': 'value', '--format': 'value' },
    run: (hook, args, stdin) => {
      const relation = relationOf(hook, args.flags);
      const changes = changesOf(hook, args, stdin);
      const app = isOn(args, '--app');
      if (app && !hook.base.leader) refuse('cannot write relation settings');
      const bags = app ? hook.later.applicationData : hook.later.unitData;
      const merged = Object.entries({ ...bags.get(relation.id), ...changes() });
      bags.set(relation.id, Object.fromEntries(merged.filter(([, value]) => value !== '')));
      return '';
    },
  },
  'relation-model-get': {
    flags: { ...formatFlags, ...relationFlags },
    run: (hook, args) => {
      const relation = relationOf(hook, args.flags);
      atMost(args.rest, 0);
      return formatted(args, { uuid: relation.modelUuid });
    },
  },
};

/** The unit that departs is not listed any more, and in broken nobody is. */
function listedUnits({ event }: Hook, relation: RelationState): string[] {
  const ending = event.kind === 'relation' && event.relation === relation.id ? event : undefined;
  if (ending?.what === 'broken') return [];
  const gone = ending?.what === 'departed' ? ending.remoteUnit : undefined;
  return Object.keys(relation.remoteUnits)
    .filter((unit) => unit !== gone)
    .sort();
}

interface Owner {
  readonly kind: 'unit' | 'application';
  readonly name: string;
}

/** Whom relation-get is asked about, by the rules of Juju's `determineUnitOrAppName`. */
function ownerOf(hook: Hook, args: Arguments): Owner {
  const [, given] = args.rest;
  if (given !== undefined && isOn(args, '--app')) {
    return { kind: 'application', name: unitPattern.test(given) ? applicationName(given) : given };
  }
  if (given !== undefined) {
    if (unitPattern.test(given)) return { kind: 'unit', name: given };
    if (applicationPattern.test(given)) misuse(`expected unit name, got application name ${quoted(given)}`);
    misuse(`invalid unit name ${quoted(given)}`);
  }
  const { event } = hook;
  if (event.kind === 'relation') {
    if (!isOn(args, '--app') && event.remoteUnit !== '') return { kind: 'unit', name: event.remoteUnit };
    if (event.remoteApplication !== '') return { kind: 'application', name: event.remoteApplication };
  }
  return misuse('no unit or application specified');
}

/**
 * Own databags with what this hook wrote, others' as the hook began. A unit that is not leader reads its application's databag as
 * well: Juju's documentation denies it, Juju 4.0.14 does it, in peer relations and in others.
 */
function databagOf(hook: Hook, relation: RelationState, { kind, name }: Owner): Databag {
  const own = applicationName(hook.base.unit);
  if (kind === 'unit') {
    if (name === hook.base.unit) return hook.later.unitData.get(relation.id) ?? {};
    return relation.remoteUnits[name] ?? relation.departedUnits[name] ?? refuse('relation unit not found');
  }
  if (name === '') refuse(`${quoted(name)} is not a valid unit or application`);
  if (name === own)
    return (hook.base.leader ? hook.later.applicationData.get(relation.id) : relation.applicationData) ?? {};
  return name === relation.remoteApplication
    ? relation.remoteApplicationData
    : refuse(`getting application ${quoted(name)} not found`);
}
