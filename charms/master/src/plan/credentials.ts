/** Which worker gets a password, another one, or loses it. Pure. */
import { createHash } from 'node:crypto';
import type { JujuEvent, RelationId, SecretUri, UnitName } from '@lpbuildbot/juju';
import { secretId } from '@lpbuildbot/juju';
import type { Credential } from '../inputs/memory.ts';
import type { WorkerRelation } from '../inputs/workers.ts';

export interface CredentialPlan {
  readonly kept: readonly Credential[];
  readonly added: readonly {
    readonly relation: RelationId;
    readonly unit: UnitName;
    readonly name: string;
  }[];
  readonly rotated: readonly Credential[];
  /** Of workers that are gone. */
  readonly removed: readonly Credential[];
  /** Revisions of a secret that nobody needs any more. */
  readonly outdated: readonly { readonly uri: SecretUri; readonly revision: number }[];
}

interface Question {
  readonly workers: readonly WorkerRelation[];
  readonly remembered: readonly Credential[];
  readonly event: JujuEvent;
  readonly now: Date;
  /** Workers whose passwords an operator wants to be others. */
  readonly asked: 'none' | 'all' | UnitName;
}

export function planCredentials({ workers, remembered, event, now, asked }: Question): CredentialPlan {
  const units = workers.flatMap(({ relation, units }) => units.map((each) => ({ relation, ...each })));
  const there = units.flatMap(({ credential }) => credential ?? []);
  const due = (each: Credential) =>
    each.expires <= now.getTime() || asked === 'all' || asked === each.unit || isExpired(event, each);
  const ids = new Set(there.map(({ uri }) => secretId(uri)));
  return {
    kept: there.filter((each) => !due(each)),
    added: units
      .filter(({ credential }) => credential === undefined)
      .map(({ relation, unit }) => ({ relation, unit, name: workerName(unit) })),
    rotated: there.filter(due),
    // One that Juju never kept, because the hook failed, is not there to be removed.
    removed: remembered.filter(({ uri, trust }) => trust === 'sure' && !ids.has(secretId(uri))),
    outdated: there.flatMap((each) => outdatedIn(event, each)),
  };
}

/** Buildbot's name of a worker has at most 50 characters, and no slash. */
export function workerName(unit: UnitName): string {
  const name = unit.replace('/', '-');
  if (name.length <= 50) return name;
  return `${name.slice(0, 41)}-${createHash('sha256').update(unit).digest('hex').slice(0, 8)}`;
}

/** Juju says so again every five minutes; when it is an older revision, the rotation has been done already. */
function isExpired(event: JujuEvent, { uri, revision }: Credential): boolean {
  return (
    (event.kind === 'secret-expired' || event.kind === 'secret-rotate') &&
    secretId(event.secret) === secretId(uri) &&
    (event.kind === 'secret-rotate' || event.revision >= revision)
  );
}

/** Not in the same hook as a new revision: Juju would drop that together with the old one. */
function outdatedIn(event: JujuEvent, { uri, revision }: Credential): { uri: SecretUri; revision: number }[] {
  if (event.kind !== 'secret-expired' && event.kind !== 'secret-remove') return [];
  if (secretId(event.secret) !== secretId(uri) || event.revision >= revision) return [];
  return [{ uri, revision: event.revision }];
}
