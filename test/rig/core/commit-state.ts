/** Carries what a hook did from its view into the model: what takes effect whatever becomes of it, and what waits for its end. */
import { isDeepStrictEqual } from 'node:util';
import type { RelationState, SecretState, State } from '@lpbuildbot/juju/testing';
import { manages, rotationMilliseconds } from './secret-events.ts';
import { applicationOf, type Databag, type Secret, type Unit, type Versioned, type World } from './world.ts';

/** Statuses, the version, and which revisions of secrets are read. Called during the hook as well: `juju status` shows it. */
export function keepState(world: World, unit: Unit, before: State, after: State): void {
  unit.status = after.status;
  unit.workloadVersion = after.workloadVersion;
  const application = applicationOf(world, unit.application);
  if (!isDeepStrictEqual(after.applicationStatus, before.applicationStatus)) {
    application.status = after.applicationStatus;
  }
  for (const shown of after.secrets) {
    const secret = world.secrets.get(shown.id);
    const was = before.secrets.find(({ id }) => id === shown.id);
    if (secret === undefined || was === undefined || shown.tracked === undefined) continue;
    if (shown.tracked === was.tracked && shown.label === was.label) continue;
    const told = secret.consumers.get(unit.name)?.told ?? secret.revisions.at(-1)?.revision ?? 0;
    secret.consumers.set(unit.name, { tracked: shown.tracked, label: shown.label, told });
  }
}

export function commitState(world: World, unit: Unit, before: State, after: State, now: number): void {
  unit.stored = after.stored;
  unit.openedPorts = after.openedPorts;
  for (const shown of after.relations) commitDatabags(world, unit, before, shown);
  commitSecrets(world, unit, before, after, now);
  const there = new Set(before.storage.map(({ id }) => id));
  for (const { id } of after.storage) {
    if (!there.has(id)) addStorage(world, unit, id.slice(0, id.lastIndexOf('/')));
  }
}

/** A new storage of that name; its attached event follows. */
export function addStorage(world: World, unit: Unit, name: string): void {
  const number = world.next.storage++;
  const id = `${name}/${number}`;
  const { charm } = applicationOf(world, unit.application);
  const most = charm.charmcraft.storage[name]?.most ?? 1;
  const mounted = charm.storage[name]?.location;
  const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const location =
    mounted === undefined ? `/var/lib/juju/storage/${uuid}` : most > 1 ? `${mounted}/${number}` : mounted;
  world.storage.set(id, { id, unit: unit.name, location, life: 'alive' });
}

function commitDatabags(world: World, unit: Unit, before: State, shown: RelationState): void {
  const relation = world.relations.get(shown.id);
  const was = before.relations.find(({ id }) => id === shown.id);
  if (relation === undefined || was === undefined) return;
  write(relation.units, unit.name, was.unitData, shown.unitData);
  write(relation.applications, unit.application, was.applicationData, shown.applicationData);
}

/** A databag that is as it was makes no event (scenarios 33 and 34). */
function write(bags: Map<string, Versioned>, name: string, was: Databag, is: Databag): void {
  if (isDeepStrictEqual({ ...was }, { ...is })) return;
  bags.set(name, { version: (bags.get(name)?.version ?? 0) + 1, data: is });
}

function commitSecrets(world: World, unit: Unit, before: State, after: State, now: number): void {
  const left = new Set(after.secrets.map(({ id }) => id));
  for (const { id } of before.secrets) if (!left.has(id)) world.secrets.delete(id);
  for (const shown of after.secrets) {
    const was = before.secrets.find(({ id }) => id === shown.id);
    if (was === undefined) world.secrets.set(shown.id, created(unit, shown, now));
    else changeSecret(world, unit, was, shown, now);
  }
}

function created(unit: Unit, shown: SecretState, now: number): Secret {
  return {
    id: shown.id,
    owner:
      shown.owner === 'unit'
        ? { kind: 'unit', unit: unit.name }
        : { kind: 'application', application: unit.application },
    name: '',
    label: shown.label,
    description: shown.description,
    rotation: shown.rotation,
    expiry: shown.expiry,
    rotates: rotates(shown.rotation, now),
    revisions: shown.revisions,
    grants: shown.grants,
    consumers: new Map(),
    obsolete: new Set(),
  };
}

function rotates(rotation: string, now: number): number | undefined {
  return rotation === 'never' ? undefined : now + rotationMilliseconds(rotation);
}

function changeSecret(world: World, unit: Unit, was: SecretState, shown: SecretState, now: number): void {
  const secret = world.secrets.get(shown.id);
  if (secret === undefined || !manages(world, unit, secret)) return;
  if (shown.label !== was.label) secret.label = shown.label;
  if (shown.description !== was.description) secret.description = shown.description;
  if (shown.expiry !== was.expiry) secret.expiry = shown.expiry;
  if (shown.rotation !== was.rotation) {
    secret.rotation = shown.rotation;
    secret.rotates = rotates(shown.rotation, now);
  }
  if (!isDeepStrictEqual(shown.revisions, was.revisions)) secret.revisions = shown.revisions;
  if (!isDeepStrictEqual(shown.grants, was.grants)) secret.grants = shown.grants;
}
