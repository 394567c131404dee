/** The documentation and the service say the same: every word, answer, key of the configuration, address, and entry of the log. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import { codeOf, readPage, type Table, tableIn } from '../../../test/support/markdown.ts';
import { onCall } from '../../../test/support/on-call.ts';
import { configSchema } from '../src/config.ts';
import type { Blocker } from '../src/decide-promotion.ts';
import { explain } from '../src/explain.ts';
import type { Verdict } from '../src/plan.ts';
import { entrySchema } from '../src/state/audit.ts';
import type { PairReport } from '../src/state-report.ts';
import { wordAndText, wordIn } from '../src/status-text.ts';
import { branch, build, mergePair, promotionPair, sha } from '../src/testing.ts';

const root = join(import.meta.dirname, '../../..');
const reference = readPage(readFileSync(join(root, 'docs/reference/promotion.md'), 'utf8'));

const now = Date.parse('2026-11-27T05:00:00Z');
const since = Date.parse('2026-11-27T04:40:00Z');
const [one, two, three] = [sha(1), sha(2), sha(3)];
const [master, stable] = [branch('master'), branch('stable')];
const promotion = promotionPair({ id: 'launchpad: master -> stable', project: 'launchpad' });
const merge = mergePair({ id: 'launchpad: stable -> db-devel', project: 'launchpad' });

function report(change: Partial<PairReport>): PairReport {
  const pair = promotion;
  const none = { refusal: undefined, hold: undefined, lastMove: undefined, trouble: undefined };
  return { pair, verdict: undefined, from: two, to: one, lookedAt: now, ...none, ...change };
}

const builder = 'lp-devel-focal';
const seconds = { startedAt: (now - 14 * 60_000) / 1000, finishedAt: since / 1000 };
const running = build(two, 'running', { ...seconds, builder, number: 1043, finishedAt: undefined });
const red = build(two, 'failure', { ...seconds, builder, number: 1043 });
const redBefore = build(one, 'failure', { ...seconds, builder, number: 1042 });
const broken = build(two, 'exception', { ...seconds, builder, number: 1043 });

interface Case {
  readonly report: PairReport;
  readonly red?: readonly (typeof red)[];
  readonly pending?: number;
}

function waiting(blocker: Omit<Blocker, 'builder'>, testfix = false): PairReport {
  const blockers = [{ builder, ...blocker }];
  return report({
    pair: { ...promotion, testfix },
    verdict: { kind: 'waiting', behind: 3, candidate: two, blockers },
  });
}

const hold = { pair: promotion.id, who: 'ada', why: 'the release of today', since };
const move: Verdict = { kind: 'move', from: one, to: two, gains: 3, left: 0, builds: [] };

const blocked: Readonly<Record<Blocker['state'], readonly Case[]>> = {
  running: [{ report: waiting({ state: 'running', build: running }) }],
  red: [
    { report: waiting({ state: 'red', build: red }), red: [red] },
    { report: waiting({ state: 'red', build: red }, true), red: [red] },
  ],
  neither: [{ report: waiting({ state: 'neither', build: broken }) }],
  'not-built': [
    { report: waiting({ state: 'not-built', build: undefined }), pending: 1 },
    { report: waiting({ state: 'not-built', build: undefined }, true), red: [redBefore] },
    { report: waiting({ state: 'not-built', build: undefined }) },
  ],
};

/** For each verdict everything that can be said of it. */
const cases: Readonly<Record<Verdict['kind'], readonly Case[]>> = {
  'up-to-date': [{ report: report({ verdict: { kind: 'up-to-date', tip: one } }) }],
  missing: [master, stable].map((name) => ({
    report: report({ verdict: { kind: 'missing', branch: name } }),
  })),
  diverged: [{ report: report({ verdict: { kind: 'diverged', from: two, to: three } }) }],
  'builds-unknown': [
    { report: report({ verdict: { kind: 'builds-unknown', behind: 3, reason: 'connection refused' } }) },
  ],
  waiting: Object.values(blocked).flat(),
  move: [
    { report: report({ verdict: move }) },
    { report: report({ verdict: move, refusal: { revision: two, reason: 'protected branch', since } }) },
  ],
  held: [{ report: report({ verdict: { kind: 'held', hold, would: move }, hold }) }],
  conflict: [
    {
      report: report({
        pair: merge,
        verdict: { kind: 'conflict', from: one, to: two, files: ['lib/lp/soyuz/model.py'] },
      }),
    },
  ],
  unrelated: [{ report: report({ pair: merge, verdict: { kind: 'unrelated', from: one, to: two } }) }],
  scheduled: [
    {
      report: report({
        pair: merge,
        verdict: { kind: 'scheduled', from: one, due: { kind: 'at', time: now + 600_000 } },
      }),
    },
    { report: report({ pair: merge, verdict: { kind: 'scheduled', from: one, due: { kind: 'by-hand' } } }) },
  ],
  merge: [],
};

/** Without a verdict. */
const unseen: readonly Case[] = [
  { report: report({}) },
  { report: report({ trouble: { reason: 'connection refused', since } }) },
];

test('whoever is on call finds every answer of explain, as it is given', () => {
  const answers = [...Object.values(cases).flat(), ...unseen].map(({ report, red = [], pending = 0 }) =>
    explain({ report, red, pending: new Map([[builder, pending]]), now }).trimEnd(),
  );
  const shown = onCall.blocks
    .filter(({ section, info }) => section === 'What `explain` answers' && info === 'text')
    .map(({ text }) => text);
  assert.deepEqual(
    answers.filter((answer) => !shown.includes(answer)),
    [],
    'docs/on-call.md does not have these',
  );
  assert.deepEqual(
    shown.filter((answer) => !answers.includes(answer)),
    [],
    'docs/on-call.md has these, which are not given',
  );
});

