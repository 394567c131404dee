import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Kept } from './kept.ts';

const limits = { fresh: 10, usable: 100, patience: 20 };

describe('an answer that is kept', () => {
  it('is asked for once, however many want it, and again when it is no longer fresh', async () => {
    let now = 0;
    let asked = 0;
    const kept = new Kept(
      async () => ++asked,
      limits,
      () => now,
    );
    assert.deepEqual(await Promise.all([kept.get(), kept.get(), kept.get()]), [1, 1, 1]);
    now = 9;
    assert.equal(await kept.get(), 1);
    now = 10;
    assert.equal(await kept.get(), 2);
  });

  it('keeps nobody waiting when it does not come, and the last one serves until it is old', async () => {
    let now = 0;
    let hanging = false;
    const kept = new Kept(
      () => (hanging ? new Promise<number>(() => {}) : Promise.resolve(7)),
      limits,
      () => now,
    );
    assert.equal(await kept.get(), 7);
    hanging = true;
    now = 50;
    const begun = performance.now();
    assert.equal(await kept.get(), 7);
    now = 100;
    assert.equal(await kept.get(), undefined);
    assert.ok(performance.now() - begun < 1000);
  });

  it('is not asked for in a row where it cannot be had', async () => {
    let now = 0;
    let asked = 0;
    const kept = new Kept<number>(
      async () => {
        asked += 1;
        return undefined;
      },
      limits,
      () => now,
    );
    for (now = 0; now < 10; now += 1) assert.equal(await kept.get(), undefined);
    assert.equal(asked, 1);
  });
});
