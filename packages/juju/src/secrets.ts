/**
 * Juju secrets. Content goes in through files that only root can read and that are gone when the call ends; it comes out by
 * the tool's stdout, which is never logged. Much is checked only when the hook ends: changing a secret of somebody else, or a
 * label that exists, may look well here and fail the hook (recorded on Juju 4.0.14).
 */
import * as z from 'zod';
import { HookToolOutputError } from './errors.ts';
import { type RelationId, type SecretUri, secretUriSchema, type UnitName } from './names.ts';
import type { Runner, ToolCall } from './runner.ts';
import { type SecretContent, withSecretFiles } from './secret-files.ts';
import { askTool, callJson, parseOutput } from './tool.ts';

export type SecretOwner = 'application' | 'unit';
export type Rotation = 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

export interface SecretOptions {
  /** How this unit will name it; unique among the secrets that it owns. */
  readonly label?: string;
  readonly description?: string;
  /** When `secret-expired` comes; it comes again every five minutes until the revision is removed. */
  readonly expire?: Date;
  /** How often `secret-rotate` comes. */
  readonly rotate?: Rotation;
}

/** By its URI; by its label; or by URI, taking the label for it from now on. */
export type SecretName =
  | { readonly uri: SecretUri; readonly label?: string }
  | { readonly uri?: undefined; readonly label: string };

/**
 * Which revision. `tracked`: the one that this unit saw first, or refreshed to; `latest`: the newest, just this once;
 * `refresh`: the newest, and track it from now on.
 */
export type Revision = 'tracked' | 'latest' | 'refresh';

export type SecretReading =
  | { readonly kind: 'secret'; readonly content: SecretContent }
  /** Removed, or never there, or a label that is not known. */
  | { readonly kind: 'not-found' }
  /** Not granted, or not any more. No event tells of a grant: look again in every hook. */
  | { readonly kind: 'denied' };

export interface SecretInfo {
  readonly id: SecretUri;
  /** The newest one, as of the hook's start. */
  readonly revision: number;
  /** `''` when it has none. */
  readonly label: string;
  readonly owner: SecretOwner;
  readonly description: string;
  readonly rotation: Rotation;
  readonly expiry: Date | undefined;
  readonly rotates: Date | undefined;
  readonly access: readonly { readonly target: string; readonly scope: string }[];
}

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const rotations = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
const infoSchema = z.object({
  revision: z.number(),
  label: z.string().default(''),
  owner: z.enum(['application', 'unit']),
  description: z.string().default(''),
  rotation: z.enum(rotations).default('never'),
  expiry: time.optional(),
  rotates: time.optional(),
  access: z.array(z.object({ target: z.string(), scope: z.string() })).default([]),
});

/** `secret-add`. It is there for others when the hook has ended with 0. */
export async function secretAdd(
  run: Runner,
  owner: SecretOwner,
  content: SecretContent,
  options: SecretOptions = {},
): Promise<
  { readonly kind: 'added'; readonly uri: SecretUri } | { readonly kind: 'not-leader' | 'label-taken' }
> {
  return await withSecretFiles('secret-add', content, async (files) => {
    const call = { tool: 'secret-add', args: [...optionArgs(options), '--owner', owner, ...files] };
    const answer = await askTool(run, call, ['not-leader', 'label-taken']);
    if (answer.kind === 'refused') return { kind: answer.refusal };
    return { kind: 'added', uri: parseUri(call, answer.stdout) };
  });
}

/**
 * `secret-set`: a new revision, when content is given and differs; new options, when they are given.
 * Of an unknown secret Juju says nothing here; of another's it fails the hook when that ends.
 */
export async function secretSet(
  run: Runner,
  uri: SecretUri,
  content: SecretContent | undefined,
  options: SecretOptions = {},
): Promise<'set' | 'not-leader' | 'not-found'> {
  const set = async (files: readonly string[]): Promise<'set' | 'not-leader' | 'not-found'> => {
    const call = { tool: 'secret-set', args: [...optionArgs(options), uri, ...files] };
    const answer = await askTool(run, call, ['not-leader', 'not-found']);
    return answer.kind === 'refused' ? answer.refusal : 'set';
  };
  return content === undefined ? await set([]) : await withSecretFiles('secret-set', content, set);
}

/** `secret-get`: the whole content. Values that are not text (bytes outside of UTF-8) do not survive Juju's JSON. */
export async function secretGet(
  run: Runner,
  name: SecretName,
  revision: Revision = 'tracked',
): Promise<SecretReading> {
  const flag = { tracked: [], latest: ['--peek'], refresh: ['--refresh'] }[revision];
  const call = { tool: 'secret-get', args: [...nameArgs(name), ...flag, '--format', 'json'] };
  const answer = await askTool(run, call, ['denied', 'not-found']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'secret', content: parseOutput(z.record(z.string(), z.string()), call, answer.stdout) };
}

