import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limits, limitOf } from './limits.ts';

const date = 'Mon, 05 Jan 2026 12:00:00 GMT';
const inSeconds = (seconds: number) => String(Date.parse(date) / 1000 + seconds);

describe('an answer about limits', () => {
  const cases: readonly (readonly [string, Parameters<typeof limitOf>[0], number | undefined])[] = [
    ['with retry-after', { status: 429, headers: { 'retry-after': '7' }, message: '' }, 7000],
    ['that forbids, with retry-after', { status: 403, headers: { 'retry-after': '7' }, message: '' }, 7000],
    [
      'with nothing left, by GitHub’s clock and not by ours',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(90), date },
        message: 'API rate limit exceeded',
      },
      90_000,
    ],
    [
      'with nothing left and no clock',
      { status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, message: '' },
      60_000,
    ],
    [
      'about a secondary limit that says no time',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '4000' },
        message: 'You have exceeded a secondary rate limit',
      },
      60_000,
    ],
    ['that is too much and says nothing', { status: 429, headers: {}, message: '' }, 60_000],
    ['with an endless wait', { status: 429, headers: { 'retry-after': '99999999' }, message: '' }, 3_600_000],
    [
      'that forbids something else',
      { status: 403, headers: {}, message: 'Resource not accessible' },
      undefined,
    ],
    ['of a fault', { status: 500, headers: { 'retry-after': '7' }, message: '' }, undefined],
    ['that is good', { status: 200, headers: { 'x-ratelimit-remaining': '0' }, message: '' }, undefined],
  ];
  for (const [words, answer, wait] of cases) {
    it(`${words} means ${wait === undefined ? 'no wait' : `${wait / 1000} s`}`, () => {
      assert.equal(limitOf(answer, 0), wait);
    });
  }

  it('asks for longer each time in a row when it says no time', () => {
    const answer = { status: 429, headers: {}, message: '' };
    assert.deepEqual(
      [0, 1, 2, 20].map((inARow) => limitOf(answer, inARow)),
      [60_000, 120_000, 240_000, 3_600_000],
    );
  });
});

describe('the limits of an account', () => {
  it('are closed until the time has come, and open after that', () => {
    let now = 1000;
    const limits = new Limits(() => now);
    assert.equal(limits.learn({ status: 429, headers: { 'retry-after': '5' }, message: '' }), true);
    assert.equal(limits.closedUntil, 6000);
    now = 6000;
    assert.equal(limits.closedUntil, undefined);
  });

  it('are scarce when few requests are left, until they are renewed', () => {
    let now = 50_000;
    const limits = new Limits(() => now);
    assert.equal(limits.scarceUntil(100), undefined);
    const headers = { 'x-ratelimit-remaining': '99', 'x-ratelimit-reset': inSeconds(10), date };
    assert.equal(limits.learn({ status: 200, headers, message: '' }), false);
    assert.equal(limits.scarceUntil(100), 60_000);
    assert.equal(limits.scarceUntil(50), undefined);
    now = 60_000;
    assert.equal(limits.scarceUntil(100), undefined);
  });
});
