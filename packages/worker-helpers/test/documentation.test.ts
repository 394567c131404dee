/** docs/reference/worker-helpers.md names every command and service of the packages, and says of each what it is. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { codeOf, readPage, tableIn } from '../../../test/support/markdown.ts';
import { commands } from '../src/command/commands.ts';
import { PLACES } from '../src/setup/places.ts';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docs/reference/worker-helpers.md'), 'utf8');
const page = readPage(text);

function namesIn(section: string): string[] {
  return tableIn(page, section).rows.flatMap(({ cells }) => codeOf(cells[0] ?? ''));
}

test('every command has its row', () => {
  assert.deepEqual(namesIn('Commands').toSorted(), [...commands.keys()].toSorted());
});

/** `lpbuildbot-worker.NAME.timer` as debhelper wants it, by the name that systemd gets. */
const units = new Map(
  globSync('debian/lpbuildbot-worker.*.{service,timer}', { cwd: root }).map((path) => [
    basename(path).replace('lpbuildbot-worker.', ''),
    readFileSync(join(root, path), 'utf8'),
  ]),
);

test('every service has its row: a timer stands for what it starts', () => {
  const started = [...units.keys()].filter(
    (name) => name.endsWith('.timer') || !units.has(name.replace(/\.service$/, '.timer')),
  );
  assert.deepEqual(namesIn('Services').toSorted(), started.toSorted());
});

test('what a timer runs is what its row says', () => {
  for (const { cells } of tableIn(page, 'Services').rows) {
    const [name = ''] = codeOf(cells[0] ?? '');
    if (!name.endsWith('.timer')) continue;
    const service = units.get(name.replace(/\.timer$/, '.service')) ?? '';
    const run = [...service.matchAll(/^Exec(?:Start|StopPost)=\/usr\/bin\/(.*)$/gm)].map(([, line]) => line);
    assert.deepEqual(codeOf(cells[1] ?? ''), run, name);
  }
});

test('the places are where it says', () => {
  for (const path of Object.values(PLACES)) assert.ok(text.includes(`\`${path}`), path);
});
