import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pooled } from './pool.ts';

test('never more than the given number at once, and the results in the order of the items', async () => {
  let running = 0;
  let most = 0;
  const results = await pooled([30, 1, 20, 1, 10], 2, async (delay) => {
    running += 1;
    most = Math.max(most, running);
    await setTimeout(delay);
    running -= 1;
    return delay * 2;
  });
  assert.deepEqual(results, [60, 2, 40, 2, 20]);
  assert.equal(most, 2);
});

test('a failure of one is the failure of all', async () => {
  const work = async (item: number): Promise<number> => {
    if (item === 2) throw new Error('two');
    return item;
  };
  await assert.rejects(pooled([1, 2, 3], 2, work), /two/);
});
