/** What a scrape says of what has happened, asked of the running service. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import { type Family, parseExposition, sampleOf } from '../../../test/support/exposition.ts';
import { builderOf, PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';

type Labels = Readonly<Record<string, string>>;
const stable = { project: 'demo', from: 'master', to: 'stable' };
const merge = { project: 'demo', from: 'stable', to: 'db-devel' };

async function scrape(stage: PromotionStage): Promise<ReadonlyMap<string, Family>> {
  return parseExposition(await stage.get('metrics'));
}

/** Scrapes until a sample has this value, and gives the whole scrape. */
async function until(
  stage: PromotionStage,
  name: string,
  labels: Labels,
  holds: (value: number | undefined) => boolean,
): Promise<ReadonlyMap<string, Family>> {
  let seen: number | undefined;
  return await waitUntil(
    `${name} ${JSON.stringify(labels)}`,
    async () => {
      const families = await scrape(stage);
      seen = sampleOf(families, name, labels);
      return holds(seen) ? families : undefined;
    },
    { every: 100, seen: () => `${seen}\n${stage.log.slice(-2000)}` },
  );
}

test('a commit that waits, and that it was promoted', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const upToDate = { ...stable, state: 'up to date', kind: 'promotion' };
  const fresh = await until(stage, 'lpbuildbot_pair_state', upToDate, (value) => value === 1);
  assert.equal(sampleOf(fresh, 'lpbuildbot_pair_behind_commits', stable), 0);
  assert.equal(sampleOf(fresh, 'lpbuildbot_pair_waiting_since_timestamp_seconds', stable), undefined);
  assert.equal(sampleOf(fresh, 'lpbuildbot_pair_last_move_timestamp_seconds', stable), undefined);
  assert.equal(sampleOf(fresh, 'lpbuildbot_promotion_latency_seconds_count', { project: 'demo' }), 0);

  const begun = Date.now() / 1000;
  await stage.commit('master', 'Break it', 'failure');
  const waits = await until(stage, 'lpbuildbot_pair_behind_commits', stable, (value) => value === 1);
  assert.equal(sampleOf(waits, 'lpbuildbot_pair_state', { ...stable, state: 'waiting' }), 1);
  const since = await until(
    stage,
    'lpbuildbot_pair_waiting_since_timestamp_seconds',
    stable,
    (value) => value !== undefined,
  );
  // The test's commits are dated in the past; the service saw the branch up to date since.
  const waited = sampleOf(since, 'lpbuildbot_pair_waiting_since_timestamp_seconds', stable) ?? 0;
  assert.ok(waited >= begun - 60 && waited <= Date.now() / 1000, `${waited - begun}`);
  const reds = await until(
    stage,
    'lpbuildbot_builder_red',
    { builder: builderOf.master },
    (one) => one === 1,
  );
  assert.equal(sampleOf(reds, 'lpbuildbot_pair_blockers', { ...stable, state: 'red' }), 1);
  assert.equal(sampleOf(reds, 'lpbuildbot_pair_blockers', { ...stable, state: 'not-built' }), 0);

  const green = await stage.commit('master', 'Mend it', 'success');
  await stage.arrives('stable', green);
  const moved = await until(
    stage,
    'lpbuildbot_promotion_latency_seconds_count',
    { project: 'demo' },
    (value) => value === 1,
  );
  assert.equal(sampleOf(moved, 'lpbuildbot_audit_events_total', { event: 'moved' }), 1);
  assert.ok((sampleOf(moved, 'lpbuildbot_promotion_latency_seconds_sum', { project: 'demo' }) ?? 99) < 30);
  const again = await until(stage, 'lpbuildbot_pair_behind_commits', stable, (value) => value === 0);
  assert.equal(sampleOf(again, 'lpbuildbot_pair_waiting_since_timestamp_seconds', stable), undefined);
  assert.ok((sampleOf(again, 'lpbuildbot_pair_last_move_timestamp_seconds', stable) ?? 0) >= begun);
  const made = Number(await stage.remote.git(['log', '-1', '--format=%ct', 'stable']));
  const tip = { project: 'demo', branch: 'stable' };
  await until(stage, 'lpbuildbot_branch_tip_timestamp_seconds', tip, (value) => value === made);
});

test('after a restart, commits have waited since they were made', async () => {
  await using stage = await PromotionStage.create();
  await stage.commit('master', 'Break it', 'failure');
  await stage.start();
  const made = Number(await stage.remote.git(['log', '-1', '--format=%ct', 'master']));
  const families = await until(
    stage,
    'lpbuildbot_pair_waiting_since_timestamp_seconds',
    stable,
    (value) => value !== undefined,
  );
  assert.equal(sampleOf(families, 'lpbuildbot_pair_waiting_since_timestamp_seconds', stable), made);
});

