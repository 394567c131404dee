/**
 * `npm run soak [-- --kills N] [-- --seed S]`: kills the promotion service 500 times at random instants, in rounds with a
 * world and a seed each, and checks after each round what `npm test` checks after its one. Leaves with 1 at the first
 * round that shows a mistake, with the seed that tells its story again.
 */
import { parseArgs } from 'node:util';
import { checkKills } from '../support/kill-checks.ts';
import { tellKillStory } from '../support/kill-story.ts';
import { PromotionStage } from '../support/promotion-stage.ts';

/** The kills of one round: enough for a long history, few enough to find one's way in it. */
const round = 50;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.kills);
const firstSeed = Number(values.seed);
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(firstSeed)) {
  console.error('usage: npm run soak -- [--kills NUMBER] [--seed NUMBER]');
  process.exit(2);
}

let done = 0;
for (let seed = firstSeed; done < wanted; seed += 1) {
  const kills = Math.min(round, wanted - done);
  await using stage = await PromotionStage.create();
  try {
    const record = await tellKillStory(stage, {
      seed,
      kills,
      onKill: (count) => {
        if (count % 10 === 0) console.log(`  ${done + count} of ${wanted} kills`);
      },
    });
    const { moves, merges, conflicts } = await checkKills(record);
    console.log(
      `seed ${seed}: ${kills} kills, ${moves} moves, ${merges} merges, ${conflicts} conflicts told; nothing wrong`,
    );
  } catch (error) {
    console.error(
      `seed ${seed}: something went wrong (again with: npm run soak -- --kills ${kills} --seed ${seed})`,
    );
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exitCode = 1;
    break;
  }
  done += kills;
}
if (process.exitCode === undefined) console.log(`soak: ${done} kills, nothing done wrong, nothing lost`);
