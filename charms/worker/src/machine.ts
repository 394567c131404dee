/**
 * The one seam between the charm and the machine that it runs on: files, programs, LXD's socket, the clock. It knows no Juju and
 * decides nothing. Tests put a machine in its place that keeps state and understands the same commands. Files are read by Node's
 * synchronous calls: a hook has nothing else to do meanwhile, and handing each small read to another thread takes longer.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { places } from './places.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What LXD's REST API said. */
type LxdAnswer =
  | { readonly kind: 'answer'; readonly metadata: unknown }
  | { readonly kind: 'refused'; readonly code: number; readonly why: string }
  /** There is no LXD on this machine. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable'; readonly why: string };

export interface Machine {
  /** Runs a program to its end; one that cannot be started ends with 127 and the reason on stderr. */
  readonly run: (argv: readonly [string, ...string[]], options?: RunOptions) => Promise<Ran>;
  /** Nothing when it is not there. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** All at once or not at all; directories above are made. */
  readonly write: (path: string, text: string, mode: 0o600 | 0o644) => Promise<void>;
  /** A file or a whole directory; no matter when it is not there. */
  readonly remove: (path: string) => Promise<void>;
  /** When it was last written, in milliseconds since the epoch, and how large it is. */
  readonly facts: (path: string) => Promise<{ readonly modified: number; readonly size: number } | undefined>;
  /** GET of a path of LXD's API. */
  readonly lxd: (path: string) => Promise<LxdAnswer>;
  /** What is free on the file system of that directory, in bytes. */
  readonly free: (directory: string) => Promise<number>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin';
/** Juju's hooks have no HOME. The snap's lxc wants root's own; Debian's would leave its settings there. */
const environment = { PATH, HOME: '/root', LXD_CONF: `${places.state}/lxc`, LANG: 'C.UTF-8' };
const sockets = ['/var/snap/lxd/common/lxd/unix.socket', '/var/lib/lxd/unix.socket'];

/** @param proxies of the model, for what is fetched. */
export function realMachine(proxies: Readonly<Record<string, string>> = {}): Machine {
  return {
    // Juju's own environment stays out.
    run: (argv, { input, env = {} } = {}) => runProgram(argv, { ...environment, ...proxies, ...env }, input),
    readText: async (path) => orAbsent(() => readFileSync(path, 'utf8')),
    write: async (path, text, mode) => replaceFile(path, text, mode),
    remove: async (path) => rmSync(path, { recursive: true, force: true }),
    facts: async (path) => {
      const found = orAbsent(() => statSync(path));
      return found === undefined ? undefined : { modified: found.mtimeMs, size: found.size };
    },
    lxd: askLxd,
    free: async (directory) => {
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize;
    },
    now: Date.now,
    sleep: async (milliseconds) => await sleep(milliseconds),
  };
}

/** With Node's own spawn: a library for it would cost more than the programs. */
async function runProgram(
  [program, ...words]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  input: string | undefined,
): Promise<Ran> {
  const ended = Promise.withResolvers<Ran>();
  const child = spawn(program, words, {
    env,
    cwd: '/',
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // Who does not read all of it has a reason, and says so.
  child.stdin?.on('error', () => undefined).end(input);
  child.on('error', (error) => ended.resolve({ code: 127, stdout, stderr: error.message }));
  child.on('close', (code, signal) =>
    ended.resolve({
      code: code ?? 127,
      stdout,
      stderr: code === null ? `${stderr}ended by ${signal}` : stderr,
    }),
  );
  return await ended.promise;
}

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

function replaceFile(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** LXD's doc/rest-api.md: every answer is one of these. */
const answerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sync'), metadata: z.unknown() }),
  z.object({ type: z.literal('async'), metadata: z.unknown() }),
  z.object({ type: z.literal('error'), error: z.string(), error_code: z.number() }),
]);

async function askLxd(path: string): Promise<LxdAnswer> {
  const socketPath = sockets.find((socket) => existsSync(socket));
  if (socketPath === undefined) return { kind: 'absent' };
  // An import would read every export of it, and one of them loads an HTTP client of a megabyte.
  const { get } = process.getBuiltinModule('node:http');
  const answered = Promise.withResolvers<string>();
  const request = get({ socketPath, path, headers: { host: 'lxd' }, timeout: 60_000 }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => answered.resolve(text));
    response.on('error', answered.reject);
  });
  request.on('timeout', () => request.destroy(new Error('no answer for a minute')));
  request.on('error', answered.reject);
  try {
    const answer = answerSchema.parse(JSON.parse(await answered.promise));
    if (answer.type === 'error') return { kind: 'refused', code: answer.error_code, why: answer.error };
    return { kind: 'answer', metadata: answer.metadata };
  } catch (error) {
    return { kind: 'unreachable', why: error instanceof Error ? error.message : String(error) };
  }
}
