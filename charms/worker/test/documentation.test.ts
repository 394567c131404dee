/** The reference and the charm say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { places, units } from '../src/places.ts';

const root = join(import.meta.dirname, '../../..');
const reference = readFileSync(join(root, 'docs/reference/charm-worker.md'), 'utf8');
const charmcraft = z
  .object({
    config: z.object({
      options: z.record(z.string(), z.object({ default: z.union([z.string(), z.number()]) })),
    }),
    actions: z.record(z.string(), z.object({ params: z.record(z.string(), z.unknown()).default({}) })),
  })
  .parse(parse(readFileSync(join(import.meta.dirname, '../charmcraft.yaml'), 'utf8')));

/** The first cells of the table below a title, with the cells beside them. */
function table(title: string): Map<string, string[]> {
  const [, section = ''] = reference.split(`\n## ${title}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    lines.map((line) => {
      const [first = '', ...others] = line.slice(2).split(/ ?\| ?/);
      return [first.replaceAll('`', ''), others.map((cell) => cell.replaceAll('`', ''))];
    }),
  );
}

test('every setting is described, with its default', () => {
  const described = table('Settings');
  assert.deepEqual([...described.keys()].toSorted(), Object.keys(charmcraft.config.options).toSorted());
  for (const [name, { default: value }] of Object.entries(charmcraft.config.options)) {
    assert.equal(described.get(name)?.[0]?.trim() ?? '', String(value), name);
  }
});

test('every action is described, with its parameters', () => {
  const described = table('Actions');
  assert.deepEqual([...described.keys()].toSorted(), Object.keys(charmcraft.actions).toSorted());
  for (const [name, { params }] of Object.entries(charmcraft.actions)) {
    assert.equal(described.get(name)?.[0] ?? '', Object.keys(params).join(', '), name);
  }
});

test('the files and units are where it says', () => {
  for (const path of [places.recipes, places.aptSource, places.aptKey, `${places.state}/`]) {
    assert.ok(reference.includes(path), path);
  }
  for (const unit of Object.values(units)) assert.ok(reference.includes(unit), unit);
});
