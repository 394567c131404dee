/**
 * Opens the directories that are to be bound. What a path leads to may change at any moment, and a build may make it change:
 * so it is the open directory that is judged, and once the container runs, what LXD has bound is compared with it.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bindProblem } from './bind-rule.ts';
import { runFailure } from './failure.ts';
import type { Caller, Ids } from './identity.ts';
import { runMessages } from './messages.ts';
import { isNosuid } from './nosuid.ts';

export interface Bind {
  /** The same in the container and outside. */
  readonly path: string;
  readonly access: 'read-write' | 'read-only';
  readonly handle: FileHandle;
}

export interface Binds extends AsyncDisposable {
  readonly binds: readonly Bind[];
  /** Whom the first one belongs to. */
  readonly ids: Ids | undefined;
  /** Whether all of them are on file systems that are mounted with `nosuid`. */
  readonly nosuid: boolean;
}

/** Opens and judges them all; throws a `Failure` that says what is wrong with the first that may not be bound. */
export async function openBinds(caller: Caller, base: string, given: readonly string[]): Promise<Binds> {
  const realBase = await realpath(base).catch(() => base);
  const binds: Bind[] = [];
  const close = async (): Promise<void> => {
    for (const { handle } of binds) await handle.close();
  };
  try {
    let ids: Ids | undefined;
    for (const path of given) {
      const { bind, ids: owner } = await openBind(caller, realBase, path);
      if (binds.some((other) => other.path === bind.path)) {
        await bind.handle.close();
        continue;
      }
      binds.push(bind);
      ids ??= owner;
      const repository = await openRepository(bind);
      if (repository !== undefined) binds.push(repository);
    }
    // As LXD sees the file system, and not as the worker's unit does.
    const mounts = await readFile('/proc/1/mountinfo', 'utf8').catch(() => '');
    const nosuid = binds.every(({ path }) => isNosuid(mounts, path));
    return { binds, ids, nosuid, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBind(caller: Caller, base: string, given: string): Promise<{ bind: Bind; ids: Ids }> {
  const handle = await open(resolve(given), constants.O_RDONLY | constants.O_DIRECTORY).catch(
    (error: unknown) => {
      // What there is elsewhere is nothing that a build may find out in this way.
      if (caller.kind === 'on-behalf') throw runFailure(runMessages.notBelow(given, base));
      throw runFailure(runMessages.cannotOpen(given, codeOf(error)), error);
    },
  );
  try {
    const path = await readlink(`/proc/self/fd/${handle.fd}`);
    const facts = await handle.stat();
    const kind = facts.isDirectory() ? 'directory' : 'other';
    const problem = bindProblem(caller, base, { given, path, kind, uid: facts.uid, gid: facts.gid });
    if (problem !== undefined) throw runFailure(problem);
    return { bind: { path, access: 'read-write', handle }, ids: { uid: facts.uid, gid: facts.gid } };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * git's own directory in a bound one, or the file that stands for it. Outside of the container the worker runs git there for the
 * next build, and git runs what it finds in there as hooks, filters and monitors (git-config(1), githooks(5)): so no build writes it.
 */
async function openRepository({ path, handle }: Bind): Promise<Bind | undefined> {
  const inside = join(path, '.git');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    // By the directory that was judged, wherever its path leads by now.
    const opened = await open(`/proc/self/fd/${handle.fd}/.git`, flags);
    return { path: inside, access: 'read-only', handle: opened };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw runFailure(runMessages.oddRepository(inside, codeOf(error)), error);
  }
}

/** Whether the container, whose first process is given, has exactly the directories that were judged. */
export async function areBound(binds: readonly Bind[], pid: number): Promise<boolean> {
  const same = await Promise.all(
    binds.map(async ({ path, handle }) => {
      const [judged, bound] = await Promise.all([handle.stat(), stat(`/proc/${pid}/root${path}`)]);
      return judged.dev === bound.dev && judged.ino === bound.ino;
    }),
  );
  return !same.includes(false);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
