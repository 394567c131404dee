import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoff, createTurns } from './turns.ts';

describe('turns', () => {
  it('let a few begin together, and the rest when one ends', async () => {
    const inTurn = createTurns(2, 60_000);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (n: number) => inTurn(() => new Promise<void>((end) => ends.push(end) && begun.push(n)));
    const all = [work(1), work(2), work(3)];
    await new Promise(setImmediate);
    assert.deepEqual(begun, [1, 2]);
    ends[0]?.();
    await new Promise(setImmediate);
    assert.deepEqual(begun, [1, 2, 3]);
    for (const end of ends) end();
    await Promise.all(all);
  });

  it('pass one by that never ends', async () => {
    const inTurn = createTurns(1, 1);
    void inTurn(() => new Promise(() => {}));
    assert.equal(await inTurn(async () => 'through'), 'through');
  });
});

describe('the wait after failures', () => {
  it('doubles, up to its limit, and varies by half', () => {
    assert.deepEqual(
      [1, 2, 3, 10].map((failures) => backoff(1000, 60_000, failures, () => 1)),
      [1000, 2000, 4000, 60_000],
    );
    assert.equal(
      backoff(1000, 60_000, 1, () => 0),
      500,
    );
  });
});
