/**
 * Actions: parameters in, progress and results out.
 *
 * What `juju run` says was recorded on Juju 4.0.14: after `action-fail` the action has failed with that message, its results
 * and everything that it wrote are kept, and `juju run` still exits with 0. After another exit code than 0 what it wrote is
 * dropped, the message is only "exit status 1", and the results hold what it printed to stderr.
 */
import * as z from 'zod';
import { UnsendableError } from './errors.ts';
import { messages } from './messages.ts';
import type { Runner } from './runner.ts';
import { callJson, callTool } from './tool.ts';

export interface ActionResults {
  readonly [key: string]: string | number | boolean | ActionResults;
}

export type ActionParameters = Readonly<Record<string, unknown>>;

/**
 * `action-get`: all parameters, with the defaults that the charm declares. Parse them: arrays and objects given on the command
 * line arrive as Go's text (`[a b]`, `map[a:1]`).
 */
export async function actionGet(run: Runner): Promise<ActionParameters> {
  const call = { tool: 'action-get', args: ['--format', 'json'] };
  return await callJson(run, z.record(z.string(), z.unknown()), call);
}

/**
 * `action-set`: adds results; a key that was set before is overwritten. Juju takes them as arguments only, so everyone on the
 * machine could see them while the call runs, and one value can have at most 128 KiB.
 * @throws UnsendableError for a key that Juju does not take.
 */
export async function actionSet(run: Runner, results: ActionResults): Promise<void> {
  const args = flattened(results, '');
  if (args.length > 0) await callTool(run, { tool: 'action-set', args });
}

/** `action-fail`: the last message wins. The action goes on until it ends. */
export async function actionFail(run: Runner, message: string): Promise<void> {
  await callTool(run, { tool: 'action-fail', args: ['--', message] });
}

/** `action-log`: a line of progress that `juju run` shows at once. */
export async function actionLog(run: Runner, message: string): Promise<void> {
  await callTool(run, { tool: 'action-log', args: ['--', message] });
}

const keyPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reservedKeys: ReadonlySet<string> = new Set(['stdout', 'stdout-encoding', 'stderr', 'stderr-encoding']);

function flattened(results: ActionResults, prefix: string): string[] {
  return Object.entries(results).flatMap(([key, value]) => {
    if (!keyPattern.test(key) || reservedKeys.has(key)) {
      throw new UnsendableError('action-set', messages.resultKey(key));
    }
    const path = `${prefix}${key}`;
    return typeof value === 'object' ? flattened(value, `${path}.`) : [`${path}=${value}`];
  });
}
