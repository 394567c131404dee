/** What Juju's agent does on the machine around the hooks: the charm's files, the hook tools' names, resources, storage. */

import type { FakeEvent } from '@lpbuildbot/juju/testing';
import { toolNames } from '@lpbuildbot/juju/testing/hook-tools';
import { execa } from 'execa';
import * as z from 'zod';
import { lxc } from '../deb/lxc.ts';
import type { HookRun } from './core/hook-run.ts';
import type { NextStep } from './core/next-step.ts';
import { agentDirectory, charmDirectory, resourcePath } from './core/view.ts';
import { applicationOf, type Unit, type World } from './core/world.ts';
import type { RigMachine } from './rig-machine.ts';
import { makeSmallDisk, removeSmallDisk } from './small-disk.ts';

const pool = 'default';

const idsSchema = z.array(z.object({ Isuid: z.boolean(), Hostid: z.number(), Nsid: z.number() }));

export class UnitFiles {
  readonly #prefix: string;
  /** The charm, as `path revision`, that each unit has unpacked. */
  readonly #unpacked = new Map<string, string>();
  readonly #resources = new Map<string, number>();
  readonly #volumes = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Before a hook or action runs. */
  async prepare(world: World, unit: Unit, machine: RigMachine, step: NextStep): Promise<void> {
    if (!this.#unpacked.has(unit.name)) {
      await this.#tools(unit, machine);
      await this.#unpack(world, unit, machine);
    } else if (step.kind === 'hook' && step.upgrade) {
      await this.#unpack(world, unit, machine);
    }
    await this.#pushResources(world, unit, machine);
    if (step.kind === 'hook' && step.event.kind === 'storage' && step.event.what === 'attached') {
      await this.#attach(world, unit, machine, step.event.storage);
    }
  }

  async after(
    machine: RigMachine,
    event: FakeEvent,
    how: 'applied' | 'failed' | 'killed' | 'rebooting',
  ): Promise<void> {
    if (event.kind !== 'storage' || event.what !== 'detaching' || how !== 'applied') return;
    const volume = this.#volumes.get(event.storage);
    if (volume === undefined) return;
    await lxc(['config', 'device', 'remove', machine.machine.name, volume]);
    await this.#deleteVolume(event.storage, volume);
  }

  /** What Juju leaves of a unit on its machine: nothing. */
  async remove(unit: Unit, machine: RigMachine): Promise<void> {
    await machine.machine.run(`rm -rf '${agentDirectory(unit.name)}' '${toolsDirectory(unit.name)}'`);
    this.#unpacked.delete(unit.name);
  }

  async destroy(): Promise<void> {
    for (const [storage, volume] of this.#volumes) await this.#deleteVolume(storage, volume);
  }

  environment(unit: Unit, run: HookRun): Readonly<Record<string, string>> {
    const { JUJU_DISPATCH_PATH: path = '', ...variables } = run.environment();
    return {
      ...variables,
      // A command of `juju exec` is not dispatched.
      ...(run.task?.command === undefined ? { JUJU_DISPATCH_PATH: path } : {}),
      JUJU_AGENT_SOCKET_ADDRESS: '/var/lib/juju/agents/agent.socket',
      JUJU_AGENT_SOCKET_NETWORK: 'unix',
      JUJU_API_ADDRESSES: '192.0.2.1:17070',
      CLOUD_API_VERSION: '',
      APT_LISTCHANGES_FRONTEND: 'none',
      DEBIAN_FRONTEND: 'noninteractive',
      LANG: 'C.UTF-8',
      TERM: 'tmux-256color',
      PATH: `${toolsDirectory(unit.name)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    };
  }

  async #tools(unit: Unit, { machine }: RigMachine): Promise<void> {
    const directory = toolsDirectory(unit.name);
    const links = toolNames.map((name) => `ln -sf /usr/local/lib/rig/hook_tool.py '${directory}/${name}'`);
    await machine.sh([`mkdir -p '${directory}'`, ...links, machineTools].join('\n'));
  }

  /** Files of the charm before that this one does not have are removed; what the charm made itself stays. */
  async #unpack(world: World, unit: Unit, { machine }: RigMachine): Promise<void> {
    const { charm, revision } = applicationOf(world, unit.application);
    const wanted = `${charm.path} ${revision}`;
    if (this.#unpacked.get(unit.name) === wanted) return;
    const agent = agentDirectory(unit.name);
    const file = `${agent}/new.charm`;
    await machine.sh(`mkdir -p '${charmDirectory(unit.name)}'`);
    await machine.push(charm.path, file);
    await machine.sh(`set -e
cd '${agent}'
unzip -Z1 new.charm | sort > manifest.new
if [ -f manifest ]; then comm -23 manifest manifest.new | (cd charm && xargs -r -d '\\n' rm -df); fi
unzip -qq -o new.charm -d charm
mv manifest.new manifest
rm new.charm`);
    this.#unpacked.set(unit.name, wanted);
  }

  async #pushResources(world: World, unit: Unit, { machine }: RigMachine): Promise<void> {
    const { resources, charm } = applicationOf(world, unit.application);
    for (const [name, { path, version }] of resources) {
      const key = `${unit.name} ${name}`;
      if (this.#resources.get(key) === version) continue;
      await machine.push(path, resourcePath(unit, charm.resources[name] ?? name));
      this.#resources.set(key, version);
    }
  }

  /** A volume of LXD's, as Juju makes of its pool `lxd`: it survives the unit's reboots and can be of limited size. */
  async #attach(world: World, unit: Unit, { machine }: RigMachine, id: string): Promise<void> {
    const storage = world.storage.get(id);
    if (storage === undefined || this.#volumes.has(id)) return;
    const volume = `${this.#prefix}-${id.replace('/', '-')}`;
    const size = applicationOf(world, unit.application).storageSizes.get(id.slice(0, id.lastIndexOf('/')));
    this.#volumes.set(id, volume);
    const source =
      size === undefined
        ? await newVolume(volume)
        : [`source=${await makeSmallDisk(volume, size, await rootOf(machine.name))}`];
    const path = `path=${storage.location}`;
    await lxc(['config', 'device', 'add', machine.name, volume, 'disk', ...source, path]);
  }

  async #deleteVolume(storage: string, volume: string): Promise<void> {
    await execa('lxc', ['storage', 'volume', 'delete', pool, volume], { reject: false });
    await removeSmallDisk(volume);
    this.#volumes.delete(storage);
  }
}

/** What Juju has on a machine for those who are not in a hook. */
const machineTools = `ln -sf /usr/local/lib/rig/hook_tool.py /var/lib/juju/tools/juju-exec
cat >/usr/bin/juju-exec <<'END'
#!/bin/sh
export JUJU_AGENT_SOCKET_ADDRESS=/var/lib/juju/agents/agent.socket
exec /var/lib/juju/tools/juju-exec "$@"
END
chmod 755 /usr/bin/juju-exec`;

async function newVolume(name: string): Promise<string[]> {
  await lxc(['storage', 'volume', 'create', pool, name]);
  return [`pool=${pool}`, `source=${name}`];
}

/** Root of a machine has another number here. */
async function rootOf(machine: string): Promise<number> {
  const text = await lxc(['config', 'get', machine, 'volatile.idmap.current']);
  const root = idsSchema.parse(JSON.parse(text)).find(({ Isuid, Nsid }) => Isuid && Nsid === 0);
  if (root === undefined) throw new Error(`${machine} has no root of its own`);
  return root.Hostid;
}

function toolsDirectory(unit: string): string {
  return `/var/lib/juju/tools/unit-${unit.replace('/', '-')}`;
}
