import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PairInputs, plan } from './plan.ts';
import type { AuditEvent } from './state/audit.ts';
import { build, builds, mergePair, promotionPair, sha } from './testing.ts';
import { Told } from './told.ts';

const [one, two, three] = [sha(1), sha(2), sha(3)];
const at = '2026-11-23T05:00:00.000Z';

function promotion(change: Partial<Extract<PairInputs, { toSeen: boolean }>> = {}): PairInputs {
  return {
    pair: promotionPair(),
    from: two,
    to: one,
    toSeen: true,
    relation: { kind: 'ahead', candidates: [two] },
    builds: builds(build(two, 'success')),
    hold: undefined,
    ...change,
  };
}

function merge(files: readonly string[], tips = { from: one, to: two }): PairInputs {
  return {
    pair: mergePair(),
    ...tips,
    relation: files.length === 0 ? { kind: 'contained' } : { kind: 'conflict', files },
    due: { kind: 'now' },
    hold: undefined,
  };
}

/** Plans one look after the other, and gives what each tells; people remember what they were told. */
function tells(...looks: readonly PairInputs[]): AuditEvent['event'][][] {
  const told = new Told();
  return looks.map((input) =>
    plan([input], 'active', told).steps.flatMap((step) => {
      if (step.kind !== 'tell') return [];
      told.follow({ at, ...step.event });
      return [step.event.event];
    }),
  );
}

describe('what is done', () => {
  it('is the move that was decided, on the condition that the branch has not moved', () => {
    const [step] = plan([promotion()], 'active', new Told()).steps;
    assert.equal(step?.kind, 'move');
    assert.deepEqual(step?.kind === 'move' && [step.branch, step.expected, step.revision], [
      'stable',
      one,
      two,
    ]);
  });

  it('is nothing but words in shadow mode', () => {
    const { steps } = plan([promotion()], 'shadow', new Told());
    assert.deepEqual(
      steps.map((step) => (step.kind === 'tell' ? step.event.event : step.kind)),
      ['would-move'],
    );
  });
});

describe('what is told', () => {
  it('is a conflict once for its tips, again for other tips, and its end', () => {
    assert.deepEqual(
      tells(merge(['a']), merge(['a']), merge(['a'], { from: one, to: three }), merge([]), merge([])),
      [['conflict'], [], ['conflict'], ['conflict-ended'], []],
    );
  });

  it('is that a branch has diverged once, however development goes on, and its end', () => {
    const diverged = (from: typeof one) => promotion({ from, relation: { kind: 'diverged' } });
    assert.deepEqual(tells(diverged(two), diverged(three), promotion({ builds: builds() }), diverged(two)), [
      ['diverged'],
      [],
      ['diverged-ended'],
      ['diverged'],
    ]);
  });
});
