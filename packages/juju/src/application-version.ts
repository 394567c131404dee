/** The version of the workload in `juju status`. */
import type { Runner } from './runner.ts';
import { callTool } from './tool.ts';

/** `application-version-set`: at once, and kept even when the hook fails. */
export async function applicationVersionSet(run: Runner, version: string): Promise<void> {
  await callTool(run, { tool: 'application-version-set', args: ['--', version] });
}
