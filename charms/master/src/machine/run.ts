/**
 * Running the machine's programs: a plain environment, no terminal, and everything that they say in case they fail. With Node's
 * own spawn, because every hook loads this, and a library for it would cost more than what it runs.
 */
import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number;
  /** Of both streams, as they came. */
  readonly all: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
};

/** As timeout(1) and shells have them. */
const TOO_LONG = 124;
const NOT_STARTED = 127;
const SIGNALLED = 128;

/** Never rejects because of what the program does: 127 when it cannot be started, 124 when it took too long. */
export async function runProgram(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  const { timeoutSeconds, cwd = '/', env = {} } = options;
  const child = spawn(program, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds * 1000, killSignal: 'SIGKILL' }),
  });
  const started = performance.now();
  let stdout = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return await new Promise((fulfil) => {
    child.on('error', (error) => fulfil({ code: NOT_STARTED, all: error.message, stdout: '' }));
    child.on('close', (code, signal) => {
      const late = signal === 'SIGKILL' && performance.now() - started >= (timeoutSeconds ?? Infinity) * 1000;
      fulfil({ code: code ?? (late ? TOO_LONG : SIGNALLED), all, stdout });
    });
  });
}

/** @throws what the program said, when its exit code is not 0. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, all, stdout } = await runProgram(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}: ${all.trim()}`);
  return stdout;
}
