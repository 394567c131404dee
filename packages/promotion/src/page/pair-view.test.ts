import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '../plan.ts';
import type { PairReport } from '../state-report.ts';
import { build, builds, mergePair, promotionPair, sha } from '../testing.ts';
import { anchorOf, type PairSources, pairView } from './pair-view.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const tip = sha(1);
const stable = sha(2);

const sources: PairSources = {
  now,
  mode: 'active',
  builds: builds(),
  pending: new Map(),
  facts: () => undefined,
  ahead: () => undefined,
  moves: () => [],
  buildUrl: (builder, number) => `http://buildbot/#/${builder}/${number}`,
};

function report(verdict: Verdict | undefined, change: Partial<PairReport> = {}): PairReport {
  const none = { hold: undefined, lastMove: undefined, trouble: undefined, refusal: undefined };
  return { pair: promotionPair(), verdict, from: tip, to: stable, lookedAt: now, ...none, ...change };
}

const hold = { pair: 'demo: master -> stable', who: 'ada', why: 'freeze', since: now - 60_000 };
const waiting = (state: 'red' | 'neither' | 'running' | 'not-built'): Verdict => ({
  kind: 'waiting',
  behind: 2,
  candidate: tip,
  blockers: [{ builder: 'tests', state, build: undefined }],
});
const move: Verdict = { kind: 'move', from: stable, to: sha(3), gains: 1, left: 1, builds: [] };
const conflict: Verdict = { kind: 'conflict', from: tip, to: stable, files: ['a', 'b'] };

describe('how a pair is doing', () => {
  const cases: readonly (readonly [string, PairReport, string, string])[] = [
    ['at its goal', report({ kind: 'up-to-date', tip }), 'fresh', 'up to date'],
    ['not looked at', report(undefined), 'unknown', 'unknown'],
    ['red', report(waiting('red')), 'broken', 'waiting'],
    ['building', report(waiting('running')), 'busy', 'waiting'],
    ['ended with an exception', report(waiting('neither')), 'waiting', 'waiting'],
    ['not built', report(waiting('not-built')), 'waiting', 'waiting'],
    ['about to move', report(move), 'busy', 'moving'],
    ['held', report({ kind: 'held', hold, would: move }, { hold }), 'held', 'held'],
    ['held with nothing to hold', report({ kind: 'up-to-date', tip }, { hold }), 'held', 'up to date'],
    ['held and in conflict', report(conflict, { hold, pair: mergePair() }), 'broken', 'conflict'],
    ['diverged', report({ kind: 'diverged', from: tip, to: stable }), 'broken', 'diverged'],
    ['out of reach', report(move, { trouble: { reason: 'no route', since: now } }), 'broken', 'unreachable'],
    [
      'declined',
      report(move, { refusal: { revision: tip, reason: 'hook', since: now } }),
      'broken',
      'refused',
    ],
    ['without Buildbot', report({ kind: 'builds-unknown', behind: 1, reason: 'down' }), 'unknown', 'unknown'],
    [
      'for its time',
      report({ kind: 'scheduled', due: { kind: 'by-hand' }, from: tip }, { pair: mergePair() }),
      'calm',
      'scheduled',
    ],
  ];
  for (const [name, given, tone, word] of cases) {
    it(name, () => {
      const view = pairView(given, sources);
      assert.deepEqual([view.tone, view.word], [tone, word]);
      assert.ok(view.why.length > 0, 'it is said why');
      assert.ok(view.unblock.length > 0);
    });
  }

  it('in shadow mode somebody else has to move it, and nobody can have it moved', () => {
    const view = pairView(report(move), { ...sources, mode: 'shadow' });
    assert.deepEqual([view.tone, view.word, view.verbs], ['waiting', 'would move', ['hold']]);
  });
});

describe('what is shown of a pair', () => {
  const red = build(tip, 'failure');
  const testfix = promotionPair({ testfix: true, requires: ['tests', 'lint', 'docs', 'slow'] });

  it('is each required builder, with its state on what would go next', () => {
    const all = builds(
      red,
      build(tip, 'success', { builder: 'lint' }),
      build(tip, 'running', { builder: 'lint' }),
      build(tip, 'exception', { builder: 'slow' }),
    );
    const given = report(waiting('red'), { pair: testfix });
    const { builders } = pairView(given, { ...sources, builds: all, pending: new Map([['docs', 1]]) });
    assert.deepEqual(
      builders.map(({ builder, state, result }) => [builder, state, result]),
      [
        ['tests', 'red', undefined],
        ['lint', 'green', undefined],
        ['docs', 'queued', undefined],
        ['slow', 'neither', 'exception'],
      ],
    );
    assert.equal(builders[0]?.url, `http://buildbot/#/tests/${red.number}`);
  });

  it('is testfix mode, while a required builder is red', () => {
    const given = report(waiting('red'), { pair: testfix });
    assert.deepEqual(pairView(given, { ...sources, builds: builds(red) }).testfix, [`tests #${red.number}`]);
    assert.deepEqual(pairView(given, sources).testfix, []);
    const plain = { ...testfix, testfix: false };
    assert.deepEqual(
      pairView(report(waiting('red'), { pair: plain }), { ...sources, builds: builds(red) }).testfix,
      [],
    );
  });

  it('is how many commits wait, and which one goes next', () => {
    assert.equal(pairView(report(waiting('running')), sources).waiting, 2);
    assert.equal(pairView(report(waiting('running')), sources).candidate, undefined, 'it is the tip');
    const held = pairView(report({ kind: 'held', hold, would: move }, { hold }), sources);
    assert.equal(held.waiting, 2);
    assert.equal(held.candidate?.id, sha(3));
    const merge = { pair: mergePair() };
    assert.equal(pairView(report(conflict, merge), { ...sources, ahead: () => 7 }).waiting, 7);
    assert.equal(pairView(report(conflict, merge), sources).waiting, undefined, 'nobody has counted yet');
    assert.deepEqual(pairView(report(conflict, merge), sources).conflict, ['a', 'b']);
  });
});

it('different words give different anchors, which any address takes', () => {
  const words = fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(words, words, (one, other) => {
      assert.match(anchorOf(...one), /^[A-Za-z0-9._-]*$/);
      assert.equal(anchorOf(...one) === anchorOf(...other), JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
