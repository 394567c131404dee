/** Rebooting the machine. */
import type { Runner } from './runner.ts';
import { callTool } from './tool.ts';

/**
 * `juju-reboot`. `after-hook`: when this hook has ended with 0; `start` follows, the hook is not run again.
 * `now`: Juju kills this very process (the call does not return), and runs the hook again from its beginning after the reboot.
 */
export async function jujuReboot(run: Runner, when: 'after-hook' | 'now'): Promise<void> {
  await callTool(run, { tool: 'juju-reboot', args: when === 'now' ? ['--now'] : [] });
}
