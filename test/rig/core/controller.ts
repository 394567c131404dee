/** What the controller does by itself as time goes on: elections, and tidying up after the last unit of something. */
import {
  type Application,
  applicationOf,
  otherEnd,
  relationsOf,
  type Unit,
  unitsOf,
  type World,
} from './world.ts';

/** Elects where nobody leads, and takes leadership from agents that are silent for too long (fact 18). */
export function elect(world: World, now: number): void {
  for (const application of world.applications.values()) {
    const leader = application.leader === undefined ? undefined : world.units.get(application.leader);
    if (leader !== undefined && isSilent(world, leader, now)) {
      leader.agent.elected = false;
      application.leader = undefined;
      application.leaderFreeAt = now;
    }
    if (application.leader === undefined && now >= application.leaderFreeAt) electOne(world, application);
  }
}

function isSilent(world: World, { agent }: Unit, now: number): boolean {
  return agent.state.kind === 'down' && now - agent.state.since >= world.tempo.leaderSilent;
}

function electOne(world: World, application: Application): void {
  const next = unitsOf(world, application.name).find(
    ({ agent, life }) => agent.state.kind === 'up' && life === 'alive',
  );
  if (next !== undefined) application.leader = next.name;
}

/** The unit has run its last hook. */
export function unitGone(world: World, unit: Unit, now: number): void {
  world.units.delete(unit.name);
  const application = applicationOf(world, unit.application);
  if (application.leader === unit.name) {
    application.leader = undefined;
    application.leaderFreeAt = now + world.tempo.leaderGone;
  }
  for (const relation of relationsOf(world, unit.application)) {
    relation.members.delete(unit.name);
    if (relation.life === 'dying' && relation.members.size === 0) world.relations.delete(relation.id);
  }
  for (const secret of world.secrets.values()) {
    secret.consumers.delete(unit.name);
    if (secret.owner.kind === 'unit' && secret.owner.unit === unit.name) world.secrets.delete(secret.id);
  }
  for (const storage of world.storage.values())
    if (storage.unit === unit.name) world.storage.delete(storage.id);
  if (application.life === 'dying' && unitsOf(world, application.name).length === 0) {
    applicationGone(world, application);
  }
}

function applicationGone(world: World, { name }: Application): void {
  world.applications.delete(name);
  for (const relation of world.relations.values()) {
    if (otherEnd(relation, name)?.application === name) world.relations.delete(relation.id);
  }
  for (const secret of world.secrets.values()) {
    if (secret.owner.kind === 'application' && secret.owner.application === name) {
      world.secrets.delete(secret.id);
    }
  }
}
