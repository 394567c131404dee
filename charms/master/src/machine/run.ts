/** Running the machine's programs: a plain environment, no terminal, and everything that they say in case they fail. */
import { execa } from 'execa';

export interface Ran {
  readonly code: number;
  /** Of both streams, as they came. */
  readonly all: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutSeconds?: number;
}

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
};

/** Never rejects because of what the program does: 127 when it cannot be started, 124 when it took too long. */
export async function runProgram(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  const { input, timeoutSeconds, cwd = '/', env = {} } = options;
  const result = await execa(program, args, {
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds * 1000 }),
    cwd,
    env: { ...ENVIRONMENT, ...env },
    extendEnv: false,
    reject: false,
    all: true,
    maxBuffer: 64_000_000,
  });
  const code = result.exitCode ?? (result.timedOut ? 124 : 127);
  const all = result.all ?? '';
  return {
    code,
    all: code === 127 && all === '' ? (result.message ?? '') : all,
    stdout: result.stdout ?? '',
  };
}

/** @throws what the program said, when its exit code is not 0. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, all, stdout } = await runProgram(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}: ${all.trim()}`);
  return stdout;
}
