/** kill -9 at random instants, while commits flow and other people push. `npm run soak` does the same for longer. */
import { test } from 'node:test';
import { checkKills } from '../../../test/support/kill-checks.ts';
import { tellKillStory } from '../../../test/support/kill-story.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';

for (const [transport, kills] of [
  ['path', 25],
  ['github', 15],
] as const) {
  test(`a service (${transport}) that is killed ${kills} times at any instant does nothing wrong and loses nothing`, async (t) => {
    const seed = Number(process.env.KILL_SEED ?? 20_260_101);
    await using stage = await PromotionStage.create({ transport });
    const record = await tellKillStory(stage, { seed, kills });
    const { moves, merges, conflicts, untold } = await checkKills(record);
    t.diagnostic(
      `seed ${seed}: ${moves} moves, ${merges} merges, ${conflicts} conflicts, ${untold} not in the log`,
    );
  });
}
