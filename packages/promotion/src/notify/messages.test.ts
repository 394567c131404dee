import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { branchSchema } from '@lpbuildbot/pipeline';
import { outsideOfCode } from '../../../../test/support/fake-mattermost.ts';
import type { CommitFacts } from '../git/mirror.ts';
import { type PromotionPair, pairId } from '../pairs.ts';
import { build, mergePair, promotionPair, sha } from '../testing.ts';
import type { Fact, NewsEntry } from './facts.ts';
import { type Context, chatText, conflictMail, droppedText, mendedMail } from './messages.ts';
import { HOUR, pairReport } from './testing.ts';

const AT = Date.parse('2026-11-27T10:00:00Z');

function context(facts: Partial<CommitFacts> = {}, url?: string): Context {
  return {
    commit: () => ({ subject: 'Mend the frobnicator (LP: #1)', author: 'Ada Lovelace', at: AT, ...facts }),
    buildLink: ({ number }) => `https://buildbot.example.org/#/builders/3/builds/${number}`,
    pairLink: ({ from, to }) => (url === undefined ? undefined : `${url}#pair.demo.${from}.${to}`),
    now: AT,
  };
}

const promotion = promotionPair();
const merge = mergePair();
const common = { key: 'k', project: 'demo', at: AT };
const number = { builder: 'devel-tests', number: 5, buildid: 17 };

function built(result: 'success' | 'failure' | 'exception', becomes: 'red' | 'green' | undefined): Fact {
  return {
    kind: 'build',
    ...common,
    branch: promotion.from,
    build: build(sha(0xa), result, number),
    becomes,
  };
}

function entry(news: NewsEntry): Fact {
  const pair = news.pair === merge.id ? merge : promotion;
  return { kind: 'entry', ...common, pair, entry: news, thread: undefined };
}

const at = new Date(AT).toISOString();
const files = ['lib/lp/soyuz/model.py', 'README.md'];
const conflict = {
  at,
  event: 'conflict',
  pair: merge.id,
  from: sha(0xa),
  into: sha(0xb),
  files,
} as const;
const stuck = pairReport(promotion, {
  to: sha(2),
  verdict: {
    kind: 'waiting',
    behind: 3,
    candidate: sha(1),
    blockers: [
      {
        builder: 'devel-tests',
        state: 'red',
        build: build(sha(1), 'failure', { ...number, finishedAt: AT / 1000 }),
      },
    ],
  },
});

const facts: Readonly<Record<string, Fact>> = {
  'a build that fails': built('failure', 'red'),
  'a build that passes again': built('success', 'green'),
  'a build that changes nothing': built('success', undefined),
  'a build that says nothing': built('exception', undefined),
  'testfix begun': {
    kind: 'testfix-begun',
    ...common,
    branch: promotion.from,
    red: ['devel-tests #5', 'docs #6'],
  },
  'testfix ended': { kind: 'testfix-ended', ...common, branch: promotion.from, red: [] },
  moved: entry({
    at,
    event: 'moved',
    pair: promotion.id,
    branch: 'stable',
    from: sha(1),
    to: sha(0xa),
    builds: [],
    reason: 'newest green revision: devel-tests #5; 2 newer commits not green',
  }),
  merged: entry({
    at,
    event: 'merged',
    pair: merge.id,
    branch: 'db-devel',
    from: sha(1),
    to: sha(0xb),
    merged: sha(0xa),
    reason: 'stable moved',
  }),
  conflict: entry(conflict),
  'a conflict in very many files': entry({
    ...conflict,
    files: Array.from({ length: 5000 }, (_, index) => `lib/${index}`),
  }),
  'no conflict any more': { kind: 'mended', ...common, pair: merge, thread: 'k' },
  diverged: entry({ at, event: 'diverged', pair: promotion.id, from: sha(1), to: sha(2) }),
  'no longer diverged': entry({ at, event: 'diverged-ended', pair: promotion.id }),
  refused: entry({
    at,
    event: 'refused',
    pair: promotion.id,
    revision: sha(0xa),
    reason: 'remote: pre-receive hook declined\nfrozen',
  }),
  held: entry({ at, event: 'held', pair: promotion.id, who: 'ada', why: 'the release of today' }),
  resumed: entry({ at, event: 'resumed', pair: promotion.id, who: 'ada', why: '' }),
  'resumed, with why': entry({ at, event: 'resumed', pair: promotion.id, who: 'ada', why: 'it is out' }),
  stuck: { kind: 'stuck', ...common, pair: promotion, since: AT - 5 * HOUR, report: stuck },
  'stuck no more': { kind: 'unstuck', ...common, pair: promotion, since: AT - 30 * HOUR, report: stuck },
};

/** As it is read: no quotes, no escapes. */
function assertSnapshot(t: TestContext, text: string): void {
  t.assert.snapshot(text, { serializers: [String] });
}

