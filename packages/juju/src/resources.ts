/** Files that the operator attaches to the application. */
import type { Runner } from './runner.ts';
import { askTool } from './tool.ts';

/**
 * `resource-get`: the path of the local copy, which the agent fetches when it is not there or out of date (that may take long).
 * `not-found`: never attached, or no such resource. The tool has no JSON and prints the path without a newline.
 */
export async function resourceGet(
  run: Runner,
  name: string,
): Promise<{ readonly kind: 'file'; readonly path: string } | { readonly kind: 'not-found' }> {
  const answer = await askTool(run, { tool: 'resource-get', args: ['--', name] }, ['no-such-resource']);
  return answer.kind === 'refused'
    ? { kind: 'not-found' }
    : { kind: 'file', path: answer.stdout.replace(/\n$/, '') };
}
