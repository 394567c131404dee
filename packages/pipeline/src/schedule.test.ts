import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule, printSchedule } from './schedule.ts';

test('two words and five cron fields are schedules, printed as they are read', () => {
  const texts = [
    'promotion',
    'manual',
    '*/10 * * * *',
    '0 4 * * MON-FRI',
    '0 0 29 2 *',
    '15,45 0-6/2 1 mar 4',
    '0 0 L * *',
  ];
  for (const text of texts) {
    const schedule = parseSchedule(text);
    assert.equal(schedule && printSchedule(schedule), text);
  }
});

test('white space between the fields does not count', () => {
  assert.deepEqual(parseSchedule(' 0  4 *\t* * '), { kind: 'cron', expression: '0 4 * * *' });
});

test('what would never come, come at random or mean something else elsewhere is no schedule', () => {
  const texts = [
    '',
    'Manual',
    '@daily',
    '* * * *',
    '* * * * * *',
    '61 * * * *',
    '0 0 31 2 *',
    'H * * * *',
    'H(0-5) h * * *',
    '0 0 * * THR',
    '*/0 * * * *',
    '1,,2 * * * *',
    'a b c d e',
  ];
  for (const text of texts) assert.equal(parseSchedule(text), undefined, text);
});
