import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { AuditEntry } from '../state/audit.ts';
import { build, mergePair, promotionPair, sha } from '../testing.ts';
import { leftOver } from './entry-news.ts';
import type { Fact } from './facts.ts';
import { emptyMemory } from './memory.ts';
import { news } from './news.ts';
import { HOUR, pairReport, teller, watch } from './testing.ts';
import { isForChat, isForMail, watchOf } from './watched.ts';

/** A fact in a word. */
function word(fact: Fact): string {
  switch (fact.kind) {
    case 'build':
      return `${fact.build.builder} ${fact.becomes ?? 'same'}`;
    case 'entry':
      return fact.entry.event;
    default:
      return fact.kind;
  }
}
const words = (facts: readonly Fact[]) => facts.map(word);

/** The nth build of a builder; it ends at that second. */
function ended(number: number, result: 'success' | 'failure' | 'retry', change: Partial<KnownBuild> = {}) {
  return build(sha(1), result, {
    buildid: number,
    number,
    buildrequestid: number,
    startedAt: number * 10,
    finishedAt: number * 10 + 5,
    ...change,
  });
}

describe('finished builds', () => {
  it('are told when they change what the branch is, and are quiet when they repeat it', () => {
    const people = teller(watch({}, false));
    assert.deepEqual(words(people.look({ finished: [ended(1, 'success')] })), ['tests same']);
    const red = ended(2, 'failure');
    assert.deepEqual(words(people.look({ finished: [red, red] })), ['tests red']);
    assert.deepEqual(words(people.look({ finished: [ended(3, 'failure')] })), ['tests same']);
    assert.deepEqual(words(people.look({ finished: [ended(4, 'retry')] })), ['tests same']);
    assert.deepEqual(words(people.look({ finished: [ended(5, 'success')] })), ['tests green']);
  });

  it('are considered once, in the order of their ends, whenever they are heard of', () => {
    const people = teller(watch({}, false));
    const all = [ended(1, 'failure'), ended(2, 'success'), ended(3, 'failure')];
    assert.deepEqual(words(people.look({ finished: all.toReversed() })), [
      'tests red',
      'tests green',
      'tests red',
    ]);
    people.restart();
    assert.deepEqual(words(people.look({ finished: all })), []);
  });

  it('that ended before all began say how things stood, and are no news', () => {
    const people = teller(watch(), 25_000);
    assert.deepEqual(
      words(people.look({ finished: [ended(1, 'success'), ended(2, 'failure', { finishedAt: 20 })] })),
      [],
    );
    assert.deepEqual(words(people.look({ finished: [ended(3, 'failure')] })), ['tests same']);
    assert.deepEqual(words(people.look({ finished: [ended(4, 'success')] })), [
      'tests green',
      'testfix-ended',
    ]);
  });

  it('that ended late do not overrule a newer one', () => {
    const people = teller(watch({}, false));
    people.look({ finished: [ended(2, 'success')] });
    const late = ended(1, 'failure', { finishedAt: 40 });
    assert.deepEqual(words(people.look({ finished: [late] })), ['tests same']);
    assert.deepEqual(words(people.look({ finished: [ended(3, 'success')] })), ['tests same']);
  });

  it('of another database are news, though their ids are known', () => {
    const people = teller(watch({}, false));
    people.look({ finished: [ended(1, 'success')] });
    const other = ended(1, 'failure', { startedAt: 500, finishedAt: 505 });
    assert.deepEqual(words(people.look({ finished: [other] })), ['tests red']);
  });

  it('are remembered without end, in little room', () => {
    const people = teller(watch({}, false));
    const many = Array.from({ length: 500 }, (_, index) =>
      ended(index + 1, index % 2 === 0 ? 'failure' : 'success'),
    );
    assert.equal(people.look({ finished: many }).length, 500);
    assert.ok(JSON.stringify(people.memory).length < 2000);
    assert.deepEqual(people.look({ finished: many }), []);
  });

  it('are told before what came of them, and after what came before them', () => {
    const move = (second: number): AuditEntry => ({
      at: new Date(second * 1000).toISOString(),
      event: 'held',
      pair: promotionPair().id,
      who: 'ada',
      why: '',
    });
    const seen = {
      at: 0,
      reports: [pairReport()],
      entries: [move(25.2), move(25.6)],
      finished: [{ build: ended(2, 'failure'), heardAt: 25_400 }],
    };
    const { facts } = news(seen, emptyMemory(0), watch({}, false));
    assert.deepEqual(words(facts), ['held', 'tests red', 'held']);
  });

  it('wait while not all of them are known', () => {
    const people = teller(watch());
    assert.deepEqual(people.look({ finished: 'unknown' }), []);
    assert.deepEqual(people.memory.builders, {});
  });

  it('of a builder that nobody watches are nobody’s news', () => {
    assert.deepEqual(teller().look({ finished: [ended(1, 'failure', { builder: 'other' })] }), []);
  });
});

