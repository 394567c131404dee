/** The order of events in the rig's model, situation by situation, held against what a real controller did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attachResource,
  config,
  deploy,
  integrate,
  refresh,
  removeApplication,
  removeRelation,
  removeUnit,
  resetConfig,
  trust,
} from './core/commands.ts';
import { addUserSecret, grantUserSecret, revokeUserSecret, updateUserSecret } from './core/user-secrets.ts';
import { comparable, type Ran, recorded } from './recorded-order.ts';
import { probe, related, Scene, taker } from './scene.ts';

interface Story {
  readonly scenario: number;
  /** Does what the operator did, and gives what ran. */
  readonly tell: () => Promise<Ran>;
  readonly without?: readonly string[];
  /** Settings changed once: where the second report's config-changed stands among other events is chance. */
  readonly settings?: 'once';
}

const failing = { end: { kind: 'exit', code: 1 } } as const;
const killed = { end: { kind: 'signal' } } as const;
const data = ['-r', 'data:1'];
const peer = ['-r', 'cluster:0'];

let text = 0;

/** A change of settings, as most scenarios begin. */
function touch(scene: Scene, application: string): void {
  text += 1;
  config(scene.world, application, { text: `change ${text}` }, scene.now);
}

/** In the related model: config-changed of probe/0 makes these calls. */
async function writing(...calls: readonly (readonly string[])[]): Promise<Ran> {
  const scene = await related();
  scene.when('probe/0', 'config-changed', { calls });
  touch(scene, 'probe');
  await scene.settle();
  return scene.takeRan();
}

/** One secret of the application, read by both of its units and granted to taker. */
async function sharing(): Promise<{ readonly scene: Scene; readonly id: string }> {
  const scene = await related();
  scene.when('probe/0', 'config-changed', { calls: [['secret-add', '--label', 'later', 'password=one']] });
  touch(scene, 'probe');
  await scene.settle();
  const [id = ''] = scene.world.secrets.keys();
  scene.when('probe/0', 'config-changed', {
    calls: [
      ['secret-grant', ...data, id],
      ['secret-get', id],
    ],
  });
  scene.when('probe/1', 'config-changed', { calls: [['secret-get', id]] });
  touch(scene, 'probe');
  await scene.settle();
  scene.when('taker/0', 'config-changed', { calls: [['secret-get', id]] });
  touch(scene, 'taker');
  await scene.settle();
  scene.takeRan();
  return { scene, id };
}

