/** The events of relations, one unit's view of them: created, joined, changed, departed, broken. */
import type { FakeEvent } from '@lpbuildbot/juju/testing';
import { type KnownRelation, otherEnd, type Relation, relationsOf, type Unit, type World } from './world.ts';

type RelationEvent = Extract<FakeEvent, { kind: 'relation' }>;

/** relation-created comes as soon as the unit is installed, before anything else of it. */
export function relationToCreate(world: World, unit: Unit): RelationEvent | undefined {
  if (unit.life === 'dying') return undefined;
  const relation = relationsOf(world, unit.application).find(
    ({ id, life }) => life === 'alive' && !unit.agent.relations.has(id),
  );
  return relation === undefined ? undefined : eventOf(unit, relation, 'created');
}

export function nextRelationEvent(world: World, unit: Unit): RelationEvent | undefined {
  for (const [id, known] of unit.agent.relations) {
    const relation = world.relations.get(id);
    const event = relation === undefined ? undefined : nextOf(unit, relation, known);
    if (event !== undefined) return event;
  }
  return undefined;
}

function nextOf(unit: Unit, relation: Relation, known: KnownRelation): RelationEvent | undefined {
  const ending = unit.life === 'dying' || relation.life === 'dying';
  const remote = otherEnd(relation, unit.application)?.application ?? '';
  const there = ending ? [] : remoteMembers(unit, relation);
  const joined = [...known.units].find(([, version]) => version < 0);
  if (joined !== undefined) return eventOf(unit, relation, 'changed', { remoteUnit: joined[0] });
  if (
    !ending &&
    (relation.applications.get(remote)?.version ?? 0) !== (known.applications.get(remote) ?? 0)
  ) {
    return eventOf(unit, relation, 'changed');
  }
  for (const name of [...new Set([...known.units.keys(), ...there])].sort()) {
    const seen = known.units.get(name);
    if (!there.includes(name)) {
      const departingUnit = unit.life === 'dying' ? unit.name : name;
      return eventOf(unit, relation, 'departed', { remoteUnit: name, departingUnit });
    }
    if (seen === undefined) return eventOf(unit, relation, 'joined', { remoteUnit: name });
    if (seen !== (relation.units.get(name)?.version ?? 0)) {
      return eventOf(unit, relation, 'changed', { remoteUnit: name });
    }
  }
  return ending ? eventOf(unit, relation, 'broken') : undefined;
}

function remoteMembers(unit: Unit, relation: Relation): string[] {
  const remote = otherEnd(relation, unit.application)?.application ?? '';
  return [...relation.members].filter((name) => name !== unit.name && applicationName(name) === remote);
}

export function applicationName(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

function eventOf(
  unit: Unit,
  relation: Relation,
  what: RelationEvent['what'],
  subject: { readonly remoteUnit?: string; readonly departingUnit?: string } = {},
): RelationEvent {
  const own = relation.ends.find(({ application }) => application === unit.application);
  const remote = otherEnd(relation, unit.application)?.application ?? '';
  // In broken Juju names it for some units and not for others (fact 11).
  const unnamed = what === 'broken' && Number(unit.name.slice(unit.name.lastIndexOf('/') + 1)) % 2 === 0;
  return {
    kind: 'relation',
    hook: `${own?.endpoint}-relation-${what}`,
    what,
    relation: relation.id,
    remoteApplication: unnamed ? '' : remote,
    remoteUnit: subject.remoteUnit ?? '',
    departingUnit: subject.departingUnit ?? '',
  };
}