/** `secret-info-get`: only its owner may ask; everyone else, and a unit that is not leader, is told `not-found`. */
export async function secretInfoGet(
  run: Runner,
  name: { readonly uri: SecretUri } | { readonly uri?: undefined; readonly label: string },
): Promise<({ readonly kind: 'info' } & SecretInfo) | { readonly kind: 'not-found' }> {
  const call = { tool: 'secret-info-get', args: [...nameArgs(name), '--format', 'json'] };
  const answer = await askTool(run, call, ['not-found']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  const schema = z
    .record(z.string(), infoSchema)
    .transform((all) =>
      Object.entries(all).map(([id, info]) => ({ id: secretUriSchema.parse(id), ...info })),
    );
  const [info] = parseOutput(schema, call, answer.stdout);
  if (info === undefined) return { kind: 'not-found' };
  return { kind: 'info', ...info, expiry: info.expiry, rotates: info.rotates };
}

/** `secret-ids`: the bare IDs of the secrets that this unit owns, and, on the leader, those of the application. */
export async function secretIds(run: Runner): Promise<readonly SecretUri[]> {
  const schema = z
    .array(secretUriSchema)
    .nullable()
    .transform((ids) => ids ?? []);
  return await callJson(run, schema, { tool: 'secret-ids', args: ['--format', 'json'] });
}

/** `secret-remove`: one revision, or all of it. Observers get no event; their next `secret-get` says `not-found`. */
export async function secretRemove(
  run: Runner,
  uri: SecretUri,
  revision?: number,
): Promise<'removed' | 'not-leader' | 'not-found'> {
  const which = revision === undefined ? [] : ['--revision', String(revision)];
  const answer = await askTool(run, { tool: 'secret-remove', args: [uri, ...which] }, [
    'not-leader',
    'not-found',
  ]);
  return answer.kind === 'refused' ? answer.refusal : 'removed';
}

/**
 * `secret-grant`: to the application at the relation's other end, or to one unit of it, for as long as the relation lives.
 * `not-found` is also what a unit that is not leader is told of the application's secret. Of several grants of one secret in one
 * relation and one hook Juju 4 keeps the last.
 */
export async function secretGrant(
  run: Runner,
  uri: SecretUri,
  relation: RelationId,
  unit?: UnitName,
): Promise<'granted' | 'not-leader' | 'gone' | 'not-found'> {
  const to = unit === undefined ? [] : ['--unit', unit];
  const call = { tool: 'secret-grant', args: [uri, '-r', relation, ...to] };
  const answer = await askTool(run, call, ['gone', 'not-leader', 'not-found']);
  return answer.kind === 'refused' ? answer.refusal : 'granted';
}

/** Whom to revoke from. */
export type RevokeTarget =
  | { readonly relation: RelationId }
  | { readonly application: string }
  | { readonly unit: UnitName };

/** `secret-revoke`. The one that loses it gets no event. */
export async function secretRevoke(
  run: Runner,
  uri: SecretUri,
  from: RevokeTarget,
): Promise<'revoked' | 'not-leader' | 'gone' | 'not-found'> {
  const target =
    'relation' in from
      ? ['-r', from.relation]
      : 'unit' in from
        ? ['--unit', from.unit]
        : ['--app', from.application];
  const call = { tool: 'secret-revoke', args: [uri, ...target] };
  const answer = await askTool(run, call, ['gone', 'not-leader', 'not-found']);
  return answer.kind === 'refused' ? answer.refusal : 'revoked';
}

function optionArgs({ label, description, expire, rotate }: SecretOptions): string[] {
  return [
    ...(label === undefined ? [] : ['--label', label]),
    ...(description === undefined ? [] : ['--description', description]),
    ...(expire === undefined ? [] : ['--expire', expire.toISOString()]),
    ...(rotate === undefined ? [] : ['--rotate', rotate]),
  ];
}

function nameArgs({
  uri,
  label,
}: {
  readonly uri?: SecretUri | undefined;
  readonly label?: string;
}): string[] {
  return [...(uri === undefined ? [] : [uri]), ...(label === undefined ? [] : ['--label', label])];
}

function parseUri(call: ToolCall, stdout: string): SecretUri {
  const parsed = secretUriSchema.safeParse(stdout.trim());
  if (!parsed.success) throw new HookToolOutputError(call, "not a secret's URI");
  return parsed.data;
}
