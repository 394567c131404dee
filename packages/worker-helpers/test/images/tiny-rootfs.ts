/**
 * A root file system of two megabytes: Debian's static busybox, an address by DHCP, and nothing else. What is to be tried with
 * many images takes seconds with it.
 */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const programs =
  'cat chmod chown cut date dirname grep hostname id ip ifconfig kill ln ls mkdir mktemp mv readlink rm sed sh sleep test touch tr true udhcpc';

/** LXD asks the first process to shut down with SIGPWR; busybox's own init does not know that. */
const init = `#!/bin/sh
trap 'exit 0' PWR
mkdir -p /run /tmp /var/log
ifconfig lo up
udhcpc -b -q -i eth0 -s /etc/udhcpc.script
while :; do sleep 1000 & wait $!; done
`;

const udhcpc = `#!/bin/sh
case $1 in
bound | renew) ifconfig "$interface" "$ip" netmask "$subnet" && echo "nameserver $dns" > /etc/resolv.conf ;;
esac
`;

/** Makes `tiny.tar` in the directory and gives its path. `marker` makes it another one. */
export async function makeTinyRootfs(directory: string, marker = 'one'): Promise<string> {
  const root = join(directory, `tiny-${marker}`);
  await execa('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', 'busybox-static'], {
    cwd: directory,
  });
  await mkdir(root);
  await execa('sh', ['-c', 'dpkg -x busybox-static_*.deb "$1"', 'sh', root], { cwd: directory });
  for (const name of ['bin', 'sbin', 'etc', 'dev', 'proc', 'sys', 'root', 'tmp', 'var'])
    await mkdir(join(root, name), { recursive: true });
  for (const program of programs.split(' ')) await symlink('busybox', join(root, 'bin', program));
  const files = { 'sbin/init': init, 'etc/udhcpc.script': udhcpc, 'etc/marker': `${marker}\n` };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(root, name), text);
    await chmod(join(root, name), 0o755);
  }
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  const file = join(directory, `tiny-${marker}.tar`);
  await execa('tar', ['-C', root, '--owner=0', '--group=0', '-cf', file, '.']);
  return file;
}
