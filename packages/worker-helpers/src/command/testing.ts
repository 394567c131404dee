/** The world that a command's tests give it: everything that it says is kept. */
import type { CommandProgram } from './define.ts';
import type { Surroundings } from './world.ts';

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as a shell would, within this process. */
export async function runCommand(
  command: CommandProgram,
  argv: readonly string[],
  surroundings: Partial<Surroundings> = {},
): Promise<Told> {
  const told = { out: '', err: '' };
  const code = await command.run(argv, {
    out: (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
    env: {},
    version: '1.2.3',
    stderr: 'other',
    ...surroundings,
  });
  return { code, ...told };
}
