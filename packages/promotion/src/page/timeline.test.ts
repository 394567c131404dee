import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../state/audit.ts';
import { build, sha } from '../testing.ts';
import { type TimelineSources, timelineView } from './timeline.ts';

const now = Date.parse('2026-11-23T12:00:30Z');
const seconds = now / 1000;

const sources: TimelineSources = {
  now,
  builds: [],
  entries: [],
  buildUrl: () => undefined,
  label: () => undefined,
};

const moved = (minutesAgo: number): AuditEntry => ({
  event: 'moved',
  at: new Date(now - minutesAgo * 60_000).toISOString(),
  pair: 'demo: master -> stable',
  branch: 'stable',
  from: null,
  to: sha(1),
  builds: [],
  reason: 'tests passed',
});

test('the line goes back as far as the last things did, and ends with a whole minute', () => {
  const { begin, end } = timelineView({ ...sources, entries: [moved(2), moved(50)] });
  assert.equal(end, Date.parse('2026-11-23T12:01:00Z'));
  assert.equal(end - begin, 3_600_000);
  assert.equal(timelineView(sources).lanes.length, 0);
});

test('builds have a length and moves a place, each on a lane of their own', () => {
  const builds = [
    build(sha(1), 'running', { builder: 'lint', startedAt: seconds - 60 }),
    build(sha(1), 'failure', { startedAt: seconds - 300, finishedAt: seconds - 180 }),
    build(sha(1), 'success', { startedAt: seconds - 400, finishedAt: seconds - 400 }),
    // Before the line begins.
    build(sha(1), 'success', { startedAt: seconds - 900_000, finishedAt: seconds - 900_000 }),
  ];
  const { lanes, begin, end } = timelineView({ ...sources, builds: builds.slice(0, 3), entries: [moved(2)] });
  assert.deepEqual(
    lanes.map(({ kind, name, marks }) => [kind, name, marks.map(({ state }) => state)]),
    [
      ['builder', 'lint', ['running']],
      ['builder', 'tests', ['red', 'green']],
      ['branch', 'stable', ['moved']],
    ],
  );
  const marks = lanes.flatMap((lane) => lane.marks);
  for (const { start, length } of marks) assert.ok(start >= 0 && start + length <= 100.5);
  const [running, red, short] = marks;
  assert.equal((running?.start ?? 0) + (running?.length ?? 0), 100, 'what runs reaches the end');
  assert.ok(Math.abs((red?.length ?? 0) - (100 * 120_000) / (end - begin)) < 0.1);
  assert.ok((short?.length ?? 0) > 0, 'what took no time is seen');
  assert.ok(timelineView({ ...sources, builds }).lanes.every((lane) => lane.marks.length > 0));
});

test('what happened is told newest first, with the pair it is about', () => {
  const label = { anchor: 'pair.demo.master.stable', project: '', from: 'master', to: 'stable' };
  const held: AuditEntry = {
    event: 'held',
    at: new Date(now).toISOString(),
    pair: 'x',
    who: 'ada',
    why: '<b>',
  };
  const { events } = timelineView({
    ...sources,
    entries: [held, moved(3)],
    label: (pair) => (pair === 'x' ? undefined : label),
  });
  assert.deepEqual(
    events.map(({ tone, text, pair }) => [tone, text, pair?.anchor]),
    [
      ['held', 'held by ada: <b>', undefined],
      ['fresh', 'stable moved to 1111111: tests passed', 'pair.demo.master.stable'],
    ],
  );
});
