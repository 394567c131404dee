/**
 * One run at a time for an image. flock(1) holds the lock in a process of its own that ends when we do, however we do, since
 * Node has no flock: nothing is left to be cleaned after `kill -9`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';

export interface Lock {
  release(): Promise<void>;
}

export interface Holder {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

const holderSchema = z.object({ pid: z.int(), since: z.number() });

/**
 * Waits for the lock of this name as long as it takes. `waiting` is called once when somebody else has it, with who that is,
 * where it is known. Rejects when the signal is aborted meanwhile.
 */
export async function takeLock(
  directory: string,
  name: string,
  waiting: (holder: Holder | undefined) => void,
  signal: AbortSignal,
): Promise<Lock> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${name}.lock`);
  const holding = hold(['--nonblock', file]);
  if (await isHeld(holding, signal)) return await taken(file, holding);
  waiting(await holderOf(file));
  // Before there is a process that would wait on.
  signal.throwIfAborted();
  const waited = hold([file]);
  if (await isHeld(waited, signal)) return await taken(file, waited);
  throw new Error(`flock cannot lock ${file}`);
}

type Holding = ChildProcessByStdio<Writable, Readable, null>;

/** It says that it has the lock, and keeps it until its standard input ends. */
function hold(args: readonly string[]): Holding {
  const child = spawn('flock', [...args, '--command', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A Ctrl-C at the terminal is for us to act on, with the lock still held.
    detached: true,
  });
  child.stdin.on('error', () => {});
  return child;
}

async function isHeld(child: Holding, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  child.stdout.once('data', () => resolve(true));
  child.once('error', reject);
  child.once('exit', () => resolve(false));
  const abort = () => {
    // The whole group: a shell that flock has started would otherwise wait on.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function taken(file: string, child: Holding): Promise<Lock> {
  const holder: Holder = { pid: process.pid, since: Date.now() };
  await writeFile(file, JSON.stringify(holder));
  return {
    release: async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin.end();
      await ended;
    },
  };
}

async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    return holderSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
