/**
 * The machine that a worker is set up on: reads what is there and takes single steps. What belongs to the worker's user is
 * written with that user's rights: the directory is theirs, and a link in it must not lead root anywhere.
 */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../command/failure.ts';
import { messages } from './messages.ts';
import { type Places, SERVICE } from './places.ts';
import type { Found, FoundFile, FoundService, Step } from './plan.ts';
import { removablePaths, type WorkerFile } from './worker-files.ts';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Runs a program to its end; an exit code other than 0 is not an exception. */
export type Run = (argv: readonly [string, ...string[]]) => Promise<{ code: number; output: string }>;

export interface Machine {
  readonly places: Places;
  readonly worker: Identity;
  readonly run: Run;
}

export const runForReal: Run = async ([program, ...words]) => {
  const { exitCode, all } = await execa(program, words, { all: true, reject: false, stdin: 'ignore' });
  return { code: exitCode ?? 127, output: all };
};

/** Who that user is, or nothing. */
export async function identityOf(user: string, run: Run): Promise<Identity | undefined> {
  const { code, output } = await run(['getent', 'passwd', user]);
  const [, , uid, gid] = output.split(':');
  return code === 0 ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

export async function observe(machine: Machine): Promise<Found> {
  const files = new Map<string, FoundFile>();
  for (const path of [...removablePaths(machine.places), machine.places.metrics]) {
    const file = readNoLink(path, machine.worker);
    if (file !== undefined) files.set(path, file);
  }
  return { files, service: await observeService(machine.run) };
}

function readNoLink(path: string, worker: Identity): FoundFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    // Not a file of ours, whatever it is: it will be replaced.
    return { content: '', mode: 0, owner: 'other', changed: 0 };
  }
  try {
    const { uid, mode, mtimeMs } = fstatSync(descriptor);
    const owner = uid === worker.uid ? 'worker' : uid === 0 ? 'root' : 'other';
    return { content: readFileSync(descriptor, 'utf8'), mode: mode & 0o7777, owner, changed: mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/** systemctl(1): properties as `Name=value` lines; times in UTC with microseconds. */
async function observeService(run: Run): Promise<FoundService> {
  const properties = 'LoadState,ActiveState,SubState,ExecMainStartTimestamp';
  const { code, output } = await run([
    'systemctl',
    'show',
    '--timestamp=us+utc',
    `--property=${properties}`,
    SERVICE,
  ]);
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  if (code !== 0 || value('LoadState') !== 'loaded') return { kind: 'absent' };
  const active = ['active', 'activating', 'reloading'].includes(value('ActiveState'));
  // Between two runs it is active to systemd, and yet takes whatever is there when it starts.
  if (value('SubState') === 'auto-restart') return { kind: 'stopped' };
  const since = parseSystemdTime(value('ExecMainStartTimestamp'));
  return active && since !== undefined ? { kind: 'running', since } : { kind: 'stopped' };
}

/** `Mon 2026-11-23 07:05:15.123456 UTC`, in milliseconds since the epoch. */
export function parseSystemdTime(text: string): number | undefined {
  const [, day, time, fraction = ''] = /^\S+ (\S+) (\d\d:\d\d:\d\d)(\.\d{1,6})? UTC$/.exec(text) ?? [];
  const seconds = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(seconds) ? undefined : seconds + Number(`0${fraction}`) * 1000;
}

export async function take(step: Step, machine: Machine): Promise<void> {
  try {
    await act(step, machine);
  } catch (error) {
    // A full disk, a file system that is read-only, a link where none should be.
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    const path = step.kind === 'write' ? step.file.path : step.kind === 'remove' ? step.path : SERVICE;
    throw new Failure(messages.unwritable(path, String(error.code)), { cause: error });
  }
}

async function act(step: Step, machine: Machine): Promise<void> {
  const { worker, places, run } = machine;
  switch (step.kind) {
    case 'write':
      if (step.file.owner === 'worker') as(worker, () => replaceFile(step.file));
      else replaceFile(step.file);
      return;
    case 'remove':
      if (step.path.startsWith(`${places.worker}/`)) as(worker, () => rmSync(step.path, { force: true }));
      else rmSync(step.path, { force: true });
      return;
    case 'start':
      return await systemctl(run, 'start');
    case 'drain':
      return await drain(run);
    case 'restart':
      return await systemctl(run, 'restart');
    case 'stop':
      return await systemctl(run, 'stop');
  }
}

/** A worker that ends at just this moment cannot be asked, and need not be: the next one takes what is there. */
async function drain(run: Run): Promise<void> {
  const before = await observeService(run);
  const { code, output } = await run(['systemctl', 'reload', SERVICE]);
  if (code === 0) return;
  const now = await observeService(run);
  const same = now.kind === 'running' && before.kind === 'running' && now.since === before.since;
  if (same) throw new Failure(messages.failed(`systemctl reload ${SERVICE}`, output));
  await systemctl(run, 'start');
}

async function systemctl(run: Run, verb: string): Promise<void> {
  const { code, output } = await run(['systemctl', verb, SERVICE]);
  if (code !== 0) throw new Failure(messages.failed(`systemctl ${verb} ${SERVICE}`, output));
}

/** All at once, or not at all: a crash or a full disk leaves the old file. */
function replaceFile({ path, content, mode }: WorkerFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeFileSync(descriptor, content);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Does synchronous work with another user's rights over files; without root's rights, with one's own. */
function as<Result>({ uid, gid }: Identity, work: () => Result): Result {
  if (process.geteuid?.() !== 0) return work();
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([gid]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

/** The worker's own directory, when the package did not make it. */
export function ensureWorkerDirectory({ places, worker }: Machine): void {
  if (mkdirSync(places.worker, { recursive: true, mode: 0o755 }) !== undefined && process.geteuid?.() === 0) {
    chownSync(places.worker, worker.uid, worker.gid);
  }
}
