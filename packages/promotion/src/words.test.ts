import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { list, moment, span } from './words.ts';

describe('words for people', () => {
  it('give a length of time in one unit', () => {
    assert.deepEqual([30, 200, 2000, 40_000, 840_000, 3 * 3_600_000, 72 * 3_600_000].map(span), [
      '0.03 s',
      '0.2 s',
      '2 s',
      '40 s',
      '14 min',
      '3 h',
      '3 d',
    ]);
  });

  it('give a moment with its date once a day has passed', () => {
    const time = Date.parse('2026-11-23T02:10:59Z');
    assert.equal(moment(time, time + 3_600_000), '02:10 UTC');
    assert.equal(moment(time, time + 86_400_000), '2026-11-23 02:10 UTC');
  });

  it('join lists as people do', () => {
    assert.deepEqual(
      [list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])],
      ['', 'a', 'a and b', 'a, b and c'],
    );
  });
});
