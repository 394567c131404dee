import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { compareLine, compareMerges, type Finding, type Line, type Tip } from './comparison.ts';

const sha = (digit: string): Sha => shaSchema.parse(digit.repeat(40));

function tip(digit: string, direct: Tip['direct'], changes: Partial<Tip> = {}): Tip {
  const built = direct === 'passes' ? 'green' : 'red';
  return {
    sha: sha(digit),
    label: `release ${digit}`,
    parents: [],
    tree: `tree ${digit}`,
    direct,
    built,
    ...changes,
  };
}

const tips = [
  tip('1', 'fails'),
  tip('2', 'passes'),
  tip('3', 'fails'),
  tip('4', 'passes'),
  tip('5', 'fails'),
];
const right: Line = { dev: 'master', stable: 'stable', tips, moves: [sha('2'), sha('4')] };

const mistakes = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ mistake }) => (mistake === undefined ? [] : [mistake]));

test('a stable branch that went through what passes, and nothing else, is right', () => {
  const findings = compareLine(right);
  assert.equal(findings.length, tips.length + 2);
  assert.deepEqual(mistakes(findings), []);
});

const wrong: readonly { readonly how: string; readonly line: Partial<Line>; readonly told: RegExp }[] = [
  {
    how: 'goes to a red revision',
    line: { moves: ['2', '3', '4'].map(sha) },
    told: /release 3 fails directly, and stable went there/,
  },
  {
    how: 'leaves out a green one',
    line: { moves: [sha('4')] },
    told: /release 2 passes directly, and stable did not go there/,
  },
  {
    how: 'goes backwards',
    line: { moves: ['4', '2'].map(sha) },
    told: /went through release 4, release 2 instead of release 2, release 4/,
  },
  {
    how: 'goes twice',
    line: { moves: ['2', '2', '4'].map(sha) },
    told: /went through release 2, release 2, release 4 instead/,
  },
  { how: 'stops too early', line: { moves: [sha('2')] }, told: /ends at release 2 instead of release 4/ },
  {
    how: 'goes somewhere else',
    line: { moves: ['2', '4', '9'].map(sha) },
    told: /9999, which was never the tip of master/,
  },
  {
    how: 'follows a build that was green for another reason',
    line: {
      tips: [...tips.slice(0, 4), tip('5', 'fails', { built: 'green' })],
      moves: ['2', '4', '5'].map(sha),
    },
    told: /release 5 fails directly and is green in Buildbot/,
  },
  {
    how: 'never had a build to follow',
    line: { tips: [...tips.slice(0, 4), tip('5', 'passes', { built: 'not built' })] },
    told: /release 5 passes directly and is not built in Buildbot/,
  },
];

for (const { how, line, told } of wrong) {
  test(`it is told when the stable branch ${how}`, () => {
    assert.match(mistakes(compareLine({ ...right, ...line })).join('\n'), told);
  });
}

const merges = {
  from: 'stable',
  into: 'db-devel',
  moves: [sha('a'), sha('b')],
  tips: [
    tip('1', 'passes'),
    tip('2', 'passes', { parents: [sha('1'), sha('a')], tree: `${sha('1')}+${sha('a')}` }),
    tip('3', 'passes', { parents: [sha('2')] }),
    tip('4', 'passes', { parents: [sha('3'), sha('b')], tree: `${sha('3')}+${sha('b')}` }),
  ],
  pushed: new Set([sha('1'), sha('3')]),
  expectedTree: (on: Sha, merged: Sha) => `${on}+${merged}`,
};

/** The same merges, where the one of the tip has been made in another way. */
const with4 = (changes: Partial<Tip>) => ({
  ...merges,
  tips: [...merges.tips.slice(0, 3), tip('4', 'passes', { ...merges.tips[3], ...changes })],
});

test('one merge for each move, onto the tip of then, is right', () => {
  assert.deepEqual(mistakes(compareMerges(merges)), []);
});

test('it is told when a merge is missing, was made twice, sideways, or with other content', () => {
  const told = (changed: Parameters<typeof compareMerges>[0]): string =>
    mistakes(compareMerges(changed)).join('\n');
  assert.match(told({ ...merges, tips: merges.tips.slice(0, 3) }), /bbbb was never merged into db-devel/);
  const twice = [...merges.tips, tip('5', 'passes', { parents: [sha('4'), sha('b')] })];
  assert.match(told({ ...merges, tips: twice }), /db-devel also has 5555/);
  assert.match(told(with4({ parents: [sha('2'), sha('b')] })), /has the parents 2222.*instead of 3333/);
  assert.match(told(with4({ parents: [sha('3')] })), /has the parents 3333.* instead of 3333.*, bbbb/);
  assert.match(told(with4({ tree: 'other' })), /has the tree other instead of/);
});
