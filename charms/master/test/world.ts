/** A unit of the charm on a fake machine, with what tests of it begin with. */
import { join } from 'node:path';
import { Context, event, readCharmcraft, relation, type State } from '@lpbuildbot/juju/testing';
import { createCharm } from '../src/charm.ts';
import { FakeMachine } from './fake-machine.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, '../charmcraft.yaml'));
const charmDirectory = '/var/lib/juju/agents/unit-buildbot-master-0/charm';

export const PIPELINE = `project: demo
repository: https://git.example.com/demo
push: https://git.example.com/demo
builders:
  demo-main: { branch: main, image: focal, steps: [make check] }
images:
  focal: { base: "ubuntu:20.04" }
promotions:
  - { from: main, to: stable }
`;

export const data = { id: 'data/0', location: '/srv/buildbot' };

/** What a worker says once it is ready. */
export const offer = {
  version: '1',
  images: '["focal"]',
  capacity: '2',
  arch: 'amd64',
  helpers: '1.4.0',
};

export function workers(
  units: Readonly<Record<string, Readonly<Record<string, string>>>>,
  id = 1,
): State['relations'][number] {
  return relation({
    id,
    endpoint: 'workers',
    remoteApplication: 'buildbot-worker',
    remoteEndpoint: 'master',
    remoteUnits: units,
  });
}

export class World {
  readonly machine = new FakeMachine(charmDirectory);
  readonly context = new Context(createCharm(this.machine.machine()), charmcraft);
  state: Partial<State>;

  constructor(given: Partial<State> = {}) {
    this.state = {
      unit: 'buildbot-master/0',
      charmDirectory,
      config: { pipelines: PIPELINE },
      storage: [data],
      ...given,
    };
  }

  /** Runs a hook or an action on what the one before left; fails the test when it ends in another way than well. */
  async run(what: Parameters<Context['run']>[0], change: Partial<State> = {}) {
    const outcome = await this.context.run(what, { ...this.state, ...change });
    if (outcome.end.kind !== 'applied') {
      throw new Error(
        `${JSON.stringify(outcome.end)}\n${outcome.log.map((line) => line.message).join('\n')}${outcome.stderr}`,
      );
    }
    this.state = outcome.state;
    return outcome;
  }

  async status(what: Parameters<Context['run']>[0] = event.updateStatus(), change: Partial<State> = {}) {
    const { status, message } = (await this.run(what, change)).state.status;
    return `${status}: ${message}`;
  }

  /** What changed on the machine since the last time that this was asked. */
  changes(): string[] {
    return this.machine.changes.splice(0);
  }

  config(values: State['config']): Partial<State> {
    return { config: { ...this.state.config, ...values } };
  }

  relation(endpoint: string): State['relations'][number] {
    const found = this.state.relations?.find((each) => each.endpoint === endpoint);
    if (found === undefined) throw new Error(`no relation ${endpoint}`);
    return found;
  }
}

/** A master with a worker that is connected. */
export async function running(given: Partial<State> = {}): Promise<World> {
  const world = new World({ relations: [workers({ 'buildbot-worker/0': offer })], ...given });
  world.machine.connected = ['buildbot-worker-0'];
  await world.run(event.install());
  // What the first hook wrote is known to be kept from the second one on.
  await world.run(event.configChanged());
  world.changes();
  return world;
}

/** A pair as the promotion service tells it. */
export function pair(kind: string, more: object = {}): object {
  return {
    pair: { id: 'demo: main -> stable', kind: 'promotion', to: 'stable' },
    verdict: { kind },
    ...more,
  };
}
