/** Promotion on GitHub: branches moved and merged by its API, and what people are told there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';

test('a green revision is promoted and merged', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  await stage.startListening();
  const one = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', one);
  await stage.tells('the merge', ({ event }) => event === 'merged');
  assert.equal(await stage.remote.isAncestor(one, 'db-devel'), true);
});
