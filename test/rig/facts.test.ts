/** The facts about a real controller that are not about order alone: what is kept, what is seen when, how long one waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config, removeApplication, resolve } from './core/commands.ts';
import { HookRun } from './core/hook-run.ts';
import { nextStep } from './core/next-step.ts';
import type { Unit } from './core/world.ts';
import { related, type Scene } from './scene.ts';

const exit = (code: number) => ({ end: { kind: 'exit', code } }) as const;
const update = ['relation-set', '-r', 'cluster:0', 'value=new'] as const;

function unitOf(scene: Scene, name: string): Unit {
  const unit = scene.world.units.get(name);
  assert.ok(unit !== undefined);
  return unit;
}

/** Begins the hook that is due and stays in it. */
function inHook(scene: Scene, name: string): HookRun {
  const unit = unitOf(scene, name);
  const step = nextStep(scene.world, unit, scene.now);
  assert.equal(step.kind, 'hook');
  return new HookRun(scene.world, unit, step.kind === 'hook' ? step : assert.fail(), scene.now, () => {});
}

async function read(run: HookRun, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run.call({ tool: 'relation-get', args: ['-r', 'cluster:0', ...args] });
  return stdout.trim();
}

test('a hook that fails keeps its statuses and nothing else (fact 5)', async () => {
  const scene = await related();
  const calls = [
    ['status-set', 'blocked', 'because'],
    ['state-set', 'key=value'],
    ['open-port', '80'],
    ['relation-set', '-r', 'data:1', 'key=value'],
    ['secret-add', 'key=value'],
  ];
  scene.when('probe/0', 'config-changed', { calls, ...exit(1) }, { calls: [] });
  config(scene.world, 'probe', { number: 8 }, scene.now);
  await scene.settle();
  const { status, stored, openedPorts } = unitOf(scene, 'probe/0');
  assert.deepEqual(status, { status: 'blocked', message: 'because' });
  assert.deepEqual({ stored, openedPorts }, { stored: {}, openedPorts: [] });
  assert.equal(scene.world.secrets.size, 0);
  assert.deepEqual(scene.takeRan()['taker/0'], undefined);
});

test('what Juju refuses only at the end fails a hook that ended with 0 (fact 5)', async () => {
  const scene = await related();
  scene.when('probe/0', 'config-changed', {
    calls: [
      ['storage-add', 'nope'],
      ['state-set', 'key=value'],
    ],
  });
  config(scene.world, 'probe', { number: 8 }, scene.now);
  await scene.settle();
  assert.deepEqual(scene.takeRan()['probe/0'], ['config-changed refused']);
  assert.deepEqual(unitOf(scene, 'probe/0').stored, {});
});

test('the waiting time doubles with every failure, also of other hooks, until somebody resolves one (fact 6)', async () => {
  const scene = await related();
  const unit = unitOf(scene, 'probe/0');
  const waits: number[] = [];
  const failOnce = async (): Promise<void> => {
    scene.when('probe/0', 'config-changed', exit(1));
    config(scene.world, 'probe', { number: waits.length + 100 }, scene.now);
    await scene.settle();
    const { step } = unit.agent;
    waits.push(Math.ceil((step.kind === 'failed' ? step.retry - scene.now : 0) / 5000) * 5);
    await scene.pass(60_000);
  };
  for (const _ of [1, 2, 3, 4]) await failOnce();
  assert.deepEqual(waits, [5, 10, 20, 40]);
  scene.when('probe/0', 'config-changed', exit(1));
  config(scene.world, 'probe', { number: 200 }, scene.now);
  await scene.settle();
  resolve(scene.world, 'probe/0', 'retry');
  await scene.pass(3000);
  await failOnce();
  assert.equal(waits.at(-1), 5);
});

test('juju resolve --no-retry counts the hook as done, and its change is not told again (fact 6)', async () => {
  const scene = await related();
  scene.world.retryHooks = 'by hand';
  scene.when('probe/0', 'config-changed', exit(1));
  config(scene.world, 'probe', { number: 8 }, scene.now);
  await scene.settle();
  await scene.pass(60_000);
  assert.deepEqual(scene.takeRan()['probe/0'], ['config-changed exit 1']);
  resolve(scene.world, 'probe/0', 'skip');
  await scene.settle();
  assert.ok((scene.takeRan()['probe/0'] ?? []).length <= 1);
  assert.throws(() => resolve(scene.world, 'probe/0', 'retry'), /not in error/);
});

