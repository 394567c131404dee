/** How the beginning and the end of a hook or an action change the model and the agent's memory. */
import type { FakeEvent, State } from '@lpbuildbot/juju/testing';
import { commitState, keepState } from './commit-state.ts';
import { plain, reportsAt } from './next-step.ts';
import { newest, rotationMilliseconds } from './secret-events.ts';
import { addressesOf } from './view.ts';
import { type AgentStep, applicationOf, type Task, type TaskResult, type Unit, type World } from './world.ts';

export type Ending =
  | { readonly kind: 'applied'; readonly before: State; readonly after: State }
  /** Another exit code than 0, or Juju refused what the hook wanted. */
  | { readonly kind: 'failed'; readonly before: State; readonly after: State }
  /** Its process got SIGKILL or SIGTERM. */
  | { readonly kind: 'killed'; readonly before: State; readonly after: State }
  /** `juju-reboot --now`: it is run again once the machine is back. */
  | { readonly kind: 'rebooting'; readonly before: State; readonly after: State };

export function beginHook(world: World, unit: Unit, event: FakeEvent, now: number): void {
  const { agent } = unit;
  agent.step = { kind: 'running', event, task: undefined, before: { kind: 'idle' } };
  agent.resolved = 'no';
  switch (event.kind) {
    case 'hook':
      beginPlain(world, unit, event.hook, now);
      return;
    case 'relation':
      beginRelation(world, unit, event);
      return;
    case 'secret': {
      const secret = world.secrets.get(event.secret);
      const consumer = secret?.consumers.get(unit.name);
      if (event.what === 'changed' && secret !== undefined && consumer !== undefined) {
        secret.consumers.set(unit.name, { ...consumer, told: newest(secret) });
      }
      if (event.what === 'expired') agent.expired.set(`${event.secret}/${event.revision}`, now);
      return;
    }
    case 'storage':
    case 'action':
  }
}

function beginPlain(world: World, unit: Unit, hook: string, now: number): void {
  const application = applicationOf(world, unit.application);
  if (hook === 'config-changed') unit.agent.reportsSeen = reportsAt(application.reports, now);
  if (hook === 'upgrade-charm') unit.agent.charmVersion = application.charmVersion;
  if (hook === 'install') {
    unit.agent.charmVersion = application.charmVersion;
    unit.status = { status: 'maintenance', message: 'installing charm software' };
  }
  if (hook === 'update-status') unit.agent.nextUpdateStatus = Number.POSITIVE_INFINITY;
  if (hook === 'stop') unit.status = { status: 'maintenance', message: 'stopping charm software' };
  if (hook === 'remove')
    unit.status = { status: 'maintenance', message: 'cleaning up prior to charm deletion' };
}

function beginRelation(world: World, unit: Unit, event: Extract<FakeEvent, { kind: 'relation' }>): void {
  const relation = world.relations.get(event.relation);
  if (relation === undefined) return;
  const { relations, cache } = unit.agent;
  if (event.what === 'created' && !relations.has(relation.id)) {
    relations.set(relation.id, { units: new Map(), applications: new Map() });
    relation.members.add(unit.name);
    if (!relation.units.has(unit.name)) {
      relation.units.set(unit.name, { version: 0, data: addressesOf(world, unit) });
    }
  }
  const known = relations.get(relation.id);
  if (event.what === 'joined') known?.units.set(event.remoteUnit, -1);
  if (event.what === 'changed' && event.remoteUnit !== '') {
    known?.units.set(event.remoteUnit, relation.units.get(event.remoteUnit)?.version ?? 0);
    cache.delete(`${relation.id} ${event.remoteUnit}`);
  }
  if (event.what === 'changed' && event.remoteUnit === '') {
    const application = event.remoteApplication;
    known?.applications.set(application, relation.applications.get(application)?.version ?? 0);
    cache.delete(`${relation.id} ${application}`);
  }
  // Not listed any more, still readable.
  if (event.what === 'departed') known?.units.delete(event.remoteUnit);
}

export function endHook(world: World, unit: Unit, event: FakeEvent, ending: Ending, now: number): void {
  const { agent } = unit;
  keepState(world, unit, ending.before, ending.after);
  switch (ending.kind) {
    case 'applied':
      commitState(world, unit, ending.before, ending.after, now);
      agent.step = { kind: 'idle' };
      finished(world, unit, event, now);
      return;
    case 'failed':
      failed(world, unit, event, now);
      return;
    case 'killed':
      agent.step = { kind: 'killed', event, again: now + world.tempo.killedAgain };
      return;
    case 'rebooting':
      agent.step = { kind: 'killed', event, again: now };
  }
}

