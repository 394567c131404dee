/** What a run that was killed has left on LXD and on this machine: its names end with the process that made it, and a number. */
import { execa } from 'execa';
import { lxc } from '../deb/lxc.ts';
import { removeSmallDisk, smallDisks } from './small-disk.ts';

export async function removeLeftovers(prefix: string): Promise<void> {
  for (const name of (await listed(['list', '--format=csv', '--columns=n'], prefix)).filter(isLeft)) {
    await execa('lxc', ['delete', '--force', name], { reject: false });
  }
  const volumes = await listed(
    ['storage', 'volume', 'list', 'default', '--format=csv', '--columns=n'],
    prefix,
  );
  for (const name of volumes.filter(isLeft)) {
    await execa('lxc', ['storage', 'volume', 'delete', 'default', name], { reject: false });
  }
  for (const name of (await smallDisks(prefix)).filter(isLeft)) await removeSmallDisk(name);
}

async function listed(argv: readonly string[], prefix: string): Promise<string[]> {
  return (await lxc(argv)).split('\n').filter((name) => name.startsWith(prefix));
}

/** `lpbuildbot-rig-site-4711-0` for a machine, and `...-4711-data-0` for a storage. */
function isLeft(name: string): boolean {
  const [, pid] = /-(\d+)(?:-[a-z-]+)?-\d+$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
}
