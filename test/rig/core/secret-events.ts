/** Which secret event a unit is due: expired and rotate at the owner, changed at whoever reads it, remove for revisions nobody reads. */
import type { FakeEvent } from '@lpbuildbot/juju/testing';
import { applicationOf, type Secret, type Unit, type World } from './world.ts';

type SecretEvent = Extract<FakeEvent, { kind: 'secret' }>;

export function nextSecretEvent(world: World, unit: Unit, now: number): SecretEvent | undefined {
  const secrets = [...world.secrets.values()];
  const own = secrets.filter((secret) => manages(world, unit, secret));
  for (const secret of own) {
    const revision = newest(secret);
    if (isExpired(world, unit, secret, now)) return eventOf('expired', secret, revision);
  }
  for (const secret of own) {
    if (secret.rotates !== undefined && secret.rotates <= now) return eventOf('rotate', secret);
  }
  for (const secret of secrets) {
    const consumer = secret.consumers.get(unit.name);
    if (consumer !== undefined && consumer.told < newest(secret) && mayRead(unit, secret)) {
      return eventOf('changed', secret);
    }
  }
  for (const secret of own) {
    const tracked = new Set([...secret.consumers.values()].map((consumer) => consumer.tracked));
    const unread = secret.revisions.find(
      ({ revision }) =>
        revision !== newest(secret) && !tracked.has(revision) && !secret.obsolete.has(revision),
    );
    if (unread !== undefined) return eventOf('remove', secret, unread.revision);
  }
  return undefined;
}

function isExpired(world: World, unit: Unit, secret: Secret, now: number): boolean {
  if (secret.expiry === undefined || Date.parse(secret.expiry) > now) return false;
  const last = unit.agent.expired.get(`${secret.id}/${newest(secret)}`);
  return last === undefined || now - last >= world.tempo.expiredAgain;
}

/** A unit its own secrets, the leader its application's. */
export function manages(world: World, unit: Unit, { owner }: Secret): boolean {
  switch (owner.kind) {
    case 'unit':
      return owner.unit === unit.name;
    case 'application':
      return (
        owner.application === unit.application && applicationOf(world, unit.application).leader === unit.name
      );
    case 'model':
      return false;
  }
}

export function mayRead(unit: Unit, { owner, grants }: Secret): boolean {
  if (owner.kind === 'unit' && owner.unit === unit.name) return true;
  if (owner.kind === 'application' && owner.application === unit.application) return true;
  const tags = [`application-${unit.application}`, `unit-${unit.name.replace('/', '-')}`];
  return grants.some(({ target }) => tags.includes(target));
}

export function newest({ revisions }: Secret): number {
  return revisions.at(-1)?.revision ?? 0;
}

function eventOf(what: SecretEvent['what'], { id }: Secret, revision?: number): SecretEvent {
  return { kind: 'secret', hook: `secret-${what}`, what, secret: id, revision };
}

const hour = 3_600_000;
const rotations: Readonly<Record<string, number>> = {
  hourly: hour,
  daily: 24 * hour,
  weekly: 7 * 24 * hour,
  monthly: 30 * 24 * hour,
  quarterly: 90 * 24 * hour,
  yearly: 365 * 24 * hour,
};

export function rotationMilliseconds(rotation: string): number {
  return rotations[rotation] ?? Number.POSITIVE_INFINITY;
}
