/**
 * The container that the rig's machines are copies of: what a cloud's image of Debian 12 has, on top of the image of the packages'
 * tests. It is made once, started once (its copies are then snapshots, and start at once), and kept under a name that says what it
 * was made from.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { lxc, Machine } from '../deb/lxc.ts';
import { ensureMachineImage } from '../deb/machine-image.ts';

const prefix = 'lpbuildbot-rig-image-';

/** As cloud images have, and the user `ubuntu`, whom `juju ssh` and `juju scp` log in as; unzip and Python are for the rig's own work. */
const installed = ['openssh-server', 'openssh-client', 'sudo', 'gnupg', 'python3', 'unzip', 'lsof'];
/** What charms install is downloaded beforehand, so that no test waits for it; installing it is theirs. */
const downloaded = [
  ...['lxd', 'lxd-client', 'btrfs-progs', 'dnsmasq-base', 'iptables', 'nftables', 'uidmap', 'mmdebstrap'],
  ...['python3-venv', 'python3-pip', 'git', 'buildbot-worker', 'adduser', 'acl', 'postgresql-client'],
];
const absent = ['lxd', 'lxd-client', 'mmdebstrap', 'dnsmasq-base', 'btrfs-progs', 'nftables', 'uidmap'];

const prepare = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install ${installed.join(' ')}
apt-get -qq -y purge ${absent.join(' ')}
apt-get -qq -y autoremove --purge
rm -rf /var/lib/lxd /var/log/lxd /root/.config/lxc
apt-get -qq -y -d --no-install-recommends install ${downloaded.join(' ')}
apt-get -qq -y -d install ${downloaded.join(' ')}
useradd --create-home --shell /bin/bash ubuntu
echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-cloud-init-users
mkdir -p /var/lib/juju/agents /var/lib/juju/tools /var/lib/juju/storage
truncate -s 0 /etc/machine-id
`;

const files = [
  ['machine/agent.py', '/usr/local/lib/rig/agent.py'],
  ['machine/hook_tool.py', '/usr/local/lib/rig/hook_tool.py'],
] as const;

/** Gives the name of the container, and makes it first when it is not there (two minutes, or four with what it is made of). */
export async function ensureRigImage(say: (line: string) => void): Promise<string> {
  const base = await ensureMachineImage(say);
  const hash = createHash('sha256').update(base).update(prepare);
  for (const [file] of files) hash.update(await readFile(join(import.meta.dirname, file)));
  const name = `${prefix}${hash.digest('hex').slice(0, 12)}`;
  const there = await images();
  if (there.some((image) => image.name === name)) return name;
  say("making the rig's machine (once, two minutes)");
  const making = `${prefix}making-${process.pid}`;
  const machine = await Machine.launch(base, making, 'nesting');
  try {
    await machine.sh(prepare);
    for (const [file, path] of files) {
      await machine.write(path, await readFile(join(import.meta.dirname, file), 'utf8'), '0755');
    }
    await lxc(['stop', '--timeout=30', making]);
    await lxc(['rename', making, name]);
  } catch (error) {
    await machine.destroy();
    // Another run has made it meanwhile.
    if (!(await images()).some((image) => image.name === name)) throw error;
  }
  for (const image of there.filter(isOld)) await lxc(['delete', '--force', image.name]);
  return name;
}

const imagesSchema = z.array(z.object({ name: z.string(), created_at: z.iso.datetime() }));
type Image = z.infer<typeof imagesSchema>[number];

async function images(): Promise<Image[]> {
  const all = imagesSchema.parse(JSON.parse(await lxc(['list', '--format=json', prefix])));
  return all.filter(({ name }) => !name.includes('-making-'));
}

/** Runs of other clones, which may be of another age, have machines of theirs; a week later nobody copies it any more. */
function isOld({ created_at: made }: Image): boolean {
  return Date.now() - Date.parse(made) > 7 * 24 * 3_600_000;
}