describe('what Mattermost is told', () => {
  for (const [name, fact] of Object.entries(facts)) {
    it(`of ${name}`, (t: TestContext) => {
      assertSnapshot(t, chatText(fact, context({}, 'https://buildbot.example.org/promotion/')));
    });
  }

  it('of what had to go', (t: TestContext) => {
    assertSnapshot(t, droppedText.chat(17, AT - HOUR, AT));
  });

  it('says as much as is known of a commit', (t: TestContext) => {
    assertSnapshot(t, chatText(built('failure', 'red'), { ...context(), commit: () => undefined }));
  });
});

describe('what is mailed', () => {
  it('of a conflict', (t: TestContext) => {
    const { subject, text } = conflictMail(merge, conflict, context({}, 'https://buildbot.example.org/'));
    assertSnapshot(t, `${subject}\n\n${text}`);
  });

  it('of its end', (t: TestContext) => {
    const { subject, text } = mendedMail({ kind: 'mended', ...common, pair: merge, thread: 'k' }, context());
    assertSnapshot(t, `${subject}\n\n${text}`);
  });

  it('of what had to go', (t: TestContext) => {
    const { subject, text } = droppedText.mail(2, AT - HOUR, AT);
    assertSnapshot(t, `${subject}\n\n${text}`);
  });
});

/** What people may write into commits, names, branches and reasons to be seen, or to be somebody else. */
const nasty = [
  '@all @channel @here @ada',
  '<!channel> <!here> <@ada1> <https://evil.example|click here>',
  '[click here](https://evil.example) ![](https://evil.example/track.png)',
  'https://evil.example www.evil.example ~town-square #hashtag :tada:',
  '# Heading\n\n- list\n\n| a | b |\n|---|---|\n> quote\n```\nfence',
  '`code` ``more`` ``` and **bold** _it_ ~~no~~ $x^2$ <b>html</b>',
  '\u202Eevil\u2066 \u200Bhidden\u0000\u001B[31mred\u0007 \u2028next\u2029',
  '\ud83d half a character',
  'x'.repeat(50_000),
  '`'.repeat(5000),
  '',
];

describe('what others have written', () => {
  const branches = ['@all', '<!here>', '`x`', '``', '_x_', 'a|b', '#h', '$x$', 'www.evil.example'].map(
    (name) => branchSchema.parse(name),
  );
  const all = (text: string): string[] => {
    const pairs = branches.map(
      (from): PromotionPair => ({ ...promotion, from, to: from, id: pairId('demo', from, from) }),
    );
    const entries: NewsEntry[] = [
      { ...conflict, files: [text, text, `${text}2`] },
      { at, event: 'held', pair: 'p', who: text, why: text },
      { at, event: 'resumed', pair: 'p', who: text, why: `${text}.` },
      { at, event: 'refused', pair: 'p', revision: sha(1), reason: text },
      { at, event: 'moved', pair: 'p', branch: text, from: null, to: sha(1), builds: [], reason: text },
      {
        at,
        event: 'merged',
        pair: 'p',
        branch: text,
        from: sha(1),
        to: sha(1),
        merged: sha(1),
        reason: text,
      },
    ];
    const trouble = pairReport(promotion, { trouble: { reason: text, since: 0 } });
    const told: Fact[] = pairs.flatMap((pair): Fact[] => [
      {
        kind: 'build',
        ...common,
        branch: pair.from,
        build: build(sha(1), 'failure', { builder: 'a_b_' }),
        becomes: 'red',
      },
      { kind: 'testfix-begun', ...common, branch: pair.from, red: ['__init__ #1'] },
      { kind: 'mended', ...common, pair, thread: 'k' },
      { kind: 'stuck', ...common, pair, since: 0, report: trouble },
      ...entries.map((one): Fact => ({ kind: 'entry', ...common, pair, entry: one, thread: undefined })),
    ]);
    return told.map((fact) => chatText(fact, context({ subject: text, author: text })));
  };

  for (const [index, text] of nasty.entries()) {
    it(`is neither markup nor a mention nor too long in chat (${index}: ${JSON.stringify(text.slice(0, 40))})`, () => {
      for (const said of all(text)) {
        assert.ok([...said].length < 16_383, `${said.length}`);
        assert.ok(said.isWellFormed());
        assert.doesNotMatch(said, /[<>\n\r\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        // Ours has an icon, a link to the build, and no more.
        const ours = outsideOfCode(said)
          .replace(/^:[a-z_]+:/, '')
          .replace(/\[\]\(https:\/\/buildbot\.example\.org\/#\/builders\/3\/builds\/\d+\)/, '');
        assert.doesNotMatch(ours, /[@#~*_[\]|$`\\]|https?:|www|evil/, said.slice(0, 500));
        assert.doesNotMatch(ours.replace(/[a-z]+:( |$)/g, ''), /:[a-z0-9_+-]+:/, said.slice(0, 500));
      }
    });

    it(`is neither a header nor unseen in mail (${index})`, () => {
      const { subject, text: body } = conflictMail(merge, { ...conflict, files: [text, text] }, context());
      assert.doesNotMatch(subject, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(body.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.ok(body.isWellFormed());
      // Each file is one line.
      assert.equal(body.split('\n').length, 14);
      assert.ok(body.length < 3000);
    });
  }
});
