import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { outstanding, type View } from './settled.ts';
import type { PairView } from './system.ts';

const sha = (digit: string): Sha => shaSchema.parse(digit.repeat(40));
const older = sha('1');
const newer = sha('2');

function view(changes: { stable?: Sha; built?: 'green' | 'red'; pairs: readonly PairView[] }): View {
  return {
    tips: new Map([
      ['master', newer],
      ['stable', changes.stable ?? older],
      ['db-devel', older],
    ]),
    built: new Map([['master', new Map(changes.built === undefined ? [] : [[newer, changes.built]])]]),
    pairs: changes.pairs,
  };
}

function promotion(from: Sha, to: Sha, verdict: PairView['verdict']): PairView {
  return { pair: { kind: 'promotion', from: 'master', to: 'stable' }, from, to, verdict };
}

const waitsFor = (state: string): PairView['verdict'] => ({
  kind: 'waiting',
  candidate: newer,
  blockers: [{ state }],
});

test('a green tip is settled once the stable branch is there and promotion says so', () => {
  const done = promotion(newer, newer, { kind: 'up-to-date' });
  assert.deepEqual(outstanding(view({ stable: newer, built: 'green', pairs: [done] })), []);
  const stale = promotion(older, older, { kind: 'up-to-date' });
  assert.equal(outstanding(view({ built: 'green', pairs: [stale] })).length, 1);
  assert.equal(outstanding(view({ stable: newer, built: 'green', pairs: [stale] })).length, 1);
});

test('a red tip is settled once promotion has seen that it is red', () => {
  assert.deepEqual(
    outstanding(view({ built: 'red', pairs: [promotion(newer, older, waitsFor('red'))] })),
    [],
  );
  assert.equal(
    outstanding(view({ built: 'red', pairs: [promotion(newer, older, waitsFor('running'))] })).length,
    1,
  );
});

test('nothing is settled without a build of the tip', () => {
  const [missing] = outstanding(view({ pairs: [promotion(newer, older, waitsFor('red'))] }));
  assert.equal(missing, `a build of master at ${newer}`);
});

test('a move of the stable branch is settled once it is merged', () => {
  const merge = (from: Sha, kind: string): PairView => ({
    pair: { kind: 'merge', from: 'stable', to: 'db-devel' },
    from,
    to: older,
    verdict: { kind },
  });
  const at = (pair: PairView): string[] =>
    outstanding(view({ stable: newer, built: 'green', pairs: [pair] }));
  assert.equal(at(merge(older, 'up-to-date')).length, 1);
  assert.equal(at(merge(newer, 'merge')).length, 1);
  assert.deepEqual(at(merge(newer, 'up-to-date')), []);
});
