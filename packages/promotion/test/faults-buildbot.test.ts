/** What becomes of a promotion when Buildbot is away, lies, or falls silent: it waits, and loses nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeBuildbot, type RestFault } from '../../../test/support/fake-buildbot.ts';
import { builderOf, PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';
import { createBuildbot } from '../src/buildbot/rest.ts';

/** Never in a test's life: what then happens, happened because of an event. */
const never = '0 0 1 1 *';

describe('answers that are not Buildbot’s', () => {
  const faults: readonly RestFault[] = [
    'garbage',
    'wrong shape',
    'bad gateway',
    'not found',
    'internal error',
  ];
  for (const fault of faults) {
    test(`(${fault}) move nothing, are shown, and are forgotten when it answers again`, async () => {
      await using stage = await PromotionStage.create();
      await stage.startListening();
      const first = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', first);

      stage.buildbot.setRestFault(fault);
      const second = await stage.commit('master', 'Two', 'success');
      await stage.says('master', 'stable', 'blind', ({ verdict }) => verdict?.kind === 'builds-unknown');
      await waitUntil(
        'the problem to be shown',
        async () => (await stage.view()).buildbot.problem !== undefined,
      );
      assert.equal(await stage.remote.tip('stable'), first);
      assert.match(await stage.get('healthz'), /"status":"degraded"/);

      stage.buildbot.setRestFault('none');
      await stage.arrives('stable', second);
      await waitUntil(
        'the problem to be gone',
        async () => (await stage.view()).buildbot.problem === undefined,
      );
      assert.match(await stage.get('healthz'), /"status":"ok"/);
    });
  }

  test('to the question for one build are asked for again, though nothing else happens', async () => {
    await using stage = await PromotionStage.create({ reconcile: never });
    await stage.startListening();
    stage.buildbot.setRestFault('internal error');
    const revision = await stage.commit('master', 'One', 'success');
    await stage.says('master', 'stable', 'blind', ({ verdict }) => verdict?.kind === 'builds-unknown');
    stage.buildbot.setRestFault('none');
    await stage.arrives('stable', revision);
  });

  test('right after a start, or after Buildbot’s, are asked for again', async () => {
    await using stage = await PromotionStage.create({ reconcile: never });
    stage.buildbot.setRestFault('bad gateway');
    await stage.startListening();
    const first = await stage.commit('master', 'One', 'success');
    stage.buildbot.setRestFault('none');
    await stage.arrives('stable', first);
    await stage.buildbot.down();
    stage.buildbot.setRestFault('bad gateway');
    await stage.buildbot.up();
    const second = await stage.commit('master', 'Two', 'success');
    await stage.says('master', 'stable', 'blind', ({ verdict }) => verdict?.kind === 'builds-unknown');
    stage.buildbot.setRestFault('none');
    await stage.arrives('stable', second);
  });

  test('from the very start keep nothing from starting', async () => {
    await using stage = await PromotionStage.create();
    stage.buildbot.setRestFault('garbage');
    await stage.start();
    const revision = await stage.commit('master', 'One', 'success');
    await stage.says('master', 'stable', 'blind', ({ verdict }) => verdict?.kind === 'builds-unknown');
    stage.buildbot.setRestFault('none');
    await stage.arrives('stable', revision);
  });

  test('do not keep branches from being merged, which takes no build', async () => {
    await using stage = await PromotionStage.create();
    const released = await stage.remote.commit('master', 'Released by hand');
    await stage.remote.setBranch('stable', released);
    stage.buildbot.setRestFault('internal error');
    await stage.start();
    await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === released);
  });
});

test('a Buildbot that takes requests and never answers is waited for, and nothing else stands still', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  stage.buildbot.setRestFault('hanging');
  const revision = await stage.commit('master', 'One', 'success');
  await waitUntil('a question', () => stage.buildbot.requests > 0);
  assert.match(await stage.get('healthz'), /"status"/);
  // Its master is started anew, which is what ends this.
  await stage.buildbot.down();
  stage.buildbot.setRestFault('none');
  await stage.buildbot.up();
  await stage.arrives('stable', revision);
});

test('a request that hangs ends by itself, as a failure', async () => {
  await using buildbot = await FakeBuildbot.start();
  const asked = createBuildbot(buildbot.url, 300);
  buildbot.setRestFault('hanging');
  await assert.rejects(asked.builders(), { name: 'BuildbotError', message: /no answer within 0.3 s/ });
  buildbot.setRestFault('none');
  assert.equal((await asked.builders()).size, 0);
});

