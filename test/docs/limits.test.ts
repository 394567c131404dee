/** The figures that docs/explanation/limits.md names are those of the benchmarks, with their limits. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf, type Row, tableIn } from '../support/markdown.ts';
import { pageAt, root } from './pages.ts';

/** `limit: 300` stands beside a figure's name or a few lines below it; or it is the last argument of what makes it. */
function limitOf(source: string, name: string): number | undefined {
  const at = source.indexOf(`'${name}'`);
  if (at < 0) return undefined;
  const near = source.slice(at).split('\n').slice(0, 6).join('\n');
  const [, limit] = /^'[^']+', '\w+', ([\d.]+)\)/.exec(near) ?? /\blimit: ([\d.]+)/.exec(near) ?? [];
  return limit === undefined ? undefined : Number(limit);
}

/** Those of `scale` that are ratios have one limit, where the ratio is made. */
function ratioLimit(source: string, name: string): number | undefined {
  const [what = ''] = name.split(/, (?:time|processor)$/);
  if (!source.includes(`'${what}'`) && !source.includes(`'${name}'`)) return undefined;
  const [, limit] = /unit: 'x', limit: ([\d.]+)/.exec(source) ?? [];
  return limit === undefined ? undefined : Number(limit);
}

function mistakeOf({ cells: [part = '', name = '', most = ''], line }: Row): string[] {
  const file = `test/bench/${codeOf(part)[0]}.ts`;
  const source = readFileSync(join(root, file), 'utf8');
  const limit = limitOf(source, name) ?? ratioLimit(source, name);
  const place = `docs/explanation/limits.md:${line}`;
  if (limit === undefined) return [`${place}: ${file} measures nothing called "${name}"`];
  return Number.parseFloat(most) === limit
    ? []
    : [`${place}: ${file} has ${limit} as the limit, not ${most}`];
}

test('every figure is one of a benchmark, with its limit', () => {
  const { rows } = tableIn(pageAt('docs/explanation/limits.md'), 'Figures');
  assert.ok(rows.length > 15);
  assert.deepEqual(rows.flatMap(mistakeOf), []);
});

test('a figure that is not measured, and a limit that is another one, are told', () => {
  assert.deepEqual(mistakeOf({ cells: ['`idle`', 'idle memory', '91 MB'], line: 3 }), [
    'docs/explanation/limits.md:3: test/bench/idle.ts has 90 as the limit, not 91 MB',
  ]);
  assert.deepEqual(mistakeOf({ cells: ['`idle`', 'idle disk', '1 MB'], line: 3 }), [
    'docs/explanation/limits.md:3: test/bench/idle.ts measures nothing called "idle disk"',
  ]);
});