test('a databag that was read answers the same until its changed event runs (fact 10)', async () => {
  const scene = await related();
  config(scene.world, 'probe', { number: 8 }, scene.now);
  const first = inHook(scene, 'probe/1');
  assert.equal(await read(first, 'value', 'probe/0'), '');
  first.end({ kind: 'exit', code: 0 }, scene.now);
  const writing = inHook(scene, 'probe/0');
  await writing.call({ tool: update[0], args: update.slice(1) });
  writing.end({ kind: 'exit', code: 0 }, scene.now);

  config(scene.world, 'probe', { number: 9 }, scene.now);
  const second = inHook(scene, 'probe/1');
  assert.equal(second.event.kind, 'hook');
  assert.equal(await read(second, 'value', 'probe/0'), '');
  second.end({ kind: 'exit', code: 0 }, scene.now);
  unitOf(scene, 'probe/1').agent.reportsSeen = 100;
  const changed = inHook(scene, 'probe/1');
  assert.equal(changed.event.kind, 'relation');
  assert.equal(await read(changed, 'value', 'probe/0'), 'new');
});

test('a databag that nobody had read is read as it is at that moment, in the middle of a hook (fact 10)', async () => {
  const scene = await related();
  config(scene.world, 'probe', { number: 8 }, scene.now);
  const reading = inHook(scene, 'probe/1');
  const writing = inHook(scene, 'probe/0');
  await writing.call({ tool: update[0], args: update.slice(1) });
  writing.end({ kind: 'exit', code: 0 }, scene.now);
  assert.equal(await read(reading, 'value', 'probe/0'), 'new');
});

test('secret-expired comes again until the owner removes the secret (fact 13)', async () => {
  const scene = await related();
  const expired = { calls: [['secret-add', '--expire', '2020-01-01T00:00:00Z', 'key=value']] };
  scene.when('probe/0', 'config-changed', expired);
  config(scene.world, 'probe', { number: 8 }, scene.now);
  scene.now = Date.parse('2026-01-01T00:00:00Z');
  await scene.pass(11 * 60_000);
  const times = (scene.takeRan()['probe/0'] ?? []).filter((line) => line === 'secret-expired 1');
  assert.equal(times.length, 3);
});

test('a revision that nobody reads any more is told to its owner, once (scenario 23)', async () => {
  const scene = await related();
  scene.when('probe/0', 'config-changed', { calls: [['secret-add', 'key=one']] });
  config(scene.world, 'probe', { number: 8 }, scene.now);
  await scene.settle();
  const [id = ''] = scene.world.secrets.keys();
  scene.when('probe/0', 'config-changed', {
    calls: [
      ['secret-get', id],
      ['secret-set', id, 'key=two'],
    ],
  });
  config(scene.world, 'probe', { number: 9 }, scene.now);
  await scene.settle();
  assert.ok(!(scene.takeRan()['probe/0'] ?? []).includes('secret-remove 1'));
  scene.when('probe/0', 'config-changed', { calls: [['secret-get', '--refresh', id]] });
  config(scene.world, 'probe', { number: 10 }, scene.now);
  await scene.settle();
  assert.equal((scene.takeRan()['probe/0'] ?? []).filter((line) => line === 'secret-remove 1').length, 1);
});

test('update-status gives way to everything, and no two waits are alike (fact 14)', async () => {
  const scene = await related({ updateStatus: 60_000 });
  await scene.pass(200_000);
  assert.deepEqual(new Set(scene.takeRan()['probe/0']), new Set(['update-status']));
});

test('nothing is left of an application whose last unit is gone', async () => {
  const scene = await related();
  scene.when('taker/0', 'config-changed', { calls: [['secret-add', 'key=value']] });
  config(scene.world, 'taker', { text: 'other' }, scene.now);
  await scene.settle();
  removeApplication(scene.world, 'taker');
  await scene.pass(5000);
  const { applications, units, relations, secrets } = scene.world;
  assert.deepEqual([...applications.keys()], ['probe']);
  assert.deepEqual([...units.keys()], ['probe/0', 'probe/1']);
  assert.deepEqual([...relations.keys()], [0]);
  assert.equal(secrets.size, 0);
});
