import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration, printDuration } from './duration.ts';

test('a number and a unit', () => {
  const seconds = ['1s', '90s', '10m', '2h', '3d', '0s'].map(parseDuration);
  assert.deepEqual(seconds, [1, 90, 600, 7200, 259_200, 0]);
});

test('nothing else', () => {
  for (const text of [
    '',
    '30',
    '1h30m',
    '1.5h',
    '-1s',
    '+1s',
    '1 s',
    '1S',
    's',
    '1ms',
    '٣s',
    '1s\n',
    '9999999999s',
  ]) {
    assert.equal(parseDuration(text), undefined, JSON.stringify(text));
  }
});

test('what is printed is read again, in its largest unit', () => {
  fc.assert(fc.property(fc.nat(100_000_000), (seconds) => parseDuration(printDuration(seconds)) === seconds));
  assert.deepEqual([0, 1, 90, 3600, 5400, 86_400, 90_000].map(printDuration), [
    '0s',
    '1s',
    '90s',
    '1h',
    '90m',
    '1d',
    '25h',
  ]);
});
