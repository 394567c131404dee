import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KnownBuild, ResultWord } from './buildbot/build-store.ts';
import { decidePromotion, type PromotionInputs } from './decide-promotion.ts';
import { branch, build, builds, promotionPair, sha } from './testing.ts';

// master: 1 - 2 - 3 - 4, stable at 1
const [one, two, three, four] = [sha(1), sha(2), sha(3), sha(4)];

function inputs(change: Partial<PromotionInputs> = {}): PromotionInputs {
  return {
    pair: promotionPair(),
    from: four,
    to: one,
    toSeen: true,
    relation: { kind: 'ahead', candidates: [four, three, two] },
    builds: builds(),
    hold: undefined,
    ...change,
  };
}

function target(change: Partial<PromotionInputs>): string {
  const verdict = decidePromotion(inputs(change));
  return verdict.kind === 'move' ? verdict.to.slice(0, 1) : verdict.kind;
}

describe('which revision a stable branch moves to', () => {
  it('is the newest green one', () => {
    assert.equal(target({ builds: builds(build(two, 'success'), build(three, 'success')) }), '3');
  });

  it('is an older green one when the newer ones are red', () => {
    assert.equal(
      target({ builds: builds(build(two, 'success'), build(three, 'failure'), build(four, 'failure')) }),
      '2',
    );
  });

  it('is an older green one while the newer ones build', () => {
    assert.equal(target({ builds: builds(build(two, 'success'), build(four, 'running')) }), '2');
  });

  it('needs every required builder', () => {
    const pair = promotionPair({ requires: ['tests', 'lint'] });
    const tests = [build(three, 'success'), build(two, 'success')];
    assert.equal(target({ pair, builds: builds(...tests) }), 'waiting');
    assert.equal(target({ pair, builds: builds(...tests, build(two, 'success', { builder: 'lint' })) }), '2');
  });

  it('counts a build with warnings as a success, as Buildbot does', () => {
    assert.equal(target({ builds: builds(build(two, 'warnings')) }), '2');
  });

  for (const result of [
    'retry',
    'exception',
    'cancelled',
    'skipped',
    'unknown',
  ] as const satisfies ResultWord[]) {
    it(`is none whose newest build ended with ${result}`, () => {
      assert.equal(target({ builds: builds(build(two, 'success'), build(two, result)) }), 'waiting');
    });
  }

  it('follows the newest of several builds of one revision', () => {
    assert.equal(target({ builds: builds(build(two, 'failure'), build(two, 'success')) }), '2');
    assert.equal(target({ builds: builds(build(two, 'success'), build(two, 'failure')) }), 'waiting');
  });

  it('keeps to what was finished while a newer build of the revision runs', () => {
    assert.equal(target({ builds: builds(build(two, 'success'), build(two, 'running')) }), '2');
  });

  it('is none that nothing had to be green for', () => {
    assert.equal(target({ pair: promotionPair({ requires: [] }) }), 'waiting');
  });
});

describe('when a stable branch stays where it is', () => {
  it('has everything', () => {
    assert.deepEqual(decidePromotion(inputs({ to: four, relation: { kind: 'same' } })), {
      kind: 'up-to-date',
      tip: four,
    });
  });

  it('is diverged, whatever is green', () => {
    const verdict = decidePromotion(
      inputs({ relation: { kind: 'diverged' }, builds: builds(build(four, 'success')) }),
    );
    assert.deepEqual(verdict, { kind: 'diverged', from: four, to: one });
  });

  it('is held, with who and why and where it would go', () => {
    const hold = { pair: 'demo: master -> stable', who: 'ada', why: 'freeze', since: 5 };
    const verdict = decidePromotion(inputs({ hold, builds: builds(build(four, 'success')) }));
    assert.equal(verdict.kind, 'held');
    assert.equal(verdict.kind === 'held' && verdict.would.kind === 'move' && verdict.would.to, four);
  });

  it('says what each builder is short of, for the newest revision', () => {
    const pair = promotionPair({ requires: ['tests', 'lint', 'docs', 'perf', 'types'] });
    const of = (builder: string) => ({ builder });
    const verdict = decidePromotion(
      inputs({
        pair,
        builds: builds(
          build(four, 'failure', of('tests')),
          build(four, 'running', of('lint')),
          build(four, 'exception', of('docs')),
          build(four, 'success', of('types')),
        ),
      }),
    );
    assert.equal(verdict.kind, 'waiting');
    assert.deepEqual(
      verdict.kind === 'waiting' && verdict.blockers.map(({ builder, state }) => [builder, state]),
      [
        ['tests', 'red'],
        ['lint', 'running'],
        ['docs', 'neither'],
        ['perf', 'not-built'],
      ],
    );
  });

  it('knows nothing without Buildbot', () => {
    assert.deepEqual(decidePromotion(inputs({ builds: { unknown: 'down' } })), {
      kind: 'builds-unknown',
      behind: 3,
      reason: 'down',
    });
  });
});

describe('a branch that is not there', () => {
  it('is made at the newest green revision when it never was there', () => {
    const verdict = decidePromotion(
      inputs({ to: undefined, toSeen: false, builds: builds(build(three, 'success')) }),
    );
    assert.equal(verdict.kind === 'move' && verdict.to, three);
    assert.equal(verdict.kind === 'move' && verdict.from, undefined);
  });

  it('is missed when it was there before, and not made anew', () => {
    const verdict = decidePromotion(inputs({ to: undefined, builds: builds(build(three, 'success')) }));
    assert.deepEqual(verdict, { kind: 'missing', branch: branch('stable') });
  });

  it('is missed when it is the development branch', () => {
    const verdict = decidePromotion(inputs({ from: undefined, relation: undefined }));
    assert.deepEqual(verdict, { kind: 'missing', branch: branch('master') });
  });
});

describe('for any history of builds', () => {
  const result = fc.constantFrom<(ResultWord | 'running')[]>(
    'success',
    'warnings',
    'failure',
    'exception',
    'retry',
    'running',
  );
  const history = fc.array(
    fc.record({
      revision: fc.constantFrom(two, three, four),
      result,
      builder: fc.constantFrom('tests', 'lint'),
    }),
  );

  it('a move goes to a revision that is green by the letter of the rule, and to the newest such', () => {
    fc.assert(
      fc.property(history, (all) => {
        const requires = ['tests', 'lint'];
        const known = all.map((one) => build(one.revision, one.result, { builder: one.builder }));
        const verdict = decidePromotion(
          inputs({ pair: promotionPair({ requires }), builds: builds(...known) }),
        );
        const green = [four, three, two].filter((revision) =>
          requires.every((builder) => {
            const finished = known.filter(
              (one: KnownBuild) =>
                one.builder === builder && one.revision === revision && one.result !== undefined,
            );
            const last = finished.at(-1)?.result;
            return last === 'success' || last === 'warnings';
          }),
        );
        assert.equal(verdict.kind === 'move' ? verdict.to : undefined, green[0]);
      }),
    );
  });
});
