import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PairReport, StateReport } from '../state-report.ts';
import { build, builds, mergePair, promotionPair, sha } from '../testing.ts';
import { type PageSources, pageView } from './page-view.ts';
import { Snapshot } from './snapshot.ts';
import type { PageView } from './view.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

function report(change: Partial<PairReport>): PairReport {
  const pair = change.pair ?? promotionPair();
  const none = { hold: undefined, lastMove: undefined, trouble: undefined, refusal: undefined };
  return { pair, verdict: undefined, from: sha(1), to: sha(2), lookedAt: now, ...none, ...change };
}

function view(pairs: readonly PairReport[], change: Partial<PageSources> = {}): PageView {
  const state: StateReport = {
    at: now,
    mode: 'active',
    buildbot: { url: 'http://buildbot/', problem: undefined },
    news: [],
    projects: [{ project: 'demo', pairs }],
  };
  return pageView({
    report: state,
    builds: builds(),
    pending: new Map(),
    facts: () => undefined,
    ahead: () => undefined,
    moves: () => [],
    buildUrl: () => undefined,
    buildbotUrl: 'http://buildbot/',
    recent: [],
    entries: [],
    ...change,
  });
}

const fresh = report({ verdict: { kind: 'up-to-date', tip: sha(1) } });
const conflict = report({
  pair: mergePair(),
  verdict: { kind: 'conflict', from: sha(1), to: sha(2), files: ['README.md'] },
});

test('whoever shows a version is told what has changed since, and nothing else', () => {
  const snapshot = new Snapshot();
  assert.equal(snapshot.update(view([fresh])), true);
  assert.equal(snapshot.update(view([fresh])), false, 'the same is nothing new');
  const { epoch, version } = snapshot;
  const ids = (at: number, from: string = epoch) =>
    Object.keys(snapshot.since(from, at, now, 'a').parts).sort();
  assert.deepEqual(ids(version), []);
  assert.deepEqual(ids(0), [
    'banners',
    'flow.project.demo',
    'headline',
    'pair.demo.master.stable',
    'timeline',
  ]);
  assert.deepEqual(ids(version, 'another'), ids(0), 'of another epoch nothing is known');

  snapshot.update(view([fresh, conflict]));
  assert.deepEqual(ids(version), ['flow.project.demo', 'headline', 'pair.demo.stable.db-devel']);
  assert.match(snapshot.since(epoch, version, now, 'a').title ?? '', /merge needs somebody/);

  snapshot.update(view([fresh]));
  assert.equal(
    snapshot.since(epoch, version, now, 'a').parts['pair.demo.stable.db-devel'],
    null,
    'it is gone',
  );
});

test('following the stream gives what loading the page anew gives', () => {
  const states = [
    fresh,
    report({ verdict: undefined }),
    report({ trouble: { reason: 'away', since: now - 1000 } }),
    report({ verdict: { kind: 'waiting', behind: 2, candidate: sha(1), blockers: [] } }),
    report({ verdict: { kind: 'diverged', from: sha(1), to: sha(2) } }),
  ];
  const page = fc.tuple(fc.constantFrom(...states), fc.boolean());
  fc.assert(
    fc.property(fc.array(fc.tuple(page, fc.boolean()), { minLength: 1, maxLength: 12 }), (story) => {
      const snapshot = new Snapshot();
      const seen = new Map<string, string>();
      let version = 0;
      const listen = () => {
        const { parts, version: reached } = snapshot.since(snapshot.epoch, version, now, 'a');
        for (const [id, change] of Object.entries(parts)) {
          if (change === null) seen.delete(id);
          else seen.set(id, change.html);
        }
        version = reached;
      };
      for (const [[state, both], listens] of story) {
        snapshot.update(view(both ? [state, conflict] : [state]));
        if (listens) listen();
      }
      listen();
      const anew = Object.entries(snapshot.since('none', 0, now, 'a').parts).filter(
        ([, change]) => change !== null,
      );
      assert.deepEqual([...seen].sort(), anew.map(([id, change]) => [id, change?.html ?? '']).sort());
    }),
    { numRuns: 60 },
  );
});

test('of many pairs each is a line, and those that need somebody come first and are shown in full', () => {
  const many = Array.from({ length: 100 }, (_, index) => {
    const pair = { ...promotionPair(), id: `demo: ${index}` };
    const red = { builder: 'tests', state: 'red', build: build(sha(1), 'failure') } as const;
    const waiting = { kind: 'waiting', behind: 1, candidate: sha(1), blockers: [red] } as const;
    return report({ pair, verdict: index === 70 ? waiting : { kind: 'up-to-date', tip: sha(1) } });
  });
  const { pairs, headline, counts } = view(many);
  assert.equal(pairs[0]?.id, 'demo: 70');
  assert.equal(headline.tone, 'broken');
  assert.deepEqual([counts.broken, counts.fresh], [1, 99]);
});
