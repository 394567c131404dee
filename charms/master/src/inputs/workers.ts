/** The workers of all relations: what they offer, and which password each has. */
import {
  type Databag,
  type Juju,
  type RelationId,
  relationGet,
  relationIds,
  relationList,
  type SecretUri,
  secretGet,
  secretId,
  secretUriSchema,
  type UnitName,
} from '@lpbuildbot/juju';
import {
  masterDatabag,
  type WorkerDatabag,
  workerCredentials,
  workerDatabag,
} from '@lpbuildbot/pipeline/worker-relation';
import type { Credential } from './memory.ts';

interface WorkerUnit {
  readonly unit: UnitName;
  readonly offer:
    | { readonly kind: 'offer'; readonly value: WorkerDatabag }
    /** It has not said anything yet. */
    | { readonly kind: 'silent' }
    | { readonly kind: 'wrong'; readonly problem: string };
  /** Its password, when it has one. */
  readonly credential: Credential | undefined;
}

export interface WorkerRelation {
  readonly relation: RelationId;
  /** What this unit has said so far. */
  readonly databag: Databag;
  readonly units: readonly WorkerUnit[];
}

/** How long a password is used before it gets another one. */
export const PASSWORD_DAYS = 90;
const DAY = 86_400_000;

export async function observeWorkers(
  { run, context }: Juju,
  remembered: readonly Credential[],
  now: Date,
): Promise<readonly WorkerRelation[]> {
  const { event } = context;
  const ids = await relationIds(run, 'workers');
  // In broken it is still listed.
  const ending = event.kind === 'relation-broken' ? event.relation : undefined;
  const observed = await Promise.all(
    ids
      .filter((id) => id !== ending)
      .map(async (relation): Promise<WorkerRelation | undefined> => {
        const own = relationGet(run, relation, { kind: 'unit', unit: context.unit });
        const listed = await relationList(run, relation);
        if (listed.kind === 'gone') return undefined;
        const leaving =
          event.kind === 'relation-departed' && event.relation === relation ? event.remoteUnit : undefined;
        const reading = await own;
        const databag = reading.kind === 'databag' ? reading.data : {};
        const given = givenCredentials(databag);
        const units = await Promise.all(
          listed.units
            .filter((unit) => unit !== leaving)
            .map(async (unit): Promise<WorkerUnit> => {
              const offered = await relationGet(run, relation, { kind: 'unit', unit });
              return {
                unit,
                offer: offerOf(offered.kind === 'databag' ? offered.data : {}),
                credential: await credentialOf(
                  { run, context },
                  relation,
                  unit,
                  given.get(unit),
                  remembered,
                  now,
                ),
              };
            }),
        );
        return { relation, databag, units };
      }),
  );
  return observed.filter((relation) => relation !== undefined);
}

function offerOf(databag: Databag): WorkerUnit['offer'] {
  if (databag.version === undefined) return { kind: 'silent' };
  const parsed = workerDatabag.safeParse(databag);
  if (parsed.success) return { kind: 'offer', value: parsed.data };
  const [issue] = parsed.error.issues;
  return { kind: 'wrong', problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
}

function givenCredentials(databag: Databag): ReadonlyMap<string, SecretUri> {
  const parsed = masterDatabag.shape.credentials.safeParse(databag.credentials ?? '{}');
  const uris = Object.entries(parsed.data ?? {}).flatMap(([unit, text]): [string, SecretUri][] => {
    const uri = secretUriSchema.safeParse(text);
    return uri.success ? [[unit, uri.data]] : [];
  });
  return new Map(uris);
}

/**
 * A hook's writes count only when it ends well, and nothing tells the charm afterwards. So what was remembered holds when the
 * databag, which Juju keeps or drops together with the secret, names the same secret; a password that may not have been kept
 * is read again, once.
 */
async function credentialOf(
  { run }: Juju,
  relation: RelationId,
  unit: UnitName,
  given: SecretUri | undefined,
  remembered: readonly Credential[],
  now: Date,
): Promise<Credential | undefined> {
  if (given === undefined) return undefined;
  const known = remembered.find((each) => each.relation === relation && each.unit === unit);
  const same = known !== undefined && secretId(known.uri) === secretId(given) ? known : undefined;
  if (same?.trust === 'sure') return same;
  const reading = await secretGet(run, { uri: given }, 'latest');
  if (reading.kind !== 'secret') return undefined;
  const content = workerCredentials.safeParse(reading.content);
  if (!content.success) return undefined;
  const { name, password } = content.data;
  const kept = same?.password === password;
  return {
    relation,
    unit,
    name,
    password,
    uri: given,
    revision: same === undefined ? 1 : same.revision - (kept ? 0 : 1),
    expires: same === undefined || !kept ? now.getTime() + PASSWORD_DAYS * DAY : same.expires,
    trust: 'sure',
  };
}
