/** The probe charms of the recordings in a simulated model, deployed as they were when each situation was recorded. */
import { join } from 'node:path';
import { readCharmcraft } from '@lpbuildbot/juju/testing';
import { addUnit, deploy, integrate } from './core/commands.ts';
import { type Behaviour, Simulation } from './core/simulation.ts';
import type { PackedCharm, Tempo } from './core/world.ts';

const fixtures = join(import.meta.dirname, '../../packages/juju/test/fixtures');

export const probe: PackedCharm = {
  path: 'probe.charm',
  charmcraft: readCharmcraft(join(fixtures, 'probe.yaml')),
  interfaces: {
    cluster: { interface: 'probe-cluster', scope: 'global' },
    data: { interface: 'probe-data', scope: 'global' },
    feed: { interface: 'probe-feed', scope: 'global' },
    source: { interface: 'probe-feed', scope: 'global' },
  },
  storage: { disk: { least: 1, location: undefined }, cache: { least: 0, location: undefined } },
  resources: { blob: 'blob.txt', never: 'never.txt' },
};
export const taker: PackedCharm = {
  path: 'taker.charm',
  charmcraft: readCharmcraft(join(fixtures, 'taker.yaml')),
  interfaces: { upstream: { interface: 'probe-data', scope: 'global' } },
  storage: {},
  resources: {},
};

export class Scene extends Simulation {
  /** Adds a unit; its machine is there at once. */
  add(application: string, machine?: string): string {
    const { name } = addUnit(
      this.world,
      application,
      machine ?? `for ${application} ${this.world.units.size}`,
    );
    this.up(name);
    return name;
  }

  deploy(charm: PackedCharm, name: string): void {
    deploy(this.world, charm, name, {}, this.now);
    this.add(name);
  }

  /** A hook of one unit does something else than the others'. */
  when(unit: string, hook: string, ...scripts: readonly ReturnType<Behaviour>[]): void {
    const before = this.behave;
    const left = [...scripts];
    this.behave = (name, event) => {
      const its = event.kind === 'action' ? `actions/${event.action}` : event.hook;
      if (name !== unit || its !== hook) return before(name, event);
      return left.shift() ?? before(name, event);
    };
  }
}

/** probe with two units, taker with one, related and at rest. */
export async function related(tempo: Partial<Tempo> = {}): Promise<Scene> {
  const scene = new Scene(tempo);
  scene.deploy(probe, 'probe');
  await scene.settle();
  scene.add('probe');
  scene.deploy(taker, 'taker');
  await scene.settle();
  integrate(scene.world, 'probe:data', 'taker:upstream');
  await scene.settle();
  scene.takeRan();
  return scene;
}
