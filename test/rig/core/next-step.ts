/**
 * What the agent of a unit does next: the order of Juju's own resolvers (internal/worker/uniter/resolver.go), as the recordings of a
 * real controller show it. Pure: it reads the world and changes nothing.
 */
import type { FakeEvent } from '@lpbuildbot/juju/testing';
import { nextRelationEvent, relationToCreate } from './relation-events.ts';
import { nextSecretEvent } from './secret-events.ts';
import { applicationOf, type Unit, type World } from './world.ts';

export type NextStep =
  /** `upgrade`: the new charm is unpacked before. */
  | { readonly kind: 'hook'; readonly event: FakeEvent; readonly upgrade: boolean }
  | { readonly kind: 'task'; readonly task: string }
  /** `juju resolve --no-retry`: the failed hook counts as done. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'nothing' }
  /** The unit has run its last hook. */
  | { readonly kind: 'gone' };

const nothing: NextStep = { kind: 'nothing' };

export function nextStep(world: World, unit: Unit, now: number): NextStep {
  const { agent } = unit;
  if (agent.removed) return { kind: 'gone' };
  if (agent.state.kind === 'down' || agent.step.kind === 'running') return nothing;
  if (agent.step.kind === 'idle') {
    const early = earlyEvent(world, unit, now);
    if (early !== undefined) return hook(early);
  }
  const task = [...world.tasks.values()].find((one) => one.unit === unit.name && one.state === 'pending');
  if (task !== undefined) return { kind: 'task', task: task.id };
  switch (agent.step.kind) {
    case 'failed':
      if (agent.resolved === 'skip') return { kind: 'skip' };
      if (agent.resolved === 'retry') return hook(agent.step.event);
      return world.retryHooks === 'automatic' && now >= agent.step.retry ? hook(agent.step.event) : nothing;
    case 'killed':
      return now >= agent.step.again ? hook(agent.step.event) : nothing;
    case 'queued':
      return hook(agent.step.event);
    case 'idle':
      return idleStep(world, unit, now);
  }
}

/** What goes before actions. */
function earlyEvent(world: World, unit: Unit, now: number): FakeEvent | undefined {
  const { agent } = unit;
  if (agent.rebooted && agent.started) return plain('start');
  if (!agent.installed) return undefined;
  const created = relationToCreate(world, unit);
  if (created !== undefined) return created;
  if (applicationOf(world, unit.application).leader === unit.name && !agent.elected)
    return plain('leader-elected');
  return agent.started ? nextSecretEvent(world, unit, now) : undefined;
}

function idleStep(world: World, unit: Unit, now: number): NextStep {
  const { agent } = unit;
  const storage = storageEvent(world, unit);
  if (storage !== undefined) return hook(storage);
  if (unit.life === 'dying') {
    if (!agent.installed) return { kind: 'gone' };
    const relation = nextRelationEvent(world, unit);
    if (relation !== undefined) return hook(relation);
    return agent.started && !agent.stopped ? hook(plain('stop')) : hook(plain('remove'));
  }
  if (!agent.installed) return hook(plain('install'));
  const application = applicationOf(world, unit.application);
  if (agent.charmVersion !== application.charmVersion) {
    return { kind: 'hook', event: plain('upgrade-charm'), upgrade: true };
  }
  if (reportsAt(application.reports, now) > agent.reportsSeen) return hook(plain('config-changed'));
  if (!agent.started) return nothing;
  const relation = nextRelationEvent(world, unit);
  if (relation !== undefined) return hook(relation);
  return now >= agent.nextUpdateStatus ? hook(plain('update-status')) : nothing;
}

/** How many changes the agents have been told of. */
export function reportsAt(reports: readonly number[], now: number): number {
  return reports.filter((time) => time <= now).length;
}

function storageEvent(world: World, unit: Unit): FakeEvent | undefined {
  for (const storage of world.storage.values()) {
    if (storage.unit !== unit.name) continue;
    const known = unit.agent.storage.get(storage.id);
    const what = storage.life === 'alive' ? 'attached' : 'detaching';
    if (storage.life === 'dying' ? known === 'attached' : known === undefined) {
      const name = storage.id.slice(0, storage.id.lastIndexOf('/'));
      return { kind: 'storage', hook: `${name}-storage-${what}`, what, storage: storage.id };
    }
  }
  return undefined;
}

function hook(event: FakeEvent): NextStep {
  return { kind: 'hook', event, upgrade: false };
}

export function plain(name: string): FakeEvent {
  return { kind: 'hook', hook: name };
}