test('whoever is on call finds every word of status', () => {
  const merging: Verdict = { kind: 'merge', from: one, to: two, tree: '' };
  const all = [
    ...Object.values(cases).flat(),
    ...unseen,
    { report: report({ pair: merge, verdict: merging }) },
  ];
  const words = new Set(
    all.flatMap(({ report }) => {
      const [word] = wordAndText(report, now);
      return [word, wordIn('shadow', word)];
    }),
  );
  const described = tableIn(onCall, 'The words of `show-promotions`').rows.flatMap(({ cells }) =>
    codeOf(cells[0] ?? ''),
  );
  assert.deepEqual(described.toSorted(), [...words].toSorted());
});

const schemaOf = z.object({
  properties: z.record(
    z.string(),
    z.looseObject({ default: z.unknown().optional(), properties: z.unknown().optional() }),
  ),
});

/** Every key with its default, as it is written; `http.port` for one within another. */
function keysOf(schema: unknown, before = ''): Map<string, unknown> {
  const { properties } = schemaOf.parse(schema);
  return new Map(
    Object.entries(properties).flatMap(([name, inner]): [string, unknown][] =>
      inner.properties === undefined
        ? [[`${before}${name}`, inner.default]]
        : [...keysOf(inner, `${before}${name}.`)],
    ),
  );
}

/** Also what has keys within it: `mail` where there is `mail.server`. */
function isKey(name: string, keys: ReadonlyMap<string, unknown>): boolean {
  return keys.has(name) || [...keys.keys()].some((key) => key.startsWith(`${name}.`));
}

function keyMistakes(tables: readonly Table[], keys: ReadonlyMap<string, unknown>): string[] {
  const described = tables
    .flatMap(({ rows }) => rows)
    .map(({ cells }) => ({
      names: codeOf(cells[0] ?? ''),
      defaults: codeOf(cells[2] ?? ''),
    }));
  const names = described.flatMap((row) => row.names);
  return [
    ...[...keys.keys()].filter((key) => !names.includes(key)).map((key) => `there is no row for ${key}`),
    ...names.filter((name) => !isKey(name, keys)).map((name) => `there is no key ${name}`),
    ...described.flatMap((row) => {
      const wanted = row.names
        .map((name) => keys.get(name))
        .filter((value) => !Array.isArray(value) && value !== undefined);
      const same =
        wanted.length === 0 ||
        wanted.every((value, index) => String(value) === row.defaults[row.defaults.length === 1 ? 0 : index]);
      return same ? [] : [`${row.names.join(', ')}: the default is ${wanted.join(', ')}`];
    }),
  ];
}

test('every key of the configuration is described with its default, and no other', () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  assert.deepEqual(
    keyMistakes([tableIn(reference, 'Configuration'), tableIn(reference, 'News', 'key')], keysOf(schema)),
    [],
  );
  const github = configSchema.shape.github.unwrap().element;
  const site = z.toJSONSchema(github, { io: 'input', unrepresentable: 'any' });
  assert.deepEqual(keyMistakes([tableIn(reference, 'GitHub')], keysOf(site)), []);
});

test('every entry of the audit log is described with its fields, and no other', () => {
  const fields = entrySchema.options.map(({ shape }): [string, string[]] => [
    [...shape.event.values].join(),
    Object.keys(shape).filter((field) => !['at', 'pair', 'event'].includes(field)),
  ]);
  const rows = tableIn(reference, 'The audit log').rows.map(
    ({ cells: [event = '', names = ''] }): [string, string[]] => [codeOf(event).join(), codeOf(names)],
  );
  assert.deepEqual(new Map(rows), new Map(fields));
});

test('every file in the state directory is described, and no other', () => {
  const directory = join(root, 'packages/promotion/src');
  const files = globSync('**/*.ts', { cwd: directory }).filter((path) => !path.endsWith('.test.ts'));
  const names = files.flatMap((path) =>
    [...readFileSync(join(directory, path), 'utf8').matchAll(/\bjoin\((?:config\.)?state, '([^']+)'/g)].map(
      ([, name = '']) => name,
    ),
  );
  const described = tableIn(reference, 'Files in its state directory').rows.flatMap(({ cells }) =>
    codeOf(cells[0] ?? '').map((name) => name.replace(/\/$/, '')),
  );
  assert.deepEqual(described.toSorted(), [...new Set(names)].toSorted());
});

/** What stands in the place of a name that differs. */
const differing: ReadonlyMap<string, readonly string[]> = new Map([
  ['verb', ['hold', 'resume', 'promote']],
  ['name', ['page.js', 'page.css']],
]);

test('every address of its HTTP side is described', () => {
  const paths = ['src/http.ts', 'src/page/routes.ts'].flatMap((file) => {
    const text = readFileSync(join(root, 'packages/promotion', file), 'utf8');
    return [...text.matchAll(/\.(?:get|post)\(\s*['`]([^'`$]+)(?:\$\{(\w+)\})?['`]/g)].flatMap(
      ([, path = '', name]) =>
        (name === undefined ? [path] : (differing.get(name) ?? [])).map((end) =>
          name === undefined ? end : path + end,
        ),
    );
  });
  assert.ok(paths.length > 12, paths.join(' '));
  const described = tableIn(reference, 'HTTP').rows.flatMap(({ cells }) =>
    codeOf(cells[0] ?? '').map((code) => code.replace(/^POST /, '').replace(/\?.*$/, '')),
  );
  assert.deepEqual(
    paths.filter((path) => !described.includes(path)),
    [],
    'docs/reference/promotion.md, "HTTP", does not have these',
  );
});
