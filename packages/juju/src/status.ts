/** What `juju status` shows of the unit and of the application. */
import * as z from 'zod';
import type { Runner } from './runner.ts';
import { askTool, callJson, callTool, parseOutput } from './tool.ts';

/** The statuses that a charm may set. `error` is Juju's own: a hook that ends with another code than 0 makes it. */
export type StatusName = 'active' | 'blocked' | 'maintenance' | 'waiting';

export interface Status {
  readonly status: StatusName;
  readonly message: string;
}

/** As Juju answers: also with those that a charm cannot set (`unknown`, `error`, `terminated`). */
export interface CurrentStatus {
  readonly status: string;
  readonly message: string;
}

export type ApplicationStatus =
  | ({ readonly kind: 'found'; readonly units: Readonly<Record<string, CurrentStatus>> } & CurrentStatus)
  | { readonly kind: 'not-leader' };

const statusSchema = z.object({ status: z.string(), message: z.string().default('') });
const applicationStatusSchema = z.object({
  'application-status': statusSchema.extend({
    units: z
      .record(z.string(), statusSchema)
      .nullish()
      .transform((units) => units ?? {}),
  }),
});

/** `status-set`: at once, and kept even when the hook fails. */
export async function statusSet(run: Runner, { status, message }: Status): Promise<void> {
  await callTool(run, { tool: 'status-set', args: ['--', status, message] });
}

/** `status-set --application`. */
export async function applicationStatusSet(
  run: Runner,
  { status, message }: Status,
): Promise<'set' | 'not-leader'> {
  const call = { tool: 'status-set', args: ['--application', '--', status, message] };
  const answer = await askTool(run, call, ['not-leader']);
  return answer.kind === 'refused' ? answer.refusal : 'set';
}

/** `status-get`: in one hook always what it said first, whatever `status-set` did since. */
export async function statusGet(run: Runner): Promise<CurrentStatus> {
  const args = ['--include-data', '--format', 'json'];
  return await callJson(run, statusSchema, { tool: 'status-get', args });
}

/** `status-get --application`: of the application and all its units. */
export async function applicationStatusGet(run: Runner): Promise<ApplicationStatus> {
  const call = { tool: 'status-get', args: ['--application', '--include-data', '--format', 'json'] };
  const answer = await askTool(run, call, ['not-leader']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return {
    kind: 'found',
    ...parseOutput(applicationStatusSchema, call, answer.stdout)['application-status'],
  };
}
