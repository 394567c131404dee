/**
 * Gives what a container's root has made in a bound directory to the directory's owner: to the worker, root of the container is nobody that
 * it knows, and the next checkout could not remove such files. Only for images in which a build can become root at all.
 *
 * It is done in the container, by its root, who has no rights outside: what a build exchanges for a link meanwhile leads nowhere else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, type Lxd, type Mapping } from '../lxd/index.ts';
import type { Bind } from './binds.ts';
import { runMessages } from './messages.ts';

/** A build may have put something in the way that never answers; in milliseconds. */
const PATIENCE_MILLISECONDS = 60_000;

/** Whom the container sees where files belong to nobody that it has an id for (the kernel's overflowuid and overflowgid). */
const FOREIGN = '65534';

/** The clock of file systems ticks more coarsely than ours, in milliseconds. */
const TICK_MILLISECONDS = 20;

interface Handed {
  readonly binds: readonly Pick<Bind, 'path' | 'access'>[];
  readonly mapping: Mapping;
  /** When the command began, in milliseconds since the epoch. */
  readonly since: number;
}

/**
 * The commands that do it, one for each directory that can be written; what is read-only in them is left out. With raw.idmap every id that the
 * container has but the owner's is of a container; with a shifted mount root's files may be the machine's own, and only those that have changed
 * since the command began are the command's. Pure.
 */
export function handBackCommands({ binds, mapping: { way, ids }, since }: Handed): string[][] {
  const { uid, gid } = ids;
  const left = binds.filter(({ access }) => access === 'read-only');
  const others = ['(', '!', '-uid', String(uid), '-o', '!', '-gid', String(gid), ')'];
  const theirs =
    way === 'shift'
      ? ['-newerct', `@${((since - TICK_MILLISECONDS) / 1000).toFixed(3)}`]
      : ['!', '-uid', FOREIGN, '!', '-gid', FOREIGN];
  return binds
    .filter(({ access }) => access === 'read-write')
    .map(({ path }) => [
      'find',
      path,
      '-xdev',
      ...left.flatMap((one) => ['-path', escaped(one.path), '-prune', '-o']),
      ...others,
      ...theirs,
      ...['-exec', 'chown', '-h', `${uid}:${gid}`, '{}', '+'],
    ]);
}

/** -path takes a pattern (find(1)). */
const escaped = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');

/** Does it, and says what went wrong: how the command ended is not changed by that. Throws `LxdError` when LXD breaks off. */
export async function handBack(
  lxd: Lxd,
  container: string,
  handed: Handed,
  say: (sentence: string) => void,
): Promise<void> {
  for (const argv of handBackCommands(handed)) {
    const errors: Buffer[] = [];
    const { exitCode } = await exec(lxd, container, {
      argv,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
      stdout: () => undefined,
      stderr: (chunk) => void (errors.length < 10 && errors.push(chunk)),
    });
    const late = sleep(PATIENCE_MILLISECONDS, 'late' as const, { ref: false });
    const code = await Promise.race([exitCode, late]);
    if (code === 0) continue;
    // The container is stopped now, and with it the command, whatever it still says.
    exitCode.catch(() => undefined);
    const said = Buffer.concat(errors).toString().trim();
    say(runMessages.notHandedBack(code === 'late' ? runMessages.noEnd : said || `exit code ${code}`));
    if (code === 'late') return;
  }
}