describe('a Buildbot that is started anew', () => {
  test('builds again what it was building, and only the outcome of that counts', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const base = await stage.remote.need('stable');
    const revision = await stage.remote.commit('master', 'One');
    const building = stage.buildbot.startBuild({ builder: builderOf.master, revision });
    await stage.says('master', 'stable', 'building', ({ verdict }) => {
      return JSON.stringify(verdict ?? null).includes('"running"');
    });
    const again = (await stage.buildbot.restart()).get(building);
    assert.ok(again !== undefined);
    await waitUntil('the daemon to listen again', () => stage.buildbot.isListenedTo, {
      seen: () => stage.log,
    });
    await stage.says('master', 'stable', 'building again', ({ verdict }) => {
      return JSON.stringify(verdict ?? null).includes(`"buildid":${again}`);
    });
    assert.equal(await stage.remote.tip('stable'), base);
    stage.buildbot.finishBuild(again, 'success');
    await stage.arrives('stable', revision);
  });

  test('is not missed in what it did while nobody listened', async () => {
    await using stage = await PromotionStage.create({ reconcile: never });
    await stage.startListening();
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);
    await stage.buildbot.down();
    const two = await stage.commit('master', 'Two', 'success');
    const three = await stage.commit('master', 'Three', 'failure');
    await stage.buildbot.up();
    await stage.arrives('stable', two);
    assert.equal(await stage.remote.isAncestor(three, 'stable'), false);
  });

  test('with an empty database is believed from the start', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);
    const two = await stage.remote.commit('master', 'Two');
    stage.buildbot.startBuild({ builder: builderOf.master, revision: two });
    await stage.buildbot.replaceDatabase(Object.values(builderOf));
    const three = await stage.commit('master', 'Three', 'success');
    await stage.promotes(three);
    const moved = (await stage.audit()).filter(
      ({ event, pair }) => event === 'moved' && pair.includes('master'),
    );
    assert.deepEqual(
      moved.map(({ to }) => to),
      [one, three],
    );
  });
});

describe('an event stream', () => {
  test('that is open and silent is found out and replaced', async () => {
    await using stage = await PromotionStage.create({ reconcile: never });
    await stage.startListening();
    stage.buildbot.setEventFault('silent');
    const revision = await stage.commit('master', 'One', 'success');
    await waitUntil('the daemon to hang up', () => /events ended/.test(stage.log), { seen: () => stage.log });
    stage.buildbot.setEventFault('none');
    await stage.arrives('stable', revision);
  });

  test('that loses events costs no more than the time until the next full look', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    stage.buildbot.setEventFault('lossy');
    const revision = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', revision);
  });

  test('that is refused costs no more either', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    stage.buildbot.setEventFault('refused');
    const revision = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', revision);
    assert.match(await stage.get('healthz'), /"events":"disconnected"/);
    stage.buildbot.setEventFault('none');
    await waitUntil('the daemon to listen again', () => stage.buildbot.isListenedTo);
  });

  test('that breaks again and again is taken up again each time', async () => {
    await using stage = await PromotionStage.create({ reconcile: never });
    await stage.startListening();
    for (const message of ['One', 'Two', 'Three', 'Four']) {
      stage.buildbot.dropSockets();
      const revision = await stage.commit('master', message, 'success');
      await stage.arrives('stable', revision);
    }
  });
});

describe('builds that do not count', () => {
  test('one with a patch on top is green for nobody', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const base = await stage.remote.need('stable');
    const revision = await stage.remote.commit('master', 'Red without the patch');
    const build = { builder: builderOf.master, revision };
    stage.built('master', revision, 'failure');
    stage.buildbot.build({ ...build, patched: true }, 'success');
    await stage.says('master', 'stable', 'red', ({ verdict }) =>
      JSON.stringify(verdict ?? null).includes('"red"'),
    );
    assert.equal(await stage.remote.tip('stable'), base);
    const next = await stage.commit('master', 'Mended', 'success');
    await stage.arrives('stable', next);
  });

  for (const result of ['retry', 'exception', 'cancelled', 'skipped'] as const) {
    test(`one that ended with ${result} moves nothing and is waited out`, async () => {
      await using stage = await PromotionStage.create();
      await stage.startListening();
      const base = await stage.remote.need('stable');
      const revision = await stage.commit('master', 'One', result);
      await stage.says('master', 'stable', 'waiting', ({ verdict }) => verdict?.kind === 'waiting');
      assert.equal(await stage.remote.tip('stable'), base);
      stage.built('master', revision, 'success');
      await stage.arrives('stable', revision);
    });
  }
});
