/** What becomes of a promotion when people change history under it: branches that go, come back, or are written anew. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Sha } from '@lpbuildbot/pipeline';
import { type PairView, PromotionStage } from '../../../test/support/promotion-stage.ts';

const is =
  (kind: string) =>
  ({ verdict }: PairView): boolean =>
    verdict?.kind === kind;

/** Two looks at everything have begun and ended since. */
async function lookedTwice(stage: PromotionStage): Promise<void> {
  for (const _ of [1, 2]) {
    const before = await stage.pair('master', 'stable');
    await stage.says('master', 'stable', 'looked at again', ({ lookedAt }) => lookedAt !== before.lookedAt);
  }
}

/** Commits to `db-devel` and to `master` what does not merge; the commit on `master`. */
async function disagree({ remote }: PromotionStage): Promise<Sha> {
  await remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one way\n' } });
  return await remote.commit('master', { message: 'Another way', files: { 'shared.txt': 'another way\n' } });
}

for (const transport of ['path', 'github'] as const) {
  describe(`history of a remote (${transport}) that changes under the service`, () => {
    test('a stable branch that is not on its development branch is left alone, told once, and goes on when it is mended', async () => {
      await using stage = await PromotionStage.create({ transport });
      const good = await stage.commit('master', 'One', 'success');
      await stage.remote.setBranch('side', 'stable');
      const aside = await stage.remote.commit('side', 'Straight to stable');
      await stage.remote.setBranch('stable', aside);
      await stage.startListening();
      await stage.says('master', 'stable', 'diverged', is('diverged'));
      await lookedTwice(stage);
      assert.equal(await stage.remote.tip('stable'), aside);
      const told = (await stage.audit()).filter(({ event }) => event === 'diverged');
      assert.equal(told.length, 1);
      assert.match((await stage.command('explain', 'stable')).text, /diverged|not an ancestor|not on/i);
      // What is promoted nowhere is merged nowhere either: the hotfix reached db-devel by the merge rule alone.
      await stage.daemon.kill9('all');
      await stage.startListening();
      await stage.commit('master', 'Two', 'success');
      await lookedTwice(stage);
      assert.equal((await stage.audit()).filter(({ event }) => event === 'diverged').length, 1);

      const mended = await stage.remote.merge('stable', 'master');
      stage.built('master', mended, 'success');
      await stage.arrives('stable', mended);
      assert.equal(await stage.remote.isAncestor(good, 'stable'), true);
    });

    test('a stable branch that was deleted is missed and never made anew by itself', async () => {
      await using stage = await PromotionStage.create({ transport });
      await stage.startListening();
      const first = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', first);
      await stage.remote.deleteBranch('stable');
      const second = await stage.commit('master', 'Two', 'success');
      await stage.says('master', 'stable', 'missing', is('missing'));
      await stage.daemon.kill9('all');
      await stage.startListening();
      await stage.says('master', 'stable', 'missing', is('missing'));
      await lookedTwice(stage);
      assert.equal(await stage.remote.tip('stable'), undefined);

      await stage.remote.setBranch('stable', first);
      await stage.arrives('stable', second);
    });

    test('a stable branch that never was there is made at the newest green revision', async () => {
      await using stage = await PromotionStage.create({ transport });
      await stage.remote.deleteBranch('stable');
      const green = await stage.commit('master', 'One', 'success');
      await stage.commit('master', 'Two', 'failure');
      await stage.startListening();
      await stage.arrives('stable', green);
    });

    test('a development branch that was deleted is missed, and goes on when it is back', async () => {
      await using stage = await PromotionStage.create({ transport });
      await stage.startListening();
      const first = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', first);
      await stage.remote.deleteBranch('master');
      await stage.says('master', 'stable', 'missing', is('missing'));
      assert.equal(await stage.remote.tip('stable'), first);
      const schema = await stage.commit('db-devel', 'The other pairs go on', 'success');
      await stage.arrives('db-stable', schema);

      await stage.remote.setBranch('master', first);
      const second = await stage.commit('master', 'Two', 'success');
      await stage.arrives('stable', second);
    });

    test('a green revision that was taken back from the development branch is not promoted', async () => {
      await using stage = await PromotionStage.create({ transport });
      const base = await stage.remote.need('master');
      const takenBack = await stage.remote.commit('master', 'Not meant to be here');
      await stage.remote.setBranch('master', base);
      const instead = await stage.remote.commit('master', 'This instead');
      await stage.startListening();
      stage.built('master', takenBack, 'success');
      await lookedTwice(stage);
      assert.equal(await stage.remote.tip('stable'), base);
      stage.built('master', instead, 'success');
      await stage.arrives('stable', instead);
    });

    test('history that is rewritten above stable is followed, and below stable is diverged', async () => {
      await using stage = await PromotionStage.create({ transport });
      const base = await stage.remote.need('master');
      await stage.startListening();
      const first = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', first);

      await stage.remote.commit('master', 'Two, to be replaced');
      await stage.remote.setBranch('master', first);
      const second = await stage.commit('master', 'Two, better', 'success');
      await stage.arrives('stable', second);

      await stage.remote.setBranch('master', base);
      const rewritten = await stage.commit('master', 'One and two in one', 'success');
      await stage.says('master', 'stable', 'diverged', is('diverged'));
      assert.equal(await stage.remote.tip('stable'), second);

      // The people decide for the new history.
      await stage.remote.setBranch('stable', base);
      await stage.arrives('stable', rewritten);
    });

    test('builds of a revision that no repository has change nothing', async () => {
      await using stage = await PromotionStage.create({ transport });
      await stage.startListening();
      const gone = await stage.remote.commit('master', 'To be gone');
      await stage.remote.setBranch('master', 'stable');
      await stage.remote.git(['reflog', 'expire', '--expire=all', '--all']);
      await stage.remote.git(['prune', '--expire=now']);
      stage.built('master', gone, 'success');
      stage.built('master', 'f'.repeat(40), 'success');
      await lookedTwice(stage);
      assert.equal((await stage.pair('master', 'stable')).trouble, undefined);
      const next = await stage.commit('master', 'Next', 'success');
      await stage.arrives('stable', next);
    });

    test('a conflict names its files, is told once for a pair of tips, and is gone by itself when people have merged', async () => {
      await using stage = await PromotionStage.create({ transport });
      const other = await disagree(stage);
      await stage.startListening();
      stage.built('master', other, 'success');
      await stage.arrives('stable', other);
      const { files } = await stage.tells('the conflict', ({ event }) => event === 'conflict');
      assert.deepEqual(files, ['shared.txt']);
      await stage.says('stable', 'db-devel', 'in conflict', is('conflict'));
      await lookedTwice(stage);
      await stage.daemon.kill9('all');
      await stage.startListening();
      await stage.says('stable', 'db-devel', 'in conflict', is('conflict'));
      await lookedTwice(stage);
      assert.equal((await stage.audit()).filter(({ event }) => event === 'conflict').length, 1);

      // Somebody deletes the branch by mistake and puts it back: the same conflict is no news.
      const tip = await stage.remote.need('db-devel');
      await stage.remote.deleteBranch('db-devel');
      await stage.says('stable', 'db-devel', 'missing', is('missing'));
      await stage.remote.setBranch('db-devel', tip);
      await stage.says('stable', 'db-devel', 'in conflict', is('conflict'));
      await lookedTwice(stage);
      assert.equal((await stage.audit()).filter(({ event }) => event === 'conflict').length, 1);

      await stage.remote.commit('db-devel', { message: 'Agree', files: { 'shared.txt': 'another way\n' } });
      await stage.tells('the end', ({ event }) => event === 'conflict-ended');
      await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === other);
      await stage.says('stable', 'db-devel', 'up to date', is('up-to-date'));
    });

    test('a conflict is over as soon as the merge that people have pushed waits to be built', async () => {
      await using stage = await PromotionStage.create({ transport, reconcile: '0 0 1 1 *' });
      const other = await disagree(stage);
      await stage.startListening();
      stage.built('master', other, 'success');
      await stage.says('stable', 'db-devel', 'in conflict', is('conflict'));

      await stage.remote.commit('db-devel', { message: 'Agree', files: { 'shared.txt': 'another way\n' } });
      const revision = await stage.remote.merge('stable', 'db-devel');
      // No worker is free.
      stage.buildbot.model.request('db-devel-tests', {
        branch: 'db-devel',
        revision,
        repository: '',
        patched: false,
      });
      await stage.says('stable', 'db-devel', 'up to date', is('up-to-date'));
    });
  });
}
