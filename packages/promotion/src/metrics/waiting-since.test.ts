import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaitingSince } from './waiting-since.ts';

const hour = 3_600_000;
const pair = 'demo: master -> stable';

describe('since when commits wait', () => {
  it('is when the oldest of them was made, as far as one can know after a start', () => {
    const waits = new WaitingSince();
    assert.equal(waits.since(pair, { now: 10 * hour, waiting: 2, oldest: 3 * hour }), 3 * hour);
  });

  it('is not before the branch was seen up to date, however old what was pushed then is', () => {
    const waits = new WaitingSince();
    assert.equal(waits.since(pair, { now: 10 * hour, waiting: 0, oldest: undefined }), undefined);
    assert.equal(waits.since(pair, { now: 11 * hour, waiting: 5, oldest: 3 * hour }), 10 * hour);
    assert.equal(waits.since(pair, { now: 12 * hour, waiting: 6, oldest: 3 * hour }), 10 * hour);
  });

  it('goes on when the branch moves and something newer is now the oldest', () => {
    const waits = new WaitingSince();
    waits.since(pair, { now: 10 * hour, waiting: 2, oldest: 3 * hour });
    assert.equal(waits.since(pair, { now: 11 * hour, waiting: 1, oldest: 9 * hour }), 9 * hour);
    assert.equal(waits.since(pair, { now: 12 * hour, waiting: 3, oldest: 2 * hour }), 9 * hour);
  });

  it('is now at the latest', () => {
    const waits = new WaitingSince();
    assert.equal(waits.since(pair, { now: 10 * hour, waiting: 1, oldest: 99 * hour }), 10 * hour);
  });

  it('is not told while it is not known', () => {
    const waits = new WaitingSince();
    assert.equal(waits.since(pair, { now: hour, waiting: undefined, oldest: undefined }), undefined);
    assert.equal(waits.since(pair, { now: hour, waiting: 1, oldest: undefined }), undefined);
  });

  it('is each pair’s own', () => {
    const waits = new WaitingSince();
    waits.since(pair, { now: 10 * hour, waiting: 0, oldest: undefined });
    assert.equal(waits.since('other', { now: 11 * hour, waiting: 1, oldest: hour }), hour);
  });
});
