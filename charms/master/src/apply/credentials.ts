/** Passwords of workers, in secrets that this unit owns: each is granted to one unit, and goes with it. */
import {
  type Juju,
  type RelationId,
  type SecretContent,
  type SecretUri,
  secretAdd,
  secretGrant,
  secretRemove,
  secretSet,
} from '@lpbuildbot/juju';
import type { Credential } from '../inputs/memory.ts';
import { PASSWORD_DAYS } from '../inputs/workers.ts';
import type { Machine } from '../machine/machine.ts';
import type { CredentialPlan } from '../plan/credentials.ts';

const DAY = 86_400_000;

/** The credentials of all workers that are there, new ones included. */
export async function applyCredentials(
  { run }: Juju,
  machine: Machine,
  { kept, added, rotated, removed, outdated }: CredentialPlan,
): Promise<readonly Credential[]> {
  const expire = new Date(machine.now().getTime() + PASSWORD_DAYS * DAY);
  const expires = expire.getTime();
  const all: Credential[] = [...kept];
  for (const { relation, unit, name } of added) {
    const password = machine.token();
    const content: SecretContent = { name, password };
    const made = await secretAdd(run, 'unit', content, { description: `for ${unit}`, expire });
    if (made.kind !== 'added') throw new Error(`secret-add: ${made.kind}`);
    const granted = await secretGrant(run, made.uri, relation, unit);
    if (granted === 'gone') continue;
    all.push({ relation, unit, name, password, uri: made.uri, revision: 1, expires, trust: 'doubtful' });
  }
  for (const old of rotated) {
    const password = machine.token();
    await secretSet(run, old.uri, { name: old.name, password }, { expire });
    all.push({ ...old, password, revision: old.revision + 1, expires, trust: 'doubtful' });
  }
  for (const { uri } of removed) await secretRemove(run, uri);
  for (const { uri, revision } of outdated) await secretRemove(run, uri, revision);
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What each unit is told: where its password lies. */
export function givenIn(
  relation: RelationId,
  credentials: readonly Credential[],
): Readonly<Record<string, SecretUri>> {
  return Object.fromEntries(
    credentials.filter((each) => each.relation === relation).map(({ unit, uri }) => [unit, uri] as const),
  );
}
