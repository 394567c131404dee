/**
 * What a hook does to secrets, kept until it ends, by the rules of Juju's own recorder (uniter/runner/context/secrets.go): what is
 * checked at once, what is seen in the same hook, and what comes out, or fails, at the end.
 */
import type { Databag } from '../../src/databag.ts';
import type { SecretState, State } from '../state.ts';

interface Options {
  readonly label?: string;
  readonly description?: string;
  readonly rotation?: string;
  readonly expiry?: string;
}

export interface SecretUpdate extends Options {
  readonly content?: Databag;
}

interface NewSecret extends Options {
  readonly owner: 'unit' | 'application';
  readonly content: Databag;
}

export interface SecretChanges {
  readonly created: Map<string, NewSecret>;
  readonly updated: Map<string, SecretUpdate>;
  /** Revisions, or all of it. */
  readonly removed: Map<string, 'all' | readonly number[]>;
  /** One for each secret and relation: the last one wins, also over a grant to another unit (Juju 4). */
  readonly granted: Map<string, { readonly id: string; readonly target: string; readonly relation: number }>;
  readonly revoked: { readonly id: string; readonly targets: readonly string[] }[];
  /** Secrets whose newest revision is to be tracked from now on. */
  readonly followed: Set<string>;
}

export function unchangedSecrets(): SecretChanges {
  return {
    created: new Map(),
    updated: new Map(),
    removed: new Map(),
    granted: new Map(),
    revoked: [],
    followed: new Set(),
  };
}

export function updateSecret(changes: SecretChanges, id: string, update: SecretUpdate): void {
  changes.removed.delete(id);
  const created = changes.created.get(id);
  if (created !== undefined) changes.created.set(id, { ...created, ...update });
  else changes.updated.set(id, { ...changes.updated.get(id), ...update });
}

export function removeSecret(changes: SecretChanges, id: string, revision: number | undefined): void {
  changes.created.delete(id);
  changes.updated.delete(id);
  changes.followed.delete(id);
  for (const [key, grant] of changes.granted) if (grant.id === id) changes.granted.delete(key);
  const before = changes.removed.get(id);
  const all = revision === undefined || before === 'all';
  changes.removed.set(id, all ? 'all' : [...(before ?? []), revision]);
}

type Applied =
  | { readonly kind: 'applied'; readonly secrets: readonly SecretState[] }
  | { readonly kind: 'rejected'; readonly reason: string };

/** The secrets after the hook, or why Juju fails it although it ended with 0. */
export function applySecrets(
  { unit, leader }: State,
  secrets: readonly SecretState[],
  changes: SecretChanges,
): Applied {
  const rejected = (reason: string): Applied => ({ kind: 'rejected', reason });
  const forbidden = (id: string): boolean => {
    const owner = secrets.find((secret) => secret.id === id)?.owner;
    return owner === 'elsewhere' || (owner === 'application' && !leader);
  };
  const taken = (label: string | undefined, owner: SecretState['owner'], id: string): boolean =>
    label !== undefined &&
    label !== '' &&
    secrets.some((other) => other.owner === owner && other.label === label && other.id !== id);

  for (const [id, { label, owner }] of changes.created) {
    if (taken(label, owner, id)) {
      return rejected(
        `executing leadership func: create secrets: creating secret "${id}": secret with label "${label}" already exists`,
      );
    }
  }
  const manage = `"${unit}" is not allowed to manage this secret`;
  if ([...changes.updated.keys()].some(forbidden)) return rejected(`updating secrets: ${manage}`);
  if (changes.revoked.some(({ id }) => forbidden(id))) return rejected(`revoking secrets access: ${manage}`);
  if ([...changes.removed.keys()].some(forbidden)) return rejected(`removing secrets: ${manage}`);
  for (const [id, { label }] of changes.updated) {
    const secret = secrets.find((one) => one.id === id);
    if (secret !== undefined && taken(label, secret.owner, id)) {
      return rejected(`updating secrets: secret with label "${label}" already exists`);
    }
  }

  const created = [...changes.created].map(
    ([id, secret]): SecretState => ({
      id,
      owner: secret.owner,
      label: secret.label ?? '',
      description: secret.description ?? '',
      rotation: secret.rotation ?? 'never',
      expiry: secret.expiry,
      rotates: undefined,
      revisions: [{ revision: 1, content: secret.content }],
      tracked: undefined,
      access: 'granted',
      grants: [],
    }),
  );
  const kept = [...secrets, ...created].flatMap((secret) => changed(secret, changes));
  return { kind: 'applied', secrets: kept };
}

function changed(secret: SecretState, changes: SecretChanges): SecretState[] {
  const { id } = secret;
  const removed = changes.removed.get(id);
  if (removed === 'all') return [];
  const { content, ...options } = changes.updated.get(id) ?? {};
  const newest = secret.revisions.at(-1)?.revision ?? 0;
  const added = content === undefined ? [] : [{ revision: newest + 1, content }];
  const revisions = [...secret.revisions, ...added].filter(({ revision }) => !removed?.includes(revision));
  if (revisions.length === 0) return [];
  const grants = [
    ...secret.grants,
    ...[...changes.granted.values()]
      .filter((grant) => grant.id === id && !secret.grants.some(({ target }) => target === grant.target))
      .map(({ target, relation }) => ({ target, relation })),
  ];
  const revoked = changes.revoked.filter((revoke) => revoke.id === id).flatMap(({ targets }) => targets);
  const tracked = changes.followed.has(id) ? revisions.at(-1)?.revision : secret.tracked;
  return [
    {
      ...secret,
      ...options,
      revisions,
      tracked,
      grants: grants.filter(({ target }) => !revoked.includes(target)),
    },
  ];
}
