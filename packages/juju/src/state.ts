/** What the unit keeps on the controller between hooks. It is dropped with the hook when that fails. */
import * as z from 'zod';
import { type Databag, databagYaml } from './databag.ts';
import type { Runner } from './runner.ts';
import { callJson, callTool } from './tool.ts';

/** `state-get`: all of it. Juju 4 says `null` when there is nothing. */
export async function stateGet(run: Runner): Promise<Databag> {
  const schema = z
    .record(z.string(), z.string())
    .nullable()
    .transform((data) => data ?? {});
  return await callJson(run, schema, { tool: 'state-get', args: ['--format', 'json'] });
}

/** `state-set`: adds and overwrites; `''` is a value like any other. By stdin, so that nobody sees it and it may be long. */
export async function stateSet(run: Runner, values: Databag): Promise<void> {
  const stdin = databagYaml('state-set', values);
  await callTool(run, { tool: 'state-set', args: ['--file', '-'], stdin });
}

/** `state-delete`: deleting what is not there is no error. */
export async function stateDelete(run: Runner, key: string): Promise<void> {
  await callTool(run, { tool: 'state-delete', args: ['--', key] });
}
