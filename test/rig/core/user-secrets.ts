/** Secrets of the model's user: add-secret, update-secret, grant-secret, revoke-secret. Only an update tells the units (fact 12). */
import { randomInt } from 'node:crypto';
import { applicationOf, type Databag, Refused, type Secret, type World } from './world.ts';

const characters = '0123456789abcdefghijklmnopqrstuv';

/** As Juju makes them: 20 characters of 0-9 and a-v. */
export function newSecretId(): string {
  return Array.from({ length: 20 }, () => characters[randomInt(characters.length)]).join('');
}

export function addUserSecret(world: World, name: string, content: Databag): string {
  if (named(world, name) !== undefined) throw new Refused(`secret with name "${name}" already exists`);
  const id = newSecretId();
  world.secrets.set(id, {
    id,
    owner: { kind: 'model' },
    name,
    label: '',
    description: '',
    rotation: 'never',
    expiry: undefined,
    rotates: undefined,
    revisions: [{ revision: 1, content }],
    grants: [],
    consumers: new Map(),
    obsolete: new Set(),
  });
  return `secret:${id}`;
}

export function updateUserSecret(world: World, name: string, content: Databag): void {
  const secret = existing(world, name);
  secret.revisions = [
    ...secret.revisions,
    { revision: (secret.revisions.at(-1)?.revision ?? 0) + 1, content },
  ];
}

export function grantUserSecret(world: World, name: string, application: string): void {
  const secret = existing(world, name);
  const target = `application-${applicationOf(world, application).name}`;
  if (!secret.grants.some((grant) => grant.target === target)) {
    secret.grants = [...secret.grants, { target, relation: undefined }];
  }
}

export function revokeUserSecret(world: World, name: string, application: string): void {
  const secret = existing(world, name);
  secret.grants = secret.grants.filter(({ target }) => target !== `application-${application}`);
}

function named(world: World, name: string): Secret | undefined {
  return [...world.secrets.values()].find((secret) => secret.owner.kind === 'model' && secret.name === name);
}

/** By its name, or by its URI with or without `secret:`. */
function existing(world: World, name: string): Secret {
  const byId = world.secrets.get(name.replace(/^secret:/, ''));
  const secret = byId?.owner.kind === 'model' ? byId : named(world, name);
  if (secret === undefined) throw new Refused(`secret "${name}" not found`);
  return secret;
}
