/**
 * Runs a program to its end and keeps what it said. The scripts need no more than this, and using Node alone means that
 * they can tell what is wrong even when a package is broken.
 */
import { spawn } from 'node:child_process';

export interface Finished {
  /** The exit code; null when a signal ended the program or it could not be started. */
  readonly code: number | null;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
  readonly milliseconds: number;
}

/** Runs `argv` in the directory `cwd`; never throws: a program that cannot be started is one that failed, with the reason as output. */
export function runProgram(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string },
): Promise<Finished> {
  const [program = '', ...rest] = argv;
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const chunks: string[] = [];
  const finish = (code: number | null): void =>
    resolve({ code, output: chunks.join(''), milliseconds: performance.now() - started });
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  // A program that does not read all of it has its reason, and says so itself.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  child.on('error', (error) => {
    chunks.push(`${error.message}\n`);
    finish(null);
  });
  child.on('close', (code) => finish(code));
  return promise;
}
