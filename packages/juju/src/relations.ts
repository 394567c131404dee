/**
 * Relations: their IDs, who is in them, and the databags. Data goes in by stdin, never as arguments.
 * A relation may end at any time between two hooks, so "gone" is an outcome of everything that takes an ID.
 */
import * as z from 'zod';
import { type Databag, databagChanges, databagYaml } from './databag.ts';
import { applicationOf, type RelationId, relationIdSchema, type UnitName, unitNameSchema } from './names.ts';
import type { Runner } from './runner.ts';
import { askTool, callJson, parseOutput } from './tool.ts';

/** Whose databag: a unit's, or an application's. */
export type DatabagOwner =
  | { readonly kind: 'unit'; readonly unit: UnitName }
  | { readonly kind: 'application'; readonly application: string };

const databagSchema = z
  .record(z.string(), z.string())
  .nullable()
  .transform((data) => data ?? {});

/** `relation-ids`: the relations of an endpoint, sorted by Juju as text; none for an unknown endpoint. */
export async function relationIds(run: Runner, endpoint: string): Promise<readonly RelationId[]> {
  const call = { tool: 'relation-ids', args: ['--format', 'json', '--', endpoint] };
  return await callJson(run, z.array(relationIdSchema), call);
}

/** `relation-list`: the remote units that have joined; in a peer relation all but this one. */
export async function relationList(
  run: Runner,
  relation: RelationId,
): Promise<{ readonly kind: 'units'; readonly units: readonly UnitName[] } | { readonly kind: 'gone' }> {
  const call = { tool: 'relation-list', args: ['--format', 'json', '-r', relation] };
  const answer = await askTool(run, call, ['gone']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'units', units: parseOutput(z.array(unitNameSchema), call, answer.stdout) };
}

/** `relation-list --app`: the application at the other end; in a peer relation this one. */
export async function relationApplication(
  run: Runner,
  relation: RelationId,
): Promise<{ readonly kind: 'application'; readonly application: string } | { readonly kind: 'gone' }> {
  const call = { tool: 'relation-list', args: ['--format', 'json', '-r', relation, '--app'] };
  const answer = await askTool(run, call, ['gone']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'application', application: parseOutput(z.string(), call, answer.stdout) };
}

export type DatabagReading =
  | { readonly kind: 'databag'; readonly data: Databag }
  /** The relation is over. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'no-such-unit' }
  /** Juju 3 keeps an application's own databag from its units that are not leader; Juju 4 does not. */
  | { readonly kind: 'denied' };

/**
 * `relation-get`: a whole databag. A remote one may be as old as the last changed event of it; own ones show this hook's own
 * writes. The databag of a unit that has departed is still there.
 */
export async function relationGet(
  run: Runner,
  relation: RelationId,
  owner: DatabagOwner,
): Promise<DatabagReading> {
  const whose = owner.kind === 'unit' ? ['-', owner.unit] : ['--app', '-', owner.application];
  const call = { tool: 'relation-get', args: ['--format', 'json', '-r', relation, ...whose] };
  const answer = await askTool(run, call, ['no-such-unit', 'gone', 'denied']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'databag', data: parseOutput(databagSchema, call, answer.stdout) };
}

/**
 * `relation-set`: keys of this unit's own databag, or of its application's (leader only). `''` deletes a key; keys that are
 * not named stay. Applied when the hook ends with 0.
 * @throws UnsendableError for an empty key, and for text that is not Unicode.
 */
export async function relationSet(
  run: Runner,
  relation: RelationId,
  whose: 'unit' | 'application',
  changes: Databag,
): Promise<'set' | 'not-leader' | 'gone'> {
  const call = {
    tool: 'relation-set',
    args: ['-r', relation, ...(whose === 'application' ? ['--app'] : []), '--file', '-'],
    stdin: databagYaml('relation-set', changes),
  };
  const answer = await askTool(run, call, ['not-leader', 'gone']);
  return answer.kind === 'refused' ? answer.refusal : 'set';
}

/**
 * Makes this unit's databag, or its application's, hold exactly `desired` (beside Juju's own keys), and calls `relation-set`
 * only when something differs.
 */
export async function setDatabag(
  run: Runner,
  relation: RelationId,
  owner: { readonly kind: 'unit' | 'application'; readonly unit: UnitName },
  desired: Databag,
): Promise<'set' | 'unchanged' | 'not-leader' | 'gone' | 'denied'> {
  const reading = await relationGet(
    run,
    relation,
    owner.kind === 'unit'
      ? { kind: 'unit', unit: owner.unit }
      : { kind: 'application', application: applicationOf(owner.unit) },
  );
  if (reading.kind === 'no-such-unit') return 'gone';
  if (reading.kind !== 'databag') return reading.kind;
  const changes = databagChanges(reading.data, desired);
  if (Object.keys(changes).length === 0) return 'unchanged';
  return await relationSet(run, relation, owner.kind, changes);
}

/** `relation-model-get`: the model that the other end lives in, by its UUID. */
export async function relationModelGet(
  run: Runner,
  relation: RelationId,
): Promise<{ readonly kind: 'model'; readonly uuid: string } | { readonly kind: 'gone' }> {
  const call = { tool: 'relation-model-get', args: ['--format', 'json', '-r', relation] };
  const answer = await askTool(run, call, ['gone']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'model', ...parseOutput(z.object({ uuid: z.string() }), call, answer.stdout) };
}
