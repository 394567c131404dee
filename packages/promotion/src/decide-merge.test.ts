import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideMerge, type MergeInputs } from './decide-merge.ts';
import { branch, mergePair, sha } from './testing.ts';

const [stable, devel] = [sha(1), sha(2)];

function inputs(change: Partial<MergeInputs> = {}): MergeInputs {
  return {
    pair: mergePair(),
    from: stable,
    to: devel,
    relation: { kind: 'clean', tree: 'tree' },
    due: { kind: 'now' },
    hold: undefined,
    ...change,
  };
}

describe('a merge', () => {
  it('is made when it is due and clean', () => {
    assert.deepEqual(decideMerge(inputs()), { kind: 'merge', from: stable, to: devel, tree: 'tree' });
  });

  it('is needless when the branch has it all', () => {
    assert.deepEqual(decideMerge(inputs({ relation: { kind: 'contained' } })), {
      kind: 'up-to-date',
      tip: devel,
    });
  });

  it('waits for its time', () => {
    const due = { kind: 'at', time: 7 } as const;
    assert.deepEqual(decideMerge(inputs({ due })), { kind: 'scheduled', due, from: stable });
  });

  it('shows a conflict as soon as there is one, with its files', () => {
    const verdict = decideMerge(
      inputs({ relation: { kind: 'conflict', files: ['a.py'] }, due: { kind: 'by-hand' } }),
    );
    assert.deepEqual(verdict, { kind: 'conflict', from: stable, to: devel, files: ['a.py'] });
  });

  it('is not made between branches that have nothing in common', () => {
    assert.equal(decideMerge(inputs({ relation: { kind: 'unrelated' } })).kind, 'unrelated');
  });

  it('is held', () => {
    const hold = { pair: 'demo: stable -> db-devel', who: 'ada', why: 'freeze', since: 5 };
    assert.equal(decideMerge(inputs({ hold })).kind, 'held');
  });

  it('misses a branch by name', () => {
    assert.deepEqual(decideMerge(inputs({ from: undefined, relation: undefined })), {
      kind: 'missing',
      branch: branch('stable'),
    });
    assert.deepEqual(decideMerge(inputs({ to: undefined, relation: undefined })), {
      kind: 'missing',
      branch: branch('db-devel'),
    });
  });
});
