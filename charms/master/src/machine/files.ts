/**
 * Files of the machine: replaced in one step, and only when something about them differs. The calls are Node's synchronous ones: a
 * hook has nothing else to do meanwhile, and handing each of a hundred small reads to another thread takes more time than reading.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  createReadStream,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { FileContent, Files } from './machine.ts';
import { mustRun } from './run.ts';

const errno = z.object({ code: z.string() });

function isMissing(error: unknown): boolean {
  const { data } = errno.safeParse(error);
  return data?.code === 'ENOENT' || data?.code === 'ENOTDIR';
}

function orMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** The ids of a user, as /etc/passwd has them. */
export async function idsOf(name: string): Promise<Ids | undefined> {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function ownerIds(owner: string | undefined): Promise<Ids> {
  if (owner === undefined) return { uid: 0, gid: 0 };
  const ids = await idsOf(owner);
  if (ids === undefined) throw new Error(`there is no user ${owner}`);
  return ids;
}

async function write(path: string, { content, mode, owner }: FileContent): Promise<'changed' | 'same'> {
  const { uid, gid } = await ownerIds(owner);
  const there = orMissing(() => statSync(path));
  if (there?.isFile() && there.uid === uid && there.gid === gid && (there.mode & 0o7777) === mode) {
    if (readFileSync(path, 'utf8') === content) return 'same';
  }
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  rmSync(temporary, { force: true });
  // Nobody else may read it, not even while it is being written; and it is nobody's link to somewhere else.
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(descriptor, content);
    fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  return 'changed';
}

async function directory(path: string, mode: number, owner?: string): Promise<'changed' | 'same'> {
  const { uid, gid } = await ownerIds(owner);
  const there = orMissing(() => statSync(path));
  if (there?.isDirectory() && there.uid === uid && there.gid === gid && (there.mode & 0o7777) === mode) {
    return 'same';
  }
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  // A storage that comes from another machine, where the user had another number.
  if (owner !== undefined && (there?.uid ?? uid) !== uid) {
    await mustRun(['chown', '--recursive', '--no-dereference', `${uid}:${gid}`, path]);
  }
  chownSync(path, uid, gid);
  return 'changed';
}

export const realFiles: Files = {
  read: async (path) => orMissing(() => readFileSync(path, 'utf8')),
  list: async (path) => (orMissing(() => readdirSync(path)) ?? []).toSorted(),
  write,
  directory,
  remove: async (path) => {
    if (orMissing(() => statSync(path)) === undefined) return 'same';
    rmSync(path, { recursive: true, force: true });
    return 'changed';
  },
  stamp: async (path) => {
    const there = orMissing(() => statSync(path));
    return there === undefined ? '' : `${there.size}-${there.mtimeMs}-${there.ino}`;
  },
  space: async (path) => {
    const system = orMissing(() => statfsSync(path));
    return system === undefined ? undefined : system.bavail * system.bsize;
  },
  digest: async (path) => {
    const hash = createHash('sha256');
    for await (const part of createReadStream(path)) hash.update(part);
    return hash.digest('hex');
  },
  copyProgram: async (from, to) => {
    if (orMissing(() => statSync(to)) !== undefined) return 'same';
    mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
    copyFileSync(from, `${to}.new`);
    chmodSync(`${to}.new`, 0o755);
    renameSync(`${to}.new`, to);
    return 'changed';
  },
};
