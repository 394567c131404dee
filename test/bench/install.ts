/**
 * Installing on fresh machines that reach nothing but the archive of their distribution: the master's hooks up to `install`, and the
 * worker's without images, side by side with apt alone on an equal machine. Nothing is downloaded beforehand.
 */
import { charm, workerPackage } from '../deploy/cases.ts';
import { unitsIn } from '../deploy/model.ts';
import type { RigModel } from '../deploy/rig-model.ts';
import { type Open, type Say, withRig } from './charms-rig.ts';
import { type Figure, median } from './figures.ts';
import { aptAlone, givePackages, LIVENESS_SECONDS, mustRun, packagesOn } from './plain-machine.ts';

const RUNS = 3;

export async function install(say: Say): Promise<Figure[]> {
  return await withRig(say, async (open, directory) => {
    const master: number[] = [];
    const worker: number[] = [];
    const apt: number[] = [];
    for (let run = 1; run <= RUNS; run += 1) {
      master.push(await installMaster(open));
      say(`run ${run} of ${RUNS}: master ${master.at(-1)?.toFixed(1)} s`);
      const pair = await installWorker(open, directory);
      worker.push(pair.charm);
      apt.push(pair.apt);
      say(
        `run ${run} of ${RUNS}: worker ${pair.charm.toFixed(1)} s, apt alone ${pair.apt.toFixed(1)} s for ${pair.packages} packages`,
      );
    }
    return [
      {
        name: 'installing the master',
        value: median(master),
        unit: 's',
        limit: 40,
        detail: `no network but the archive; hooks from the first to install, median of ${RUNS}`,
      },
      {
        name: 'installing a worker without images',
        value: median(worker) / median(apt),
        unit: 'x',
        limit: 1.5,
        detail: `${median(worker).toFixed(1)} s; apt alone ${median(apt).toFixed(1)} s for the same packages; medians of ${RUNS} in turn`,
      },
    ];
  });
}

async function installMaster(open: Open): Promise<number> {
  const hooks = new FirstHooks();
  const model = open('install-master', (line) => hooks.hear(line));
  try {
    const id = await freshMachine(model);
    await model.deploy(charm('master'), 'buildbot-master', { to: id, storage: { data: '2G' } });
    return await hooks.installed(model);
  } finally {
    await model.destroy();
  }
}

/** How long the hooks take, in seconds, and apt alone. */
async function installWorker(
  open: Open,
  directory: string,
): Promise<{ readonly charm: number; readonly apt: number; readonly packages: number }> {
  const hooks = new FirstHooks();
  const model = open('install-worker', (line) => hooks.hear(line));
  try {
    const [ours, plain] = [await freshMachine(model), await freshMachine(model)];
    const [{ machine }, { machine: other }] = [model.rig.machine(ours), model.rig.machine(plain)];
    const before = await packagesOn(machine);
    const resources = { 'worker-deb': await workerPackage() };
    await model.deploy(charm('worker'), 'buildbot-worker', { to: ours, resources });
    const seconds = await hooks.installed(model);
    const added = (await packagesOn(machine)).filter((name) => !before.includes(name));
    if (!added.includes('lpbuildbot-worker')) throw new Error(`install has installed only ${added}`);
    const files = await givePackages(machine, other, directory);
    const names = added.filter((name) => !name.startsWith('lpbuildbot-'));
    const began = performance.now();
    await mustRun(other, aptAlone([...names, ...files]));
    const apt = (performance.now() - began) / 1000;
    const there = await packagesOn(other);
    const missing = added.filter((name) => !there.includes(name));
    if (missing.length > 0) throw new Error(`apt alone has not installed ${missing}`);
    return { charm: seconds, apt, packages: added.length };
  } finally {
    await model.destroy();
  }
}

/** A machine that has no downloads and reaches only where its apt gets packages from. */
async function freshMachine(model: RigModel): Promise<string> {
  const id = model.rig.addMachine();
  await model.waitFor(
    'a machine',
    ({ machines }) => machines[id]?.['juju-status'].current === 'started',
    LIVENESS_SECONDS,
  );
  await mustRun(model.rig.machine(id).machine, ONLY_THE_ARCHIVE);
  return id;
}

/** No other name is known either: where everything goes through a proxy, all names have its address. */
const ONLY_THE_ARCHIVE = `set -e
apt-get clean
hosts=$(apt-get indextargets --format '$(SITE)' | sed -E 's|^[a-z]+://([^/:]+).*|\\1|' | sort -u)
iptables -A OUTPUT -o lo -j ACCEPT
iptables -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A OUTPUT -p udp --dport 67 -j ACCEPT
for host in $hosts; do
  for address in $(getent ahostsv4 "$host" | cut -d' ' -f1 | sort -u); do
    echo "$address $host" >>/etc/hosts
    iptables -A OUTPUT -d "$address" -p tcp -m multiport --dports 80,443 -j ACCEPT
  done
done
iptables -A OUTPUT -j REJECT
ip6tables -A OUTPUT ! -o lo -j REJECT`;

/** Hears the unit's log: what is to be installed is installed by the first hook, which is storage-attached where there is storage. */
class FirstHooks {
  #began: number | undefined;
  #current = '';
  #ended: number | undefined;

  hear(line: string): void {
    const [, hook, code] = / HOOK: (?:hooks\/(\S+) begins|ended with (-?\d+))/.exec(line) ?? [];
    if (hook !== undefined) {
      this.#began ??= performance.now();
      this.#current = hook;
    }
    if (code === '0' && this.#current === 'install') this.#ended ??= performance.now();
    if (code !== undefined && code !== '0') this.#current = 'failed';
  }

  /** Waits for the end of the hook `install`; gives the seconds since the first hook began. */
  async installed(model: RigModel): Promise<number> {
    const over = () => this.#ended !== undefined || this.#current === 'failed';
    const status = await model.waitFor('the end of install', over, LIVENESS_SECONDS);
    if (this.#began === undefined || this.#ended === undefined) {
      const shown = Object.keys(status.applications).flatMap((name) => unitsIn(status, name));
      throw new Error(`a hook has failed: ${JSON.stringify(shown)}`);
    }
    return (this.#ended - this.#began) / 1000;
  }
}