test('a hold, and a conflict', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  await stage.command('hold', 'stable', '--why', 'a release', '--who', 'ada');
  const held = await until(
    stage,
    'lpbuildbot_pair_held_since_timestamp_seconds',
    stable,
    (value) => value !== undefined,
  );
  const since = sampleOf(held, 'lpbuildbot_pair_held_since_timestamp_seconds', stable) ?? 0;
  assert.ok(Math.abs(since - Date.now() / 1000) < 60);
  await stage.command('resume', 'stable', '--why', 'released', '--who', 'ada');
  await until(stage, 'lpbuildbot_pair_held_since_timestamp_seconds', stable, (value) => value === undefined);

  await stage.remote.commit('db-devel', { message: 'Mine', files: { 'shared.txt': 'mine\n' } });
  const theirs = await stage.commit(
    'master',
    { message: 'Theirs', files: { 'shared.txt': 'theirs\n' } },
    'success',
  );
  await stage.arrives('stable', theirs);
  const conflict = await until(stage, 'lpbuildbot_pair_conflicting_files', merge, (value) => value === 1);
  assert.equal(sampleOf(conflict, 'lpbuildbot_pair_state', { ...merge, state: 'conflict' }), 1);
  await until(stage, 'lpbuildbot_pair_behind_commits', merge, (value) => value === 1);
});

test('the queue and the workers', async () => {
  await using stage = await PromotionStage.create();
  const { model } = stage.buildbot;
  model.addWorker('one', Object.values(builderOf));
  model.addWorker('two', [builderOf.master]);
  model.addWorker('three', [builderOf.master]);
  model.changeWorker('two', { connected: false });
  model.changeWorker('three', { paused: true });
  await stage.startListening();
  const source = { branch: 'master', revision: null, repository: '', patched: false };
  model.request(builderOf.master, source);
  const waiting = model.request(builderOf.master, source);
  model.start(waiting);
  const builder = builderOf.master;
  const families = await until(stage, 'lpbuildbot_builder_waiting_requests', { builder }, (one) => one === 1);
  for (const [state, count] of [
    ['available', 1],
    ['paused', 1],
    ['draining', 0],
    ['disconnected', 1],
  ] as const) {
    assert.equal(sampleOf(families, 'lpbuildbot_workers', { state }), count, state);
    assert.equal(sampleOf(families, 'lpbuildbot_builder_workers', { builder, state }), count, state);
  }
  const other = { builder: builderOf['db-devel'] };
  assert.equal(sampleOf(families, 'lpbuildbot_builder_workers', { ...other, state: 'available' }), 1);
  assert.equal(sampleOf(families, 'lpbuildbot_builder_waiting_requests', other), 0);
  assert.equal(sampleOf(families, 'lpbuildbot_builder_waiting_since_timestamp_seconds', other), undefined);
  const since = sampleOf(families, 'lpbuildbot_builder_waiting_since_timestamp_seconds', { builder }) ?? 0;
  assert.ok(Math.abs(since - Date.now() / 1000) < 120);
  await until(stage, 'lpbuildbot_builder_running_builds', { builder }, (value) => value === 1);
});

test('a Buildbot that takes requests and answers none keeps no scrape waiting', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  await until(stage, 'lpbuildbot_buildbot_up', {}, (value) => value === 1);
  await until(stage, 'lpbuildbot_buildbot_events_connected', {}, (value) => value === 1);
  const begun = performance.now();
  stage.buildbot.setRestFault('hanging');
  // Longer than an answer is fresh: some of these ask.
  while (performance.now() - begun < 7_000) {
    const asked = performance.now();
    await scrape(stage);
    assert.ok(performance.now() - asked < 3_000, `${performance.now() - asked} ms`);
  }
  await stage.buildbot.down();
  await until(stage, 'lpbuildbot_buildbot_events_connected', {}, (value) => value === 0);
  const away = await until(stage, 'lpbuildbot_buildbot_up', {}, (value) => value === 0);
  assert.ok((sampleOf(away, 'lpbuildbot_failures_total', { kind: 'buildbot_unreachable' }) ?? 0) > 0);
  assert.equal(sampleOf(away, 'lpbuildbot_builder_red', { builder: builderOf.master }), undefined);
});

test('failures, each by its kind', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const counted = async (kind: string) =>
    until(stage, 'lpbuildbot_failures_total', { kind }, (value) => (value ?? 0) > 0);
  const none = await scrape(stage);
  for (const kind of ['push_refused', 'remote_unreachable', 'disk', 'unexpected'])
    assert.equal(sampleOf(none, 'lpbuildbot_failures_total', { kind }), 0, kind);

  await stage.remote.refusePushes('nobody may');
  const first = await stage.commit('master', 'Refused', 'success');
  await counted('push_refused');
  await until(stage, 'lpbuildbot_pair_state', { ...stable, state: 'refused' }, (value) => value === 1);
  await stage.remote.removeHooks();
  await stage.arrives('stable', first);

  await rename(stage.remote.path, `${stage.remote.path}.away`);
  const away = await counted('remote_unreachable');
  assert.equal(sampleOf(away, 'lpbuildbot_failures_total', { kind: 'unexpected' }), 0);
  await until(stage, 'lpbuildbot_pair_state', { ...stable, state: 'unreachable' }, (value) => value === 1);
  await rename(`${stage.remote.path}.away`, stage.remote.path);
  await until(stage, 'lpbuildbot_pair_state', { ...stable, state: 'up to date' }, (value) => value === 1);
});
