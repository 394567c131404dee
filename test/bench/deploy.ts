/**
 * The whole deployment: from `juju deploy` of the bundle, with a master and a worker, to the first commit that was built in a container
 * and promoted. Beside it the sum of what its parts need alone on machines of the same kind: making the two machines with LXD,
 * installing the same packages with apt, and with LXD and mmdebstrap the image, and a container of it.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../deb/lxc.ts';
import { deployBundle, prepareSite } from '../deploy/deploy-site.ts';
import { unitsIn } from '../deploy/model.ts';
import type { RigModel } from '../deploy/rig-model.ts';
import { Site } from '../deploy/site.ts';
import { type Open, type Say, withRig } from './charms-rig.ts';
import { type Figure, median } from './figures.ts';
import { aptAlone, givePackages, LIVENESS_SECONDS, mustRun, packagesOn } from './plain-machine.ts';

const RUNS = 2;
/** As in the cases of a deployment; in milliseconds. */
const UPDATE_STATUS = 20_000;

interface Pair {
  readonly ours: number;
  readonly plain: number;
}

export async function deploy(say: Say): Promise<Figure[]> {
  return await withRig(say, async (open, directory) => {
    const pairs: Pair[] = [];
    for (let run = 1; run <= RUNS; run += 1) {
      const pair = await sideBySide(open, directory, (line) => say(`run ${run} of ${RUNS}: ${line}`));
      pairs.push(pair);
    }
    const [ours, plain] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.plain))];
    return [
      {
        name: 'deploying to the first promotion',
        value: ours / plain,
        unit: 'x',
        limit: 1.3,
        detail: `${ours.toFixed(0)} s; apt and LXD alone ${plain.toFixed(0)} s in sum; medians of ${RUNS} in turn, update-status every ${UPDATE_STATUS / 1000} s`,
      },
    ];
  });
}

async function sideBySide(open: Open, directory: string, say: Say): Promise<Pair> {
  const model = open('deploy', undefined, UPDATE_STATUS);
  const site = new Site(model, await mkdtemp(join(directory, 'site-')));
  try {
    await prepareSite(site);
    const ours = await seconds(async () => {
      await deployBundle(site);
      await site.active(1, LIVENESS_SECONDS);
      say('all active');
      await site.reaches('stable', await site.commit('The first one'));
    });
    say(`deployed and promoted in ${ours.toFixed(1)} s`);
    return { ours, plain: await plainSum(model, directory, say) };
  } finally {
    await site.destroy();
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function plainSum(model: RigModel, directory: string, say: Say): Promise<number> {
  const ids: string[] = [];
  const machines = await seconds(async () => {
    for (let count = 0; count < 2; count += 1) ids.push(await newMachine(model));
  });
  const [master, worker] = ids.map((id) => model.rig.machine(id).machine);
  if (master === undefined || worker === undefined) throw new Error('there are no machines');
  const before = await packagesOn(master);
  const deployed = await machinesOf(model);
  const files = await givePackages(deployed.worker, worker, directory);
  const apt = await seconds(async () => {
    await mustRun(master, aptAlone(await added(deployed.master, before)));
    await mustRun(worker, aptAlone([...(await added(deployed.worker, before)), ...files]));
  });
  const preseed = await deployed.worker.sh("lxd init --dump | sed '/^ *source:/d; /^ *volatile/d'");
  await worker.write('/root/preseed.yaml', preseed);
  const lxd = await seconds(async () => await mustRun(worker, LXD_ALONE));
  const parts = { machines, apt, lxd };
  const shown = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(1)} s`);
  say(`alone: ${shown.join(', ')}`);
  return machines + apt + lxd;
}

async function newMachine(model: RigModel): Promise<string> {
  const id = model.rig.addMachine();
  const there = ({ machines }: Awaited<ReturnType<RigModel['status']>>): boolean =>
    machines[id]?.['juju-status'].current === 'started';
  await model.waitFor('a machine', there, LIVENESS_SECONDS);
  return id;
}

async function machinesOf(model: RigModel): Promise<{ readonly master: Machine; readonly worker: Machine }> {
  const status = await model.status();
  const [master, worker] = ['buildbot-master', 'buildbot-worker'].map(
    (name) => model.rig.machine(unitsIn(status, name)[0]?.[1].machine ?? '').machine,
  );
  if (master === undefined || worker === undefined) throw new Error('nothing is deployed');
  return { master, worker };
}

/** What the deployment has installed there from the archive. */
async function added(machine: Machine, before: readonly string[]): Promise<readonly string[]> {
  const names = await packagesOn(machine);
  return names.filter((name) => !before.includes(name) && !name.startsWith('lpbuildbot-'));
}

/** The image of the same variant and packages, and a container that a build could run in. */
const LXD_ALONE = `set -e
lxd waitready --timeout=60
lxd init --preseed </root/preseed.yaml
cd /root
. /etc/os-release
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do if [ -s "$file" ]; then set -- "$@" "$file"; fi; done
# What it unmounts at its end would otherwise take the machine's control groups along, without which no container boots.
unshare --mount mmdebstrap --quiet --mode=unshare --format=tar --variant=minbase \\
  --include=ca-certificates,dbus,iproute2,netbase,systemd-sysv,udev "$VERSION_CODENAME" rootfs.tar "$@"
cat >metadata.yaml <<END
architecture: $(uname -m)
creation_date: $(date +%s)
properties: { description: plain }
END
tar -cf metadata.tar metadata.yaml
lxc image import --quiet metadata.tar rootfs.tar --alias plain
lxc launch --quiet plain build
# It may be too early for the first ones.
until lxc exec --disable-stdin build -- true 2>/dev/null; do sleep 0.1; done
lxc delete --force build`;
