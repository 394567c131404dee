/**
 * Gives what a container's root has made in a bound directory to the directory's owner: to the worker, root of the container is nobody that
 * it knows, and the next checkout could not remove such files. Only for images in which a build can become root at all.
 *
 * It is done in the container, by its root, who has no rights outside: what a build exchanges for a link meanwhile leads nowhere else.
 */
import { exec, type Lxd } from '../lxd/index.ts';
import type { Bind } from './binds.ts';
import type { Ids } from './identity.ts';
import { runMessages } from './messages.ts';

interface HandBack {
  readonly container: string;
  readonly binds: readonly Pick<Bind, 'path' | 'access'>[];
  readonly ids: Ids;
}

/** The commands that do it, one for each directory that can be written; what is read-only in them is left out. Pure. */
export function handBackCommands({ binds, ids: { uid, gid } }: Pick<HandBack, 'binds' | 'ids'>): string[][] {
  const left = binds.filter(({ access }) => access === 'read-only');
  const others = ['(', '!', '-uid', String(uid), '-o', '!', '-gid', String(gid), ')'];
  return binds
    .filter(({ access }) => access === 'read-write')
    .map(({ path }) => [
      'find',
      path,
      '-xdev',
      ...left.flatMap((one) => ['-path', escaped(one.path), '-prune', '-o']),
      ...others,
      '-exec',
      'chown',
      '-h',
      `${uid}:${gid}`,
      '{}',
      '+',
    ]);
}

/** -path takes a pattern (find(1)). */
const escaped = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');

/** Does it, and says what went wrong: how the command ended is not changed by that. */
export async function handBack(lxd: Lxd, what: HandBack, say: (sentence: string) => void): Promise<void> {
  for (const argv of handBackCommands(what)) {
    const errors: Buffer[] = [];
    const running = await exec(lxd, what.container, {
      argv,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
      stdout: () => undefined,
      stderr: (chunk) => void (errors.length < 10 && errors.push(chunk)),
    });
    const code = await running.exitCode;
    if (code !== 0)
      say(runMessages.notHandedBack(Buffer.concat(errors).toString().trim() || `exit code ${code}`));
  }
}
