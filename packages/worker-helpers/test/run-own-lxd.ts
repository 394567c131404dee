/**
 * An LXD of the test's own, beside the machine's: one that may be killed, and whose storage may be full. It has a directory,
 * a pool and a bridge of its own, and an image that is exported from the machine's LXD.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { chooseBridgeAddress, routedSubnets } from '../../../test/support/lxd-subnet.ts';
import { imageAlias } from '../src/lxd/index.ts';
import { until } from './run-world.ts';

export class OwnLxd implements AsyncDisposable {
  readonly directory: string;
  readonly #bridge = `lpbt${process.pid % 100_000}`;
  #daemon: ChildProcess;

  private constructor(directory: string, daemon: ChildProcess) {
    this.directory = directory;
    this.#daemon = daemon;
  }

  get env(): { LXD_DIR: string } {
    return { LXD_DIR: this.directory };
  }

  /** `size` is that of its pool, as LXD writes sizes. */
  static async start(size: string): Promise<OwnLxd> {
    const directory = await mkdtemp(join(tmpdir(), 'own-lxd-'));
    const own = new OwnLxd(directory, await daemon(directory));
    const address = chooseBridgeAddress(routedSubnets(await readFile('/proc/net/route', 'utf8')));
    const preseed = {
      storage_pools: [{ name: 'default', driver: 'btrfs', config: { size } }],
      networks: [
        {
          name: own.#bridge,
          type: 'bridge',
          config: { 'ipv4.address': address, 'ipv4.nat': 'true', 'ipv6.address': 'none' },
        },
      ],
      profiles: [
        {
          name: 'default',
          devices: {
            root: { type: 'disk', path: '/', pool: 'default' },
            eth0: { type: 'nic', name: 'eth0', network: own.#bridge },
          },
        },
      ],
    };
    await execa('lxd', ['init', '--preseed'], { env: own.env, input: JSON.stringify(preseed) });
    return own;
  }

  /** Takes the image of that name over from the machine's LXD. */
  async take(name: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'own-image-'));
    await execa('lxc', ['image', 'export', imageAlias(name), join(directory, 'image')]);
    const files = (await readdir(directory)).toSorted((one, other) => one.length - other.length);
    const paths = files.map((file) => join(directory, file));
    // In two files, the one with the root file system has the longer name.
    await execa('lxc', ['image', 'import', ...paths, '--alias', imageAlias(name)], { env: this.env });
    await rm(directory, { recursive: true });
  }

  async lxc(...args: readonly string[]): Promise<string> {
    return (await execa('lxc', args, { env: this.env })).stdout;
  }

  /** As if it had crashed; its containers run on. */
  async kill(): Promise<void> {
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGKILL');
    await ended;
  }

  async startAgain(): Promise<void> {
    this.#daemon = await daemon(this.directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa(
      'sh',
      ['-c', 'lxc list -c n --format csv | while read -r name; do lxc delete --force "$name"; done'],
      {
        env: this.env,
      },
    );
    await execa(
      'sh',
      ['-c', 'lxc image list -c f --format csv | while read -r image; do lxc image delete "$image"; done'],
      {
        env: this.env,
      },
    );
    await execa('lxc', ['profile', 'device', 'remove', 'default', 'root'], { env: this.env });
    await execa('lxc', ['profile', 'device', 'remove', 'default', 'eth0'], { env: this.env });
    await execa('lxc', ['network', 'delete', this.#bridge], { env: this.env });
    await execa('lxc', ['storage', 'delete', 'default'], { env: this.env });
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGTERM');
    await ended;
    await unmountBelow(this.directory);
    await rm(this.directory, { recursive: true });
  }
}

async function daemon(directory: string): Promise<ChildProcess> {
  const log = openSync(join(directory, 'daemon.log'), 'a');
  const child = spawn('lxd', ['--group', 'root'], {
    cwd: '/',
    env: { ...process.env, LXD_DIR: directory },
    stdio: ['ignore', log, log],
  });
  const ready = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(await readFile(join(directory, 'daemon.log'), 'utf8'));
    const { exitCode } = await execa('lxd', ['waitready', '--timeout=5'], {
      env: { LXD_DIR: directory },
      reject: false,
    });
    return exitCode === 0;
  };
  await until(ready, 'LXD is ready');
  return child;
}

async function unmountBelow(directory: string): Promise<void> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const mounts = table.split('\n').map((line) => line.split(' ')[4] ?? '');
  for (const path of mounts.filter((mount) => mount.startsWith(`${directory}/`)).toReversed()) {
    await execa('umount', ['--lazy', path]);
  }
}
