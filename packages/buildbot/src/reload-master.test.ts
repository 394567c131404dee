/** What a master's log says of a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readOutcome } from './reload-master.ts';

const line = (text: string) => `2026-11-23 04:27:59+0000 [-] ${text}\n`;
const BEGIN =
  line('beginning configuration update') + line("Loading configuration from '/m/config/master.cfg'");
const COMPLETE = line('configuration update complete (took 0.036 seconds)');

test('a reload is under way until its last line is whole', () => {
  for (let length = 0; length < (BEGIN + COMPLETE).length; length++) {
    assert.equal(readOutcome((BEGIN + COMPLETE).slice(0, length)), undefined);
  }
  assert.deepEqual(readOutcome(BEGIN + COMPLETE), { kind: 'taken' });
});

test('a refused configuration gives the errors', () => {
  const log = `${BEGIN}${line('site.json.title: expected a text')}${line('another')}${line(
    'configuration update aborted without making any changes (took 0.001 seconds)',
  )}`;
  assert.deepEqual(readOutcome(log), {
    kind: 'refused',
    reason:
      'the running master did not take the configuration and keeps its own: site.json.title: expected a text; another',
  });
});

test('an exception half-way gives its last line', () => {
  const traceback = `${line('during reconfig:')}\tTraceback (most recent call last):\n\t  File "x.py", line 1, in f\n`;
  const log = `${BEGIN}${line('adding 1 new builders')}${traceback}\ttwisted.internet.error.CannotListenError: taken.\n\t\n${line(
    'WARNING: configuration update partially applied; master may malfunction (took 0.050 seconds)',
  )}`;
  const outcome = readOutcome(log);
  assert.equal(outcome?.kind, 'half-taken');
  assert.match(
    outcome?.kind === 'half-taken' ? outcome.reason : '',
    /: twisted\.\S+CannotListenError: taken\.$/,
  );
});

test('a reload that was already under way is not taken for ours', () => {
  const busy = line('reconfig already active; will reconfig again after');
  assert.equal(readOutcome(busy + COMPLETE), undefined);
  assert.deepEqual(readOutcome(busy + COMPLETE + BEGIN + COMPLETE), { kind: 'taken' });
});

test('whatever else is in the log, the outcome is the one after the beginning', () => {
  const noise = fc.array(
    fc.constantFrom('added buildset 4 to database', 'ping finished: success', '\t  File'),
    {
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(noise, noise, noise, (before, during, after) => {
      const text = [before.map(line), BEGIN, during.map(line), COMPLETE, after.map(line)].flat().join('');
      assert.deepEqual(readOutcome(text), { kind: 'taken' });
    }),
  );
});