describe('testfix mode', () => {
  it('begins with the first red builder and ends with the last', () => {
    const people = teller();
    const docs = { builder: 'docs' };
    assert.deepEqual(words(people.look({ finished: [ended(1, 'failure')] })), ['tests red', 'testfix-begun']);
    assert.deepEqual(words(people.look({ finished: [ended(2, 'failure', docs)] })), ['docs red']);
    assert.deepEqual(words(people.look({ finished: [ended(3, 'success')] })), ['tests green']);
    people.restart();
    assert.deepEqual(words(people.look({ finished: [ended(4, 'success', docs)] })), [
      'docs green',
      'testfix-ended',
    ]);
  });

  it('names the builds that began it', () => {
    const [, begun] = teller().look({ finished: [ended(7, 'failure')] });
    assert.deepEqual(begun?.kind === 'testfix-begun' && begun.red, ['tests #7']);
  });

  it('is not there where the pipeline file has none', () => {
    const people = teller(watch({}, false));
    assert.deepEqual(words(people.look({ finished: [ended(1, 'failure')] })), ['tests red']);
  });
});

describe('entries of the audit log', () => {
  const merge = mergePair();
  const reports = [pairReport(), pairReport(merge)];
  const promotion = promotionPair();
  let second = 0;
  const at = () => {
    second += 1;
    return new Date(second * 1000).toISOString();
  };
  const conflict = (from: number, into: number, files: string[] = ['a']): AuditEntry => ({
    at: at(),
    event: 'conflict',
    pair: merge.id,
    from: sha(from),
    into: sha(into),
    files,
  });
  const merged = (to: number, after: { readonly after?: 'restart' } = {}): AuditEntry => ({
    at: at(),
    event: 'merged',
    pair: merge.id,
    branch: merge.to,
    from: sha(1),
    to: sha(to),
    merged: sha(2),
    reason: 'asked for',
    ...after,
  });
  const refused = (reason: string): AuditEntry => ({
    at: at(),
    event: 'refused',
    pair: promotion.id,
    revision: sha(3),
    reason,
  });
  const ended = (): AuditEntry => ({ at: at(), event: 'conflict-ended', pair: merge.id });

  it('are news when they are about a branch, and not when they are about what might be', () => {
    const entries: AuditEntry[] = [
      { at: at(), event: 'held', pair: promotion.id, who: 'ada', why: 'freeze' },
      { at: at(), event: 'asked', pair: promotion.id, who: 'ada', why: '' },
      { at: at(), event: 'shadow-agreed', pair: promotion.id, to: sha(1) },
      { at: at(), event: 'resumed', pair: promotion.id, who: 'ada', why: '' },
      { at: at(), event: 'held', pair: 'gone: a -> b', who: 'ada', why: '' },
    ];
    assert.deepEqual(words(teller().look({ entries, reports })), ['held', 'resumed']);
  });

  it('of a conflict are one story, from the first tips to the end', () => {
    const people = teller();
    const first = people.look({ entries: [conflict(1, 2)], reports });
    assert.deepEqual(words(first), ['conflict']);
    people.restart();
    assert.deepEqual(
      people.look({ entries: [conflict(1, 3)], reports }),
      [],
      'branches that go on are no news',
    );
    const second = people.look({ entries: [conflict(1, 4, ['a', 'b']), conflict(1, 2)], reports });
    assert.deepEqual(words(second), ['conflict'], 'other files are, and the same tips are not');
    const last = people.look({ entries: [merged(9), ended()], reports });
    assert.deepEqual(words(last), ['mended', 'merged'], 'its end is told once');
    const [begun] = first;
    for (const fact of [second[0], last[0]])
      assert.ok(fact !== undefined && 'thread' in fact && fact.thread === begun?.key);
    assert.deepEqual(words(people.look({ entries: [ended()], reports })), []);
  });

  it('of a conflict that people mended by hand end it too', () => {
    const people = teller();
    people.look({ entries: [conflict(1, 2)], reports });
    assert.deepEqual(words(people.look({ entries: [ended()], reports })), ['mended']);
  });

  it('that are made good after a crash are not told again', () => {
    const people = teller();
    people.look({ entries: [merged(9)], reports });
    assert.deepEqual(people.look({ entries: [merged(9, { after: 'restart' })], reports }), []);
    assert.deepEqual(words(people.look({ entries: [merged(8, { after: 'restart' })], reports })), ['merged']);
  });

  it('of a server that declines in ever new words are told once for a revision', () => {
    const people = teller();
    assert.deepEqual(words(people.look({ entries: [refused('no (request 1)')], reports })), ['refused']);
    assert.deepEqual(people.look({ entries: [refused('no (request 2)')], reports }), []);
  });

  it('of an earlier run are found when it did not come to tell them, and only those', () => {
    const people = teller(watch(), 0);
    const [first, second, third] = [conflict(1, 2), merged(9), conflict(4, 5)];
    assert.deepEqual(leftOver(people.memory, [first, second]), [first, second]);
    people.look({ entries: [first, second], reports });
    people.restart();
    assert.deepEqual(leftOver(people.memory, [first, second, third]), [third]);
    assert.deepEqual(leftOver(teller(watch(), Date.now()).memory, [first]), [], 'what was before is past');
  });

  it('are remembered without end, in little room', () => {
    const people = teller();
    const all = Array.from(
      { length: 2000 },
      (): AuditEntry => ({
        at: at(),
        event: 'held',
        pair: promotion.id,
        who: 'ada',
        why: '',
      }),
    );
    assert.equal(people.look({ entries: all, reports }).length, 2000);
    assert.ok(JSON.stringify(people.memory).length < 30_000);
    assert.deepEqual(leftOver(people.memory, all), []);
  });
});

