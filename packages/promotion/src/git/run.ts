/**
 * The one place that starts git. Every call has a time limit, after which the whole process group is killed: git leaves
 * ssh or a remote helper behind when only git itself is killed, and those may hang for as long as the network does.
 */
import { type ChildProcess, spawn } from 'node:child_process';

interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface GitCall {
  /** The repository; none for commands that need none. */
  readonly directory?: string;
  readonly timeoutMs: number;
  readonly input?: string;
  /** Variables on top of the environment of all calls. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are answers and not failures; 0 always is. */
  readonly answers?: readonly number[];
}

/** Runs git with these arguments; rejects with GitError when it could not do what was asked. */
export interface Git {
  run(args: readonly string[], call: GitCall): Promise<GitResult>;
  /** Ends what still runs. For shutting down. */
  killAll(): void;
}

/** git ended with an unexpected code, did not end in time, or could not be started. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly why: 'exit' | 'timeout' | 'not-started' | 'killed';
  readonly command: string;
  readonly stderr: string;
  readonly stdout: string;

  constructor(why: GitError['why'], command: string, stdout: string, stderr: string, detail: string) {
    super(`git ${command}: ${detail}`);
    this.why = why;
    this.command = command;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** The limit for what git writes in one call, in bytes; far above 100,000 commit ids. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * How long what git started may keep git's output open after git itself has ended, in milliseconds: an ssh that stays
 * in the background for the next connection (ssh_config(5), ControlPersist) does so for minutes.
 */
const LINGER_MS = 2000;

/** git as found in PATH, with an environment of our own (see environment.ts). */
export function createGit(environment: Readonly<Record<string, string>>): Git {
  const running = new Set<ChildProcess>();
  return {
    run: (args, call) => runGit(args, call, environment, running),
    killAll: () => {
      for (const child of running) killGroup(child);
    },
  };
}

function runGit(
  args: readonly string[],
  call: GitCall,
  environment: Readonly<Record<string, string>>,
  running: Set<ChildProcess>,
): Promise<GitResult> {
  // The subcommand is enough to recognise the call by; the rest may be long.
  const command = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? '';
  return new Promise((fulfil, reject) => {
    const child = spawn('git', call.directory === undefined ? args : ['--git-dir', call.directory, ...args], {
      detached: true,
      env: { ...environment, ...call.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, call.timeoutMs);
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_LIMIT) killGroup(child);
      else into.push(chunk);
    };
    child.stdout.on('data', collect(out));
    child.stderr.on('data', collect(err));
    // git may end without reading all of its input; its exit code tells what happened.
    child.stdin.on('error', () => {});
    child.stdin.end(call.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new GitError('not-started', command, '', '', error.message));
    });
    let lingering: NodeJS.Timeout | undefined;
    child.on('exit', () => {
      lingering = setTimeout(() => {
        killGroup(child);
        child.stdout.destroy();
        child.stderr.destroy();
      }, LINGER_MS);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(lingering);
      running.delete(child);
      const stdout = Buffer.concat(out).toString('utf8');
      const stderr = Buffer.concat(err).toString('utf8');
      const fail = (why: GitError['why'], detail: string) =>
        reject(new GitError(why, command, stdout, stderr, detail));
      if (timedOut) fail('timeout', `no answer within ${call.timeoutMs / 1000} s`);
      else if (signal !== null || code === null) fail('killed', `ended by ${signal ?? 'a signal'}`);
      else if (code === 0 || call.answers?.includes(code)) fulfil({ code, stdout, stderr });
      else fail('exit', reasonIn(stderr) || `exit code ${code}`);
    });
  });
}

/** The line of git's standard error that says why, for people. */
export function reasonIn(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // What git says of a broken connection is always the same; why it broke is what ssh said before.
  const broken = lines.findIndex((line) => /^fatal: Could not read from remote repository/.test(line));
  const before = lines.slice(0, Math.max(0, broken)).filter((line) => !line.startsWith('Warning:'));
  if (before.length > 0) return before.join('; ').slice(0, 300);
  const telling = lines.find((line) => /^(fatal|error|ssh|remote: (error|fatal)):/i.test(line));
  return (telling ?? lines[0] ?? '').replace(/^(fatal|error): /, '').slice(0, 300);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
}
