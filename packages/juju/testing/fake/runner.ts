/** The fake in the runner's place: the real arguments go in, what Juju would print comes out. */
import type { Runner, ToolOutput } from '../../src/runner.ts';
import { actionTools } from './actions.ts';
import { databagTools } from './databags.ts';
import { readArguments, ToolRefusal } from './flags.ts';
import type { Hook } from './hook.ts';
import { machineTools } from './machine.ts';
import { portTools } from './ports.ts';
import { secretTools } from './secrets.ts';
import { settingsTools } from './settings.ts';
import type { FakeTools } from './tool.ts';
import { unitStateTools } from './unit-state.ts';

const tools: FakeTools = {
  ...actionTools,
  ...databagTools,
  ...machineTools,
  ...portTools,
  ...secretTools,
  ...settingsTools,
  ...unitStateTools,
};

export const toolNames: readonly string[] = Object.keys(tools);

/** @throws for a tool that Juju does not have. */
export function fakeRunner(hook: Hook): Runner {
  return async ({ tool: name, args, stdin = '' }): Promise<ToolOutput> => {
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool === undefined) throw new Error(`Juju has no hook tool ${name}`);
    try {
      const read = readArguments(tool.flags, args);
      const stdout = read === 'help' ? `Usage: ${name}\n` : tool.run(hook, read, stdin);
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      if (!(error instanceof ToolRefusal)) throw error;
      return { code: error.code, stdout: '', stderr: `ERROR ${error.message}\n` };
    }
  };
}
