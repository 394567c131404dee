/** `juju-exec UNIT COMMAND` on a machine, which anybody there who is root may call outside of hooks: it takes its turn as `juju exec` does. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOutput } from '@lpbuildbot/juju';
import { resultOf, runCommand } from './core/tasks.ts';
import type { World } from './core/world.ts';

const pollMilliseconds = 50;

export async function execOnMachine(
  world: World,
  machine: string,
  [unit = '', ...words]: readonly string[],
): Promise<ToolOutput> {
  if (world.units.get(unit)?.machine !== machine) {
    return { code: 1, stdout: '', stderr: `ERROR unit "${unit}" not found on this machine\n` };
  }
  const task = runCommand(world, unit, words.join(' '));
  for (;;) {
    const result = resultOf(world, task);
    if (result === undefined) {
      await sleep(pollMilliseconds, undefined, { ref: false });
      continue;
    }
    const { message, results } = result;
    const text = (key: string): string => String(results[key] ?? '');
    if (results['return-code'] === undefined) return { code: 1, stdout: '', stderr: `ERROR ${message}\n` };
    return { code: Number(results['return-code']), stdout: text('stdout'), stderr: text('stderr') };
  }
}
