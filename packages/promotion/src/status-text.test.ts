import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from './explain.ts';
import type { PairReport, StateReport } from './state-report.ts';
import { statusText } from './status-text.ts';
import { branch, build, mergePair, promotionPair, sha } from './testing.ts';

const now = Date.parse('2026-11-23T05:00:00Z');
const [one, two] = [sha(1), sha(2)];

function report(change: Partial<PairReport>): PairReport {
  return {
    pair: promotionPair(),
    verdict: { kind: 'up-to-date', tip: one },
    from: one,
    to: one,
    lookedAt: now,
    refusal: undefined,
    hold: undefined,
    lastMove: undefined,
    trouble: undefined,
    ...change,
  };
}

function state(...pairs: PairReport[]): StateReport {
  return {
    at: now,
    mode: 'active',
    buildbot: { url: 'http://127.0.0.1:8010/', problem: undefined },
    news: [],
    projects: [{ project: 'launchpad', pairs }],
  };
}

const seconds = (clock: string) => Date.parse(`2026-11-23T${clock}Z`) / 1000;

describe('the status of branches', () => {
  it('is a line a pair, with what an operator wants to know first', () => {
    const building = build(two, 'running', {
      builder: 'lp-db-devel-focal',
      number: 212,
      startedAt: seconds('04:46:00'),
    });
    const text = statusText(
      state(
        report({
          lastMove: { at: now - 240_000, to: one, reason: '', latencyMs: 200, build: 'lp-devel-focal #1043' },
        }),
        report({
          pair: promotionPair({ from: branch('db-devel'), to: branch('db-stable') }),
          verdict: {
            kind: 'waiting',
            behind: 3,
            candidate: two,
            blockers: [{ builder: 'lp-db-devel-focal', state: 'running', build: building }],
          },
        }),
        report({
          pair: mergePair(),
          verdict: { kind: 'conflict', from: one, to: two, files: ['lib/lp/soyuz/model.py'] },
        }),
      ),
    );
    assert.equal(
      text,
      `launchpad
  master -> stable       up to date  1111111, moved 4 min ago (0.2 s after lp-devel-focal #1043)
  db-devel -> db-stable  waiting     3 commits behind; lp-db-devel-focal #212 building for 14 min
  stable -> db-devel     conflict    lib/lp/soyuz/model.py; stable 1111111, db-devel 2222222
`,
    );
  });

  it('says in shadow mode what would be done, and that it is not', () => {
    const move = { kind: 'move', from: one, to: two, gains: 1, left: 0, builds: [] } as const;
    assert.equal(
      statusText({ ...state(report({ verdict: move })), mode: 'shadow' }),
      'launchpad (shadow: nothing is pushed)\n  master -> stable  would move  to 2222222, 1 commit\n',
    );
  });

  it('says what is wrong outside, before what is wrong with a branch', () => {
    const trouble = {
      reason: 'git ls-remote: no answer within 60 s',
      since: Date.parse('2026-11-21T23:00:00Z'),
    };
    const text = statusText({
      ...state(report({ trouble })),
      buildbot: { url: '', problem: 'http://127.0.0.1:8010/api/v2/builders: connect ECONNREFUSED' },
    });
    assert.equal(
      text,
      `launchpad
  master -> stable  unreachable  since 2026-11-21 23:00 UTC: git ls-remote: no answer within 60 s

Buildbot cannot be asked: http://127.0.0.1:8010/api/v2/builders: connect ECONNREFUSED
`,
    );
  });

  it('says which news wait, and why', () => {
    const failed = { unreachable: 9, limited: 0, failing: 0, declined: 0, refused: 0 };
    const calm = { sent: 1, failed, lost: 0, waiting: 0, oldestAt: undefined, trouble: undefined };
    const reason = 'chat.example.org takes no more for now (429)';
    const trouble = { reason, since: Date.parse('2026-11-23T02:10:00Z') };
    const text = statusText({
      ...state(),
      projects: [],
      news: [
        { ...calm, way: 'mattermost', waiting: 12, trouble },
        { ...calm, way: 'mail' },
      ],
    });
    assert.equal(text, `\nNews wait for Mattermost (12) since 02:10 UTC: ${reason}\n`);
  });
});

describe('why a branch does not move', () => {
  const failed = build(two, 'failure', { builder: 'tests', number: 7, finishedAt: seconds('02:10:00') });
  const waiting = {
    kind: 'waiting',
    behind: 2,
    candidate: two,
    blockers: [{ builder: 'tests', state: 'red', build: failed }],
  } as const;

  it('names the builder, the build, since when, and what would unblock it', () => {
    assert.equal(
      explain({ report: report({ verdict: waiting }), red: [failed], pending: new Map(), now }),
      `demo: master -> stable
  stable is 2 commits behind master, and none of them is green.
  The newest, 2222222: tests #7 red since 02:10 UTC.
  What would unblock it: a commit that mends tests, or a green rebuild of #7 if the code was not at fault
`,
    );
  });

  it('asks for [testfix] where the branch is in testfix mode', () => {
    const pair = promotionPair({ testfix: true });
    const notBuilt = {
      ...waiting,
      blockers: [{ builder: 'tests', state: 'not-built', build: undefined }],
    } as const;
    assert.match(
      explain({ report: report({ pair, verdict: notBuilt }), red: [failed], pending: new Map(), now }),
      /unblock it: a commit with \[testfix\] in its message: master is in testfix mode since tests #7\n/,
    );
    assert.match(
      explain({
        report: report({ pair, verdict: notBuilt }),
        red: [failed],
        pending: new Map([['tests', 1]]),
        now,
      }),
      /unblock it: a worker for tests, whose build request is waiting\n/,
    );
  });

  it('gives the commands that end a hold or a conflict', () => {
    const hold = { pair: 'demo: master -> stable', who: 'ada', why: 'schema freeze', since: now - 60_000 };
    const held = { kind: 'held', hold, would: { kind: 'up-to-date', tip: two } } as const;
    assert.equal(
      explain({ report: report({ verdict: held }), red: [], pending: new Map(), now }),
      `demo: master -> stable
  ada holds it since 04:59 UTC: schema freeze
  What would unblock it: lpbuildbot-promotion resume master stable
`,
    );
    const conflict = { kind: 'conflict', from: one, to: two, files: ['a.py', 'b.py'] } as const;
    assert.equal(
      explain({ report: report({ pair: mergePair(), verdict: conflict }), red: [], pending: new Map(), now }),
      `demo: stable -> db-devel
  stable (1111111) does not merge into db-devel (2222222). In conflict:
    a.py
    b.py
  What would unblock it: merging by hand: git checkout db-devel && git merge origin/stable, mend the files, push db-devel.
`,
    );
  });
});