function failed(world: World, unit: Unit, event: FakeEvent, now: number): void {
  const { firstRetry, longestRetry } = world.tempo;
  const wait = Math.min(firstRetry * 2 ** unit.agent.failures, longestRetry);
  unit.agent.failures += 1;
  unit.agent.step = { kind: 'failed', event, retry: now + wait };
}

/** `juju resolve --no-retry`. */
export function skipHook(world: World, unit: Unit, now: number): void {
  const { agent } = unit;
  if (agent.step.kind !== 'failed') return;
  const { event } = agent.step;
  agent.step = { kind: 'idle' };
  agent.resolved = 'no';
  finished(world, unit, event, now);
}

/** What a hook that is over leads to, applied or skipped. */
function finished(world: World, unit: Unit, event: FakeEvent, now: number): void {
  const { agent } = unit;
  switch (event.kind) {
    case 'hook':
      finishedPlain(world, unit, event.hook, now);
      return;
    case 'relation': {
      if (event.what !== 'broken') return;
      agent.relations.delete(event.relation);
      const relation = world.relations.get(event.relation);
      relation?.members.delete(unit.name);
      if (relation?.life === 'dying' && relation.members.size === 0) world.relations.delete(relation.id);
      return;
    }
    case 'storage':
      if (event.what === 'attached') agent.storage.set(event.storage, 'attached');
      else {
        agent.storage.delete(event.storage);
        world.storage.delete(event.storage);
      }
      return;
    case 'secret': {
      const secret = world.secrets.get(event.secret);
      if (event.what === 'remove' && event.revision !== undefined) secret?.obsolete.add(event.revision);
      if (event.what === 'rotate' && secret !== undefined)
        secret.rotates = now + rotationMilliseconds(secret.rotation);
      return;
    }
    case 'action':
  }
}

function finishedPlain(world: World, unit: Unit, hook: string, now: number): void {
  const { agent } = unit;
  switch (hook) {
    case 'install':
      agent.installed = true;
      return;
    case 'leader-elected':
      agent.elected = true;
      return;
    case 'upgrade-charm':
      agent.step = { kind: 'queued', event: plain('config-changed') };
      return;
    case 'config-changed':
      if (!agent.started) agent.step = { kind: 'queued', event: plain('start') };
      return;
    case 'start':
      agent.started = true;
      agent.rebooted = false;
      if (unit.status.message === 'installing charm software')
        unit.status = { status: 'unknown', message: '' };
      agent.nextUpdateStatus = now + world.tempo.updateStatus;
      return;
    case 'update-status':
      // Between 0.8 and 1.2 of the interval, no two alike (fact 14).
      agent.nextUpdateStatus = now + world.tempo.updateStatus * (0.8 + 0.4 * Math.random());
      return;
    case 'stop':
      agent.stopped = true;
      return;
    case 'remove':
      agent.removed = true;
  }
}

export function beginTask(unit: Unit, task: Task, event: FakeEvent): void {
  task.state = 'running';
  const before: AgentStep = unit.agent.step;
  unit.agent.step = { kind: 'running', event, task: task.id, before };
}

/** An action changes the model as a hook does, and never puts the unit into error. */
export function endTask(
  world: World,
  unit: Unit,
  task: Task,
  { ending, result }: { readonly ending: Ending; readonly result: TaskResult },
  now: number,
): void {
  keepState(world, unit, ending.before, ending.after);
  if (ending.kind === 'applied') commitState(world, unit, ending.before, ending.after, now);
  finishTask(unit, task, result);
}

function finishTask(unit: Unit, task: Task, result: TaskResult): void {
  if (unit.agent.step.kind === 'running') unit.agent.step = unit.agent.step.before;
  task.state = 'done';
  task.result = result;
}

/** The agent, or its machine, is gone. */
export function agentDown(unit: Unit, now: number): void {
  if (unit.agent.state.kind === 'up') unit.agent.state = { kind: 'down', since: now };
}

/** It is back: what was running has failed (fact 7), and what was only in memory is gone. */
export function agentUp(world: World, unit: Unit, how: 'booted' | 'restarted', now: number): void {
  const { agent } = unit;
  agent.state = { kind: 'up' };
  agent.failures = 0;
  agent.cache.clear();
  agent.expired.clear();
  if (how === 'booted') agent.rebooted = agent.started;
  const { step } = agent;
  if (step.kind === 'running') {
    const task = step.task === undefined ? undefined : world.tasks.get(step.task);
    if (task === undefined) failed(world, unit, step.event, now);
    else finishTask(unit, task, { status: 'failed', message: 'action terminated', results: {} });
  } else if (step.kind === 'failed') {
    agent.step = { ...step, retry: now + world.tempo.firstRetry };
  }
  agent.nextUpdateStatus = now + world.tempo.updateStatus;
}
