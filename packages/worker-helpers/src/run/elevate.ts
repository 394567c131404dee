/**
 * Lets the program be run once more by root, through sudo, which allows this one command to the user that builds run as. This
 * process stays before it: whoever started it may end it, as they could not end one of root's, and when it is gone, by
 * whatever means, standard input of the other one is closed, and that one ends too.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CANNOT_RUN, runFailure } from './failure.ts';
import { runMessages } from './messages.ts';
import { signalsOfProcess } from './orders.ts';

/** What sudo allows; it compares the path. */
const PROGRAM = '/usr/bin/lpbuildbot-run';

/** Sudo's own code for everything that keeps it from running the command; commands have it as well. */
const SUDO_FAILED = 1;

/** Does that with these arguments, and gives the exit code. Throws a `Failure` when this user may not. */
export async function throughSudo(argv: readonly string[]): Promise<number> {
  const child = spawn('sudo', ['-n', '--', PROGRAM, ...argv], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.on('error', () => undefined);
  signalsOfProcess((signal) => void child.stdin.write(`${signal}\n`));
  const code = await exitOf(child);
  if (code === SUDO_FAILED && !(await isAllowed())) throw runFailure(runMessages.notAllowed);
  return code;
}

async function isAllowed(): Promise<boolean> {
  const child = spawn('sudo', ['-n', '-l', '--', PROGRAM], { stdio: 'ignore' });
  return (await exitOf(child)) === 0;
}

async function exitOf(child: ReturnType<typeof spawn>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (error) => reject(runFailure(runMessages.noSudo, error)));
  child.once('close', (code, signal) => {
    resolve(code ?? (signal === null ? CANNOT_RUN : 128 + constants.signals[signal]));
  });
  return await promise;
}
