import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { branch, sha } from '../testing.ts';
import { type Issue, type IssueStep, issueStep, type MergeState } from './issues.ts';

const facts = { project: 'demo', from: branch('stable'), to: branch('db-devel') };

function state(conflict: readonly string[] | undefined, pair = 'demo: stable -> db-devel'): MergeState {
  const files = conflict && { ...facts, fromTip: sha(1), toTip: sha(2), files: conflict };
  return { pair, facts, conflict: files };
}

/** A repository's issues, the newest first, as GitHub lists them. */
class Issues {
  list: Issue[] = [];

  do(step: IssueStep | undefined): void {
    if (step === undefined) return;
    if (step.kind === 'open') {
      const { title, body } = step;
      this.list.unshift({ number: this.list.length + 1, state: 'open', title, body });
      return;
    }
    const { number, body, kind } = step;
    this.list = this.list.map((issue) =>
      issue.number === number ? { ...issue, body, state: kind === 'close' ? 'closed' : issue.state } : issue,
    );
  }

  byHand(change: Issue['state']): void {
    this.list = this.list.map((issue, index) => (index === 0 ? { ...issue, state: change } : issue));
  }

  /** Brings everything to rest and gives the kinds of steps that it took. */
  settle(now: MergeState): string[] {
    const kinds: string[] = [];
    for (let step = issueStep(now, this.list); step !== undefined; step = issueStep(now, this.list)) {
      kinds.push(step.kind);
      this.do(step);
      assert.ok(kinds.length < 5, `it never rests: ${kinds}`);
    }
    return kinds;
  }
}

describe('the issue of a conflict', () => {
  it('is opened once, kept up to date, closed when it is mended, and another one is opened for the next', () => {
    const issues = new Issues();
    assert.deepEqual(issues.settle(state(undefined)), []);
    assert.deepEqual(issues.settle(state(['a'])), ['open']);
    assert.deepEqual(issues.settle(state(['a'])), []);
    assert.deepEqual(issues.settle(state(['a', 'b'])), ['update']);
    assert.deepEqual(issues.settle(state(undefined)), ['close']);
    assert.deepEqual(issues.settle(state(['a'])), ['open']);
    assert.deepEqual(
      issues.list.map((issue) => issue.state),
      ['open', 'closed'],
    );
  });

  it('that a person has closed stays closed until the conflict is over', () => {
    const issues = new Issues();
    issues.settle(state(['a']));
    issues.byHand('closed');
    assert.deepEqual(issues.settle(state(['a', 'b'])), []);
    assert.deepEqual(issues.settle(state(undefined)), ['end']);
    assert.deepEqual(issues.settle(state(['a'])), ['open']);
  });

  it('that a person has opened again after its end is left to them, and used for the next conflict', () => {
    const issues = new Issues();
    issues.settle(state(['a']));
    issues.settle(state(undefined));
    issues.byHand('open');
    assert.deepEqual(issues.settle(state(undefined)), []);
    assert.deepEqual(issues.settle(state(['a'])), ['update']);
  });

  it('is not another pair’s', () => {
    const issues = new Issues();
    issues.settle(state(['a'], 'demo: stable -> db-devel'));
    assert.deepEqual(issues.settle(state(undefined, 'demo: stable -> db')), []);
    assert.deepEqual(issues.settle(state(['a'], 'demo: stable -> db --> x')), ['open']);
  });

  it('is the same one when GitHub gives line ends back in its own way', () => {
    const issues = new Issues();
    issues.settle(state(['a']));
    issues.list = issues.list.map((issue) => ({ ...issue, body: issue.body.replaceAll('\n', '\r\n') }));
    assert.deepEqual(issues.settle(state(['a'])), []);
  });

  it('is never open twice and never open after the end, whatever people do meanwhile', () => {
    const happening = fc.oneof(
      fc.constant<readonly string[] | undefined>(undefined),
      fc.array(fc.constantFrom('a', 'b', '-->', '<!--'), { minLength: 1 }),
      fc.constantFrom<Issue['state']>('open', 'closed'),
    );
    fc.assert(
      fc.property(fc.array(happening), (story) => {
        const issues = new Issues();
        let reopened = false;
        for (const what of story) {
          if (what === 'open' || what === 'closed') {
            issues.byHand(what);
            reopened ||= what === 'open';
            continue;
          }
          issues.settle(state(what));
          const open = issues.list.filter((issue) => issue.state === 'open').length;
          assert.ok(open <= 1);
          if (what === undefined && !reopened) assert.equal(open, 0);
        }
      }),
    );
  });
});
