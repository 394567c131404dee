/** What one would type by hand on a machine that has no charm: the other side of what is measured of the charms. */
import { join } from 'node:path';
import { lxc, type Machine } from '../deb/lxc.ts';
import { workerPackage } from '../deploy/cases.ts';
import { charmDirectory } from '../rig/core/view.ts';

/** For what apt and dpkg do on a slow archive. */
export const LIVENESS_SECONDS = 900;

export const aptAlone = (what: readonly string[]): string => `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -y -q update
apt-get -y -q --no-install-recommends install ${what.join(' ')}`;

/** Gives the machine the packages that are in no archive: the one of the resource, and the one that the charm makes of its Node.js. */
export async function givePackages(
  from: Machine,
  to: Machine,
  directory: string,
): Promise<readonly string[]> {
  const [worker, node] = ['/root/lpbuildbot-worker.deb', '/root/lpbuildbot-node.deb'];
  await to.push(await workerPackage(), worker);
  const carried = `${charmDirectory('buildbot-worker/0')}/lib/node`;
  await mustRun(
    from,
    `set -e
mkdir -p /root/node/DEBIAN
dpkg-query --status lpbuildbot-node | sed '/^Status:/d' >/root/node/DEBIAN/control
install -D -m 0755 ${carried} /root/node/usr/lib/lpbuildbot/bin/node
dpkg-deb --root-owner-group -Znone --build /root/node ${node}`,
  );
  const file = join(directory, 'lpbuildbot-node.deb');
  await lxc(['file', 'pull', '--quiet', `${from.name}${node}`, file]);
  await to.push(file, node);
  return [worker, node];
}

export async function packagesOn(machine: Machine): Promise<readonly string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query replaces these
  const format = '${Package} ${db:Status-Status}\\n';
  const text = await machine.sh(`dpkg-query --show --showformat='${format}'`);
  return text
    .split('\n')
    .filter((line) => line.endsWith(' installed'))
    .map((line) => line.replace(/ .*/, ''));
}

export async function mustRun(machine: Machine, script: string): Promise<void> {
  const { code, output } = await machine.run(script, '', LIVENESS_SECONDS);
  if (code !== 0) throw new Error(`on ${machine.name}, exit code ${code} of: ${script}\n${output}`);
}
