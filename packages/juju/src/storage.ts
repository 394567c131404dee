/** Storage instances attached to the unit. */
import * as z from 'zod';
import { type StorageId, storageIdSchema } from './names.ts';
import type { Runner } from './runner.ts';
import { askTool, callJson, callTool, parseOutput } from './tool.ts';

/** `storage-list`: the instances of one storage, or of all. */
export async function storageList(run: Runner, name?: string): Promise<readonly StorageId[]> {
  const call = {
    tool: 'storage-list',
    args: ['--format', 'json', ...(name === undefined ? [] : ['--', name])],
  };
  return await callJson(run, z.array(storageIdSchema), call);
}

const storageSchema = z.object({ kind: z.enum(['filesystem', 'block']), location: z.string() });

/** `storage-get`: a directory (`filesystem`) or a device (`block`). */
export async function storageGet(
  run: Runner,
  id: StorageId,
): Promise<
  | { readonly kind: 'storage'; readonly type: 'filesystem' | 'block'; readonly location: string }
  | { readonly kind: 'not-found' }
> {
  const call = { tool: 'storage-get', args: ['--format', 'json', '-s', id] };
  const answer = await askTool(run, call, ['not-found']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  const { kind: type, location } = parseOutput(storageSchema, call, answer.stdout);
  return { kind: 'storage', type, location };
}

/**
 * `storage-add`: asks for further instances; `storage-attached` follows when the hook has ended with 0.
 * A name that the charm does not declare, and more than it allows, fail the hook when it ends.
 */
export async function storageAdd(run: Runner, name: string, count = 1): Promise<void> {
  await callTool(run, { tool: 'storage-add', args: ['--', `${name}=${count}`] });
}
