/** The references of the two charms and their charmcraft.yaml say the same, and a difference is told in a sentence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from '../support/markdown.ts';
import { charmMistakes } from './charm-reference.ts';
import { readCharm } from './charms.ts';
import { type NamedPage, pageAt } from './pages.ts';

for (const name of ['master', 'worker'] as const) {
  test(`every setting, action, relation, storage and resource of lpbuildbot-${name} is described as it is`, () => {
    assert.deepEqual(charmMistakes(pageAt(`docs/reference/charm-${name}.md`), readCharm(name)), []);
  });
}

/** The worker's page with one thing changed. */
function changed(from: string, to: string): NamedPage {
  const path = 'docs/reference/charm-worker.md';
  const before = pageAt(path).text;
  const text = before.replace(from, to);
  assert.notEqual(text, before, from);
  return { path, text, ...readPage(text) };
}

function mistakesAfter(from: string, to: string): string[] {
  return charmMistakes(changed(from, to), readCharm('worker')).map((mistake) =>
    mistake.replace(/:\d+:/, ':'),
  );
}

test('a wrong default, a wrong parameter, a row too many and one too few are told', () => {
  const page = 'docs/reference/charm-worker.md';
  assert.deepEqual(mistakesAfter('`7d` | how', '`8d` | how'), [
    `${page}: \`image-refresh\` has \`8d\` as default and type; charmcraft.yaml says \`7d\``,
  ]);
  assert.deepEqual(mistakesAfter('`1`, int', '`1`'), [
    `${page}: \`max-builds\` has \`1\` as default and type; charmcraft.yaml says \`1\`, int`,
  ]);
  assert.deepEqual(mistakesAfter('`name`, `force`', '**`name`**, `force`'), [
    `${page}: \`create-image\` has the parameters **\`name\`**, \`force\`; charmcraft.yaml says \`name\`, \`force\``,
  ]);
  assert.deepEqual(mistakesAfter('| `drain` |', '| `dry` |'), [
    `${page}: the table of Actions has no row for \`drain\``,
    `${page}: charmcraft.yaml has nothing called \`dry\` (Actions)`,
  ]);
  assert.deepEqual(mistakesAfter('26.04', '25.10'), [`${page}: says nothing of the platform 26.04`]);
});
