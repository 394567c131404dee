/**
 * The image of the test machines: Debian 12 with systemd and, so that no test waits for it, LXD and the downloads of what
 * the packages depend on. It is made once and kept in LXD, under a name that says what it was made from.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { lxc } from './lxc.ts';

/** A small root file system in every test machine, for images of the worker's own LXD. */
export const BASE_ROOTFS = '/srv/base.tar.zst';

const PREFIX = 'lpbuildbot-test-machine-';

const installed = [
  ...['systemd', 'systemd-sysv', 'dbus', 'ifupdown', 'isc-dhcp-client', 'iproute2', 'netbase', 'procps'],
  ...['ca-certificates', 'curl', 'man-db', 'bash-completion', 'zstd', 'openssl'],
  ...['lxd', 'lxd-client', 'btrfs-progs', 'dnsmasq-base', 'iptables', 'nftables', 'uidmap', 'mmdebstrap'],
];
/** Only their archives: the tests install them, as dependencies. */
const downloaded = ['buildbot-worker', 'sudo', 'adduser', 'git', 'autopkgtest'];

const base = ['systemd-sysv', 'dbus', 'ifupdown', 'isc-dhcp-client', 'iproute2', 'procps'];

const network = 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n';

/**
 * LXD inside a container on a machine with hierarchies of version 1 needs its own view of two controllers. It is no part of
 * what ships: a worker is a machine, or has the unified hierarchy.
 */
const cgroups = `#!/bin/sh
[ -e /sys/fs/cgroup/cgroup.controllers ] && exit 0
mount -o remount,rw /sys/fs/cgroup
for controller in cpu cpuacct; do
  [ -L "/sys/fs/cgroup/$controller" ] && rm "/sys/fs/cgroup/$controller"
  mountpoint -q "/sys/fs/cgroup/$controller" && continue
  mkdir -p "/sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
done
exit 0
`;

const cgroupsUnit = `[Unit]
DefaultDependencies=no
Before=sysinit.target lxd.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/test-cgroups
[Install]
WantedBy=sysinit.target
`;

/** Ids for the containers within: a part of those that this container has. */
const ids = 'root:1000000:65536\n';

const metadata = `architecture: x86_64
creation_date: 1767225600
properties:
  description: machine for the tests of the worker's packages
`;

/** Gives the alias of the image, and makes it first when it is not there (two minutes). */
export async function ensureMachineImage(say: (line: string) => void): Promise<string> {
  const recipe = JSON.stringify([installed, downloaded, base, network, cgroups, cgroupsUnit, ids, metadata]);
  const alias = `${PREFIX}${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`;
  const aliases = (await lxc(['image', 'alias', 'list', '--format=csv']))
    .split('\n')
    .map((line) => line.split(',')[0] ?? '');
  if (aliases.includes(alias)) return alias;
  say('making the image of the test machines (once, two minutes)');
  const directory = await mkdtemp(join(tmpdir(), 'machine-image-'));
  try {
    await make(directory);
    await lxc([
      'image',
      'import',
      '--quiet',
      join(directory, 'meta.tar'),
      join(directory, 'rootfs.tar.zst'),
      '--alias',
      alias,
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  for (const old of aliases.filter((name) => name.startsWith(PREFIX))) await lxc(['image', 'delete', old]);
  return alias;
}

async function make(directory: string): Promise<void> {
  const files: readonly (readonly [string, string, string])[] = [
    ['/etc/network/interfaces', network, '644'],
    ['/usr/local/sbin/test-cgroups', cgroups, '755'],
    ['/etc/systemd/system/test-cgroups.service', cgroupsUnit, '644'],
    ['/etc/subuid', ids, '644'],
    ['/etc/subgid', ids, '644'],
  ];
  const baseFile = join(directory, 'base.tar.zst');
  await execa('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    `--include=${base.join(',')}`,
    'bookworm',
    baseFile,
  ]);
  const hooks = [`--customize-hook=install -m 644 '${baseFile}' "$1${BASE_ROOTFS}"`];
  for (const [index, [path, content, mode]] of files.entries()) {
    await writeFile(join(directory, `file-${index}`), content);
    hooks.push(`--customize-hook=install -D -m ${mode} '${directory}/file-${index}' "$1${path}"`);
  }
  await writeFile(join(directory, 'metadata.yaml'), metadata);
  await execa('tar', ['--create', '--file', 'meta.tar', 'metadata.yaml'], { cwd: directory });
  await execa('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    `--include=${installed.join(',')}`,
    // With its downloads and package lists, as they are on a machine that was installed a moment ago.
    '--skip=cleanup/apt,cleanup/reproducible',
    `--customize-hook=chroot "$1" apt-get -qq -y -d --no-install-recommends install ${downloaded.join(' ')}`,
    ...hooks,
    '--customize-hook=chroot "$1" systemctl --quiet enable test-cgroups.service',
    '--customize-hook=chroot "$1" systemctl --quiet mask systemd-binfmt.service',
    'bookworm',
    join(directory, 'rootfs.tar.zst'),
  ]);
}
