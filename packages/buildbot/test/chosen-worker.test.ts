/** A forced build may name the worker that has to build it: an upgrade is tried on one before the others get it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as z from 'zod';
import { createWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  const configuration = world.configuration([{ name: 'devel', branch: 'master' }]);
  const [one] = configuration.workers;
  assert.ok(one !== undefined);
  await world.configure({
    ...configuration,
    workers: [one, { ...one, name: 'two', password: 'secret of two' }],
  });
  await world.start();
  await world.work('one');
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(() => world.destroy());

const buildsSchema = z.object({
  builds: z.array(
    z.object({
      number: z.number(),
      complete: z.boolean(),
      properties: z.object({ workername: z.tuple([z.string(), z.string()]).optional() }).nullable(),
    }),
  ),
});

async function workerOf(number: number): Promise<string | undefined> {
  const { builds } = buildsSchema.parse(await world.api('builders/devel/builds?property=workername'));
  const build = builds.find((each) => each.number === number && each.complete);
  return build?.properties?.workername?.[0];
}

test('the worker that was asked for builds it, and until it is there the build waits', async () => {
  const answer = await world.force('master', { reason: 'on two', workername: 'two' });
  assert.equal(answer.status, 200);
  // The other one is idle, and gets what comes later.
  assert.equal((await world.force('master', { reason: 'anywhere' })).status, 200);
  assert.equal(await world.until('the second build', () => workerOf(2)), 'one');
  await world.work('two');
  assert.equal(await world.until('the third build', () => workerOf(3)), 'two');
});

test('without a wish any worker builds it', async () => {
  assert.equal((await world.force('master', { reason: 'any', workername: '-any-' })).status, 200);
  assert.ok(await world.until('the fourth build', () => workerOf(4)));
});