const stories: readonly Story[] = [
  {
    scenario: 0,
    tell: async () => {
      const scene = new Scene();
      scene.deploy(probe, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 2,
    tell: async () => {
      const scene = new Scene();
      scene.deploy(probe, 'probe');
      await scene.settle();
      scene.takeRan();
      scene.add('probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 3,
    tell: async () => {
      const scene = new Scene();
      scene.deploy(taker, 'taker');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 4,
    tell: async () => {
      const scene = new Scene();
      scene.deploy(probe, 'probe');
      scene.add('probe');
      scene.deploy(taker, 'taker');
      await scene.settle();
      scene.takeRan();
      integrate(scene.world, 'probe:data', 'taker:upstream');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 8,
    tell: async () => {
      const scene = await related();
      const units = ['probe/0', 'probe/1'];
      for (const unit of units) {
        scene.when(unit, 'config-changed', {
          calls: [
            ['relation-set', ...data, 'a=1'],
            ['relation-set', ...peer, 'a=1'],
            ['relation-set', ...data, '--app', 'a=1'],
            ['relation-set', ...peer, '--app', 'a=1'],
          ].filter((call) => unit === 'probe/0' || !call.includes('--app')),
        });
      }
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 15,
    settings: 'once',
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', { calls: [['storage-add', 'cache']] });
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 21,
    settings: 'once',
    tell: async () => {
      const { scene, id } = await sharing();
      scene.when('probe/0', 'config-changed', { calls: [['secret-set', id, 'password=two']] });
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 29,
    tell: async () => {
      const scene = await related();
      const long = { milliseconds: 12_000 };
      const ran: Record<string, string[]> = {};
      for (const action of ['plain', 'beside']) {
        scene.when('probe/0', 'config-changed', long);
        touch(scene, 'probe');
        await scene.pass(1000);
        const id = String(scene.world.next.task++);
        scene.world.tasks.set(id, {
          id,
          unit: 'probe/0',
          action,
          parameters: {},
          command: undefined,
          state: 'pending',
          log: [],
          result: undefined,
        });
        await scene.settle();
        for (const [unit, lines] of Object.entries(scene.takeRan())) {
          ran[unit] = [...(ran[unit] ?? []), ...lines];
        }
      }
      return ran;
    },
  },
  {
    scenario: 32,
    tell: () => writing(...[1, 2, 3, 4, 5].map((value) => ['relation-set', ...data, `a=${value}`])),
  },
  {
    scenario: 33,
    tell: async () => {
      const scene = await related();
      for (const _ of [1, 2]) {
        scene.takeRan();
        scene.when('probe/0', 'config-changed', { calls: [['relation-set', ...data, 'a=1']] });
        touch(scene, 'probe');
        await scene.settle();
      }
      return scene.takeRan();
    },
  },
  {
    scenario: 34,
    tell: () => writing(['relation-set', ...data, 'a=1'], ['relation-set', ...data, 'a=']),
    without: ['secret-expired'],
  },
  {
    scenario: 35,
    tell: () => writing(['relation-set', ...data, 'a=1'], ['relation-set', ...data, '--app', 'a=1']),
  },
  { scenario: 36, tell: () => writing(['relation-set', ...data, '--app', 'a=1']) },
  { scenario: 37, tell: () => writing(['relation-set', ...peer, '--app', 'a=1']) },
  {
    scenario: 38,
    tell: async () => {
      const scene = await related();
      for (const unit of ['probe/0', 'probe/1']) {
        scene.when(unit, 'config-changed', { calls: [['relation-set', ...data, 'a=1']] });
      }
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 39,
    tell: async () => {
      const scene = await related();
      scene.when('taker/0', 'config-changed', { milliseconds: 9000 });
      touch(scene, 'taker');
      for (const value of [1, 2, 3]) {
        await scene.pass(1500);
        scene.when('probe/0', 'config-changed', {
          calls: [
            ['relation-set', ...data, `a=${value}`],
            ['relation-set', ...data, '--app', `a=${value}`],
          ],
        });
        touch(scene, 'probe');
      }
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 43,
    tell: async () => {
      const scene = await related();
      config(scene.world, 'probe', { number: 5, text: 'hi' }, scene.now);
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 44,
    tell: async () => {
      const scene = await related();
      config(scene.world, 'probe', { number: 31 }, scene.now);
      await scene.settle();
      scene.takeRan();
      resetConfig(scene.world, 'probe', ['number', 'flag', 'fraction']);
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 46,
    tell: async () => {
      const scene = await related();
      trust(scene.world, 'probe', scene.now);
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 52,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', { ...killed, milliseconds: 1000 });
      touch(scene, 'probe');
      await scene.pass(600);
      scene.when('taker/0', 'config-changed', { calls: [['relation-set', '-r', 'upstream:1', 'a=1']] });
      touch(scene, 'taker');
      await scene.pass(10_000);
      const { 'taker/0': _, 'probe/1': other = [], ...ran } = scene.takeRan();
      return { ...ran, 'probe/1': other.filter((line) => line === 'config-changed') };
    },
    without: ['secret-expired'],
  },
  {
    scenario: 55,
    tell: async () => {
      const scene = await related();
      const exits = [1, 2, 3].map((code) => ({ end: { kind: 'exit', code } as const }));
      scene.when('probe/0', 'config-changed', ...exits);
      touch(scene, 'probe');
      await scene.pass(40_000);
      return scene.takeRan();
    },
    without: ['update-status'],
  },
  {
    scenario: 59,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', killed);
      touch(scene, 'probe');
      await scene.pass(5000);
      return scene.takeRan();
    },
  },
  {
    scenario: 61,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', { milliseconds: 8000 });
      touch(scene, 'probe');
      await scene.pass(2000);
      scene.down('probe/0');
      await scene.settle();
      scene.up('probe/0');
      await scene.pass(7000);
      return scene.takeRan();
    },
    without: ['secret-expired'],
  },
  {
    scenario: 64,
    tell: async () => {
      const scene = await related();
      const uri = addUserSecret(scene.world, 'usertoken', { value: 'first' });
      scene.when('probe/0', 'config-changed', { calls: [['secret-get', uri]] });
      touch(scene, 'probe');
      await scene.settle();
      scene.takeRan();
      grantUserSecret(scene.world, 'usertoken', 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 66,
    tell: async () => {
      const scene = await related();
      const uri = addUserSecret(scene.world, 'usertoken', { value: 'first' });
      grantUserSecret(scene.world, 'usertoken', 'probe');
      for (const unit of ['probe/0', 'probe/1']) {
        scene.when(unit, 'config-changed', { calls: [['secret-get', uri]] });
      }
      touch(scene, 'probe');
      await scene.settle();
      scene.takeRan();
      updateUserSecret(scene.world, 'usertoken', { value: 'second' });
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 68,
    tell: async () => {
      const scene = await related();
      const uri = addUserSecret(scene.world, 'usertoken', { value: 'first' });
      grantUserSecret(scene.world, 'usertoken', 'probe');
      scene.when('probe/0', 'config-changed', { calls: [['secret-get', uri]] });
      touch(scene, 'probe');
      await scene.settle();
      scene.takeRan();
      revokeUserSecret(scene.world, 'usertoken', 'probe');
      await scene.settle();
      assert.deepEqual(scene.takeRan(), {});
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 71,
    tell: async () => {
      const scene = await related();
      attachResource(scene.world, 'probe', 'blob', 'blob2.txt');
      await scene.settle();
      const { 'taker/0': _, ...ran } = scene.takeRan();
      return ran;
    },
  },
  {
    scenario: 73,
    tell: async () => {
      const scene = await related();
      refresh(scene.world, 'probe', probe);
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 75,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'upgrade-charm', failing);
      refresh(scene.world, 'probe', probe);
      await scene.pass(10_000);
      return scene.takeRan();
    },
  },
  {
    scenario: 76,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', failing);
      touch(scene, 'probe');
      await scene.pass(2000);
      for (const _ of [1, 2]) {
        refresh(scene.world, 'probe', probe);
        await scene.pass(1500);
      }
      await scene.pass(10_000);
      return scene.takeRan();
    },
  },
  {
    scenario: 79,
    tell: async () => {
      const scene = await related();
      removeRelation(scene.world, 'probe:data', 'taker:upstream');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 81,
    tell: async () => {
      const scene = await related();
      removeRelation(scene.world, 'probe:data', 'taker:upstream');
      await scene.settle();
      scene.takeRan();
      scene.when('taker/0', 'upstream-relation-joined', failing);
      integrate(scene.world, 'probe:data', 'taker:upstream');
      await scene.pass(10_000);
      return scene.takeRan();
    },
  },
  {
    scenario: 82,
    tell: async () => {
      const scene = await related();
      scene.down('probe/0');
      await scene.pass(3000);
      scene.up('probe/0', 'booted');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 83,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', { milliseconds: 30_000 });
      touch(scene, 'probe');
      await scene.pass(3000);
      scene.down('probe/0');
      await scene.pass(30_000);
      scene.up('probe/0', 'booted');
      await scene.pass(8000);
      touch(scene, 'probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 87,
    tell: async () => {
      const scene = await related();
      removeUnit(scene.world, 'probe/0');
      await scene.pass(15_000);
      return scene.takeRan();
    },
  },
  {
    scenario: 89,
    tell: async () => {
      const scene = await related();
      deploy(scene.world, probe, 'late', {}, scene.now);
      integrate(scene.world, 'late:data', 'taker:upstream');
      scene.add('late', 'one');
      scene.add('late', 'other');
      // In the recording late/1 was there first.
      const late = scene.world.applications.get('late');
      if (late !== undefined) late.leader = 'late/1';
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 90,
    tell: async () => {
      const scene = await related();
      scene.when('probe/0', 'config-changed', { calls: [['relation-set', ...peer, '--app', 'plan=1']] });
      touch(scene, 'probe');
      await scene.settle();
      removeUnit(scene.world, 'probe/0');
      await scene.pass(15_000);
      scene.takeRan();
      scene.add('probe');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 91,
    tell: async () => {
      const scene = await related();
      removeUnit(scene.world, 'probe/0');
      await scene.pass(15_000);
      scene.add('probe');
      await scene.settle();
      scene.takeRan();
      scene.down('probe/1');
      await scene.pass(47_000);
      scene.up('probe/1');
      await scene.settle();
      return scene.takeRan();
    },
  },
  {
    scenario: 94,
    tell: async () => {
      const scene = await related();
      scene.add('probe');
      await scene.settle();
      removeUnit(scene.world, 'probe/0');
      await scene.pass(15_000);
      scene.takeRan();
      scene.when('taker/0', 'upstream-relation-departed', failing);
      removeApplication(scene.world, 'taker');
      await scene.pass(15_000);
      return scene.takeRan();
    },
  },
];

for (const { scenario, tell, without, settings } of stories) {
  const { about, ran } = recorded(scenario);
  test(`scenario ${scenario}, ${about}`, async () => {
    const shown = (one: Ran) => numbered(comparable(settings === 'once' ? firstOnly(one) : one, without));
    assert.deepEqual(shown(await tell()), shown(ran));
  });
}

/** Storage is numbered through the whole model, whatever else was recorded before. */
function numbered(ran: Ran): Ran {
  return Object.fromEntries(
    Object.entries(ran).map(([unit, lines]) => [
      unit,
      lines.map((line) => line.replace(/(-storage-\w+ \w+)\/\d+/, '$1')),
    ]),
  );
}

function firstOnly(ran: Ran): Ran {
  return Object.fromEntries(
    Object.entries(ran).map(([unit, lines]) => [
      unit,
      lines.filter((line, index) => line !== 'config-changed' || lines.indexOf(line) === index),
    ]),
  );
}
