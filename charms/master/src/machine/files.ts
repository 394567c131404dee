/** Files of the machine: replaced in one step, and only when something about them differs. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { FileContent, Files } from './machine.ts';
import { mustRun } from './run.ts';

const errno = z.object({ code: z.string() });

function isMissing(error: unknown): boolean {
  const { data } = errno.safeParse(error);
  return data?.code === 'ENOENT' || data?.code === 'ENOTDIR';
}

async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
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
  const line = (await readFile('/etc/passwd', 'utf8'))
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
  const there = await orMissing(stat(path));
  if (there?.isFile() && there.uid === uid && there.gid === gid && (there.mode & 0o7777) === mode) {
    if ((await readFile(path, 'utf8')) === content) return 'same';
  }
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  await rm(temporary, { force: true });
  // Nobody else may read it, not even while it is being written; and it is nobody's link to somewhere else.
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.chown(uid, gid);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  return 'changed';
}

async function directory(path: string, mode: number, owner?: string): Promise<'changed' | 'same'> {
  const { uid, gid } = await ownerIds(owner);
  const there = await orMissing(stat(path));
  if (there?.isDirectory() && there.uid === uid && there.gid === gid && (there.mode & 0o7777) === mode) {
    return 'same';
  }
  await mkdir(path, { recursive: true });
  await chmod(path, mode);
  // A storage that comes from another machine, where the user had another number.
  if (owner !== undefined && (there?.uid ?? uid) !== uid) {
    await mustRun(['chown', '--recursive', '--no-dereference', `${uid}:${gid}`, path]);
  }
  await chown(path, uid, gid);
  return 'changed';
}

export const realFiles: Files = {
  read: async (path) => await orMissing(readFile(path, 'utf8')),
  list: async (path) => ((await orMissing(readdir(path))) ?? []).toSorted(),
  write,
  directory,
  remove: async (path) => {
    if ((await orMissing(stat(path))) === undefined) return 'same';
    await rm(path, { recursive: true, force: true });
    return 'changed';
  },
  stamp: async (path) => {
    const there = await orMissing(stat(path));
    return there === undefined ? '' : `${there.size}-${there.mtimeMs}-${there.ino}`;
  },
  space: async (path) => {
    const system = await orMissing(statfs(path));
    return system === undefined ? undefined : system.bavail * system.bsize;
  },
  digest: async (path) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  },
  copyProgram: async (from, to) => {
    if ((await orMissing(stat(to))) !== undefined) return 'same';
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    await copyFile(from, `${to}.new`);
    await chmod(`${to}.new`, 0o755);
    await rename(`${to}.new`, to);
    return 'changed';
  },
};
