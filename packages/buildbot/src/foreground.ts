/**
 * A master or a worker as a child of this process: it ends with its parent, in whatever way the parent ends. A deployed
 * master is systemd's child instead and needs none of this.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pythonFolder } from './paths.ts';

/** What a build inherits through its worker, and git needs to reach a remote; the rest is nobody's business. */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'],
  ...['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_SSL_CAINFO', 'SSL_CERT_FILE'],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
];
const KEPT_OUTPUT = 32_768;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Foreground {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The end of what it wrote outside its log: interpreter errors, mostly. */
  output(): string;
  /** Sends a signal, and SIGKILL when it still runs after that many seconds; resolves once it is gone. */
  stop(signal: NodeJS.Signals, graceSeconds: number): Promise<Exit>;
}

export interface ForegroundOptions {
  readonly python: string;
  /** Holds buildbot.tac. */
  readonly directory: string;
  /** Added to the few variables that are passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts twistd on a directory's buildbot.tac, by `foreground.py` and with its flags. Rejects when the interpreter cannot be run at all. */
export async function startForeground(
  options: ForegroundOptions,
  flags: readonly string[] = [],
): Promise<Foreground> {
  const passed = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const child = spawn(
    options.python,
    [join(pythonFolder, 'foreground.py'), `--parent=${process.pid}`, ...flags, resolve(options.directory)],
    { env: { ...Object.fromEntries(passed), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  const exited = new Promise<Exit>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  const pid = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.once('spawn', () => done(child.pid ?? 0));
  });
  return {
    pid,
    exited,
    output: () => output,
    stop: async (signal, graceSeconds) => {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