describe('a branch that stands still', () => {
  const waits = pairReport(promotionPair(), {
    to: sha(2),
    verdict: { kind: 'waiting', behind: 2, candidate: sha(1), blockers: [] },
  });

  it('is told once when it has for too long, and once when it goes on', () => {
    const people = teller();
    const look = (hours: number, report = waits) =>
      words(people.look({ at: hours * HOUR, reports: [report] }));
    assert.deepEqual(look(0), []);
    assert.deepEqual(look(3.9), []);
    people.restart();
    assert.deepEqual(look(4), ['stuck']);
    assert.deepEqual(look(9), []);
    people.restart();
    assert.deepEqual(look(10, { ...waits, verdict: undefined, to: undefined }), [], 'not looked at yet');
    assert.deepEqual(look(11), []);
    assert.deepEqual(look(12, pairReport()), ['unstuck']);
    assert.deepEqual(look(13), []);
    assert.deepEqual(look(16), [], 'the time counts from when it began to wait again');
    assert.deepEqual(look(17), ['stuck']);
  });

  it('does not while it moves, though it is never where it should be', () => {
    const people = teller();
    for (let hour = 0; hour < 20; hour += 2)
      assert.deepEqual(
        words(people.look({ at: hour * HOUR, reports: [{ ...waits, to: sha(hour + 2) }] })),
        [],
      );
  });

  it('does when it was told to be stuck, and moves a little', () => {
    const people = teller();
    people.look({ at: 0, reports: [waits] });
    people.look({ at: 5 * HOUR, reports: [waits] });
    assert.deepEqual(words(people.look({ at: 6 * HOUR, reports: [{ ...waits, to: sha(7) }] })), ['unstuck']);
  });

  it('does not when it waits for its time or for somebody to say so', () => {
    const people = teller();
    const scheduled = pairReport(mergePair(), {
      verdict: { kind: 'scheduled', due: { kind: 'by-hand' }, from: sha(3) },
    });
    for (const at of [0, 100 * HOUR]) assert.deepEqual(people.look({ at, reports: [scheduled] }), []);
  });

  it('does when nobody can look at it', () => {
    const people = teller();
    const away = pairReport(promotionPair(), { trouble: { reason: 'no route', since: 0 } });
    assert.deepEqual(people.look({ at: 0, reports: [away] }), []);
    assert.deepEqual(words(people.look({ at: 5 * HOUR, reports: [away] })), ['stuck']);
  });

  it('is given time anew by a clock that was set back', () => {
    const people = teller();
    people.look({ at: 50 * HOUR, reports: [waits] });
    assert.deepEqual(people.look({ at: HOUR, reports: [waits] }), []);
    assert.deepEqual(people.look({ at: 4 * HOUR, reports: [waits] }), []);
    assert.deepEqual(words(people.look({ at: 5 * HOUR, reports: [waits] })), ['stuck']);
  });
});

describe('who is told', () => {
  it('is whom the pipeline files name, of the builders of promoted branches', () => {
    const pipeline = {
      file: '',
      repository: '/r',
      push: '/r',
      pollSeconds: 30,
      images: [],
      merges: [],
      testfix: false,
    };
    const { from, to } = promotionPair();
    const builder = (name: string, branch: typeof from) => ({
      name,
      branch,
      runs: { on: 'host' } as const,
      steps: [],
    });
    const watched = watchOf([
      {
        ...pipeline,
        project: 'demo',
        builders: [builder('tests', from), builder('docs', from), builder('other', to)],
        promotions: [{ from, to, requires: ['tests'] }],
        notify: { mail: { to: ['a@b'] } },
      },
      { ...pipeline, project: 'silent', builders: [builder('quiet', from)], promotions: [], notify: {} },
    ]);
    assert.deepEqual([...watched.projects.keys()], ['demo']);
    assert.deepEqual([...watched.builders.keys()], ['tests', 'docs']);
  });

  it('hears of what changes, or of every build by choice; and by mail of conflicts alone', () => {
    const [red, same] = [ended(1, 'failure'), ended(2, 'failure')];
    const facts = teller(watch()).look({ finished: [red, same] });
    const heard = (change: Parameters<typeof watch>[0]) => {
      const demo = watch(change).projects.get('demo');
      return demo && words(facts.filter((fact) => isForChat(demo, fact)));
    };
    assert.deepEqual(heard({}), ['tests red', 'testfix-begun']);
    assert.deepEqual(heard({ builds: 'all' }), ['tests red', 'testfix-begun', 'tests same']);
    const demo = watch().projects.get('demo');
    assert.ok(demo);
    assert.deepEqual(
      facts.filter((fact) => isForMail(demo, fact)),
      [],
    );
  });
});
