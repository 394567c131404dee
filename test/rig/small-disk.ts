/**
 * A disk of limited size for a machine: a file system in a file, since quotas of LXD's btrfs pools slow down everything else on the
 * pool, and not every kernel enforces them in a container.
 */
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const home = '/var/tmp';

/** Gives the directory that it is mounted on. `owner` is the machine's root, as this machine counts. `size` as truncate writes it: `512M`. */
export async function makeSmallDisk(name: string, size: string, owner: number): Promise<string> {
  const directory = join(home, name);
  await mkdir(directory);
  await execa('truncate', ['--size', size, `${directory}.img`]);
  await execa('mkfs.ext4', ['-q', '-m', '0', '-E', `root_owner=${owner}:${owner}`, `${directory}.img`]);
  await execa('mount', ['-o', 'loop', `${directory}.img`, directory]);
  // mkfs puts a directory there that a fresh file system of Juju's has not.
  await rm(join(directory, 'lost+found'), { recursive: true, force: true });
  return directory;
}

export async function removeSmallDisk(name: string): Promise<void> {
  const directory = join(home, name);
  await execa('umount', ['--lazy', directory], { reject: false });
  await rmdir(directory).catch(() => {});
  await rm(`${directory}.img`, { force: true });
}

/** Those of runs that were killed. */
export async function smallDisks(prefix: string): Promise<readonly string[]> {
  const names = await readdir(home);
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith('.img'))
    .map((name) => name.slice(0, -4));
}
