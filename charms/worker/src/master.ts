/** What this unit knows of its master: the relation, and the secret that is granted to it alone. */
import {
  type JujuContext,
  type RelationId,
  type Runner,
  relationGet,
  relationIds,
  relationList,
  secretGet,
  secretUriSchema,
  type UnitName,
} from '@lpbuildbot/juju';
import { masterDatabag, workerCredentials } from '@lpbuildbot/pipeline/worker-relation';

export interface Login {
  /** HOST:PORT, an IPv6 address in brackets. */
  readonly address: string;
  /** The authority that the worker trusts, in PEM. */
  readonly ca: string;
  readonly name: string;
  readonly password: string;
}

export type Master =
  /** Not integrated with one, or not any more. */
  | { readonly kind: 'none' }
  /** It has not said yet where it is. */
  | { readonly kind: 'silent'; readonly relation: RelationId }
  /** What it says is not what this charm understands. */
  | {
      readonly kind: 'strange';
      readonly relation: RelationId;
      readonly unit: UnitName;
      readonly problem: string;
    }
  | { readonly kind: 'no-credentials'; readonly relation: RelationId; readonly unit: UnitName }
  | { readonly kind: 'ready'; readonly relation: RelationId; readonly unit: UnitName; readonly login: Login };

const ENDPOINT = 'master';

export async function findMaster(run: Runner, { event, unit: self }: JujuContext): Promise<Master> {
  // Juju still lists a relation in its own broken hook.
  const over = event.kind === 'relation-broken' ? event.relation : undefined;
  const [relation] = (await relationIds(run, ENDPOINT)).filter((id) => id !== over);
  if (relation === undefined) return { kind: 'none' };
  const listed = await relationList(run, relation);
  if (listed.kind === 'gone') return { kind: 'none' };
  let found: Master = { kind: 'silent', relation };
  for (const unit of listed.units.toSorted()) {
    const reading = await relationGet(run, relation, { kind: 'unit', unit });
    if (reading.kind !== 'databag' || !('version' in reading.data)) continue;
    const said = masterDatabag.safeParse(reading.data);
    if (!said.success) {
      const [issue] = said.error.issues;
      found = { kind: 'strange', relation, unit, problem: `${issue?.path.join('.')}: ${issue?.message}` };
      continue;
    }
    const { address, port, ca, credentials } = said.data;
    const uri = secretUriSchema.safeParse(credentials[self]);
    if (!uri.success) return { kind: 'no-credentials', relation, unit };
    // No event tells of a grant, and a new password comes as a new revision: the newest is asked for in every hook.
    const secret = await secretGet(run, { uri: uri.data }, 'refresh');
    if (secret.kind !== 'secret') return { kind: 'no-credentials', relation, unit };
    const login = workerCredentials.safeParse(secret.content);
    if (!login.success)
      return { kind: 'strange', relation, unit, problem: 'its credentials are not a name and a password' };
    const host = address.includes(':') ? `[${address}]` : address;
    return { kind: 'ready', relation, unit, login: { address: `${host}:${port}`, ca, ...login.data } };
  }
  return found;
}
