/** The example in the package's own documentation is the one that is run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** The comment that a file begins with, without its asterisks. */
function documentation(path: string): string {
  const [, comment = ''] =
    /^\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(join(import.meta.dirname, path), 'utf8')) ?? [];
  return comment.replaceAll(/^ \* ?/gm, '');
}

for (const [shownIn, example] of [
  ['../src/index.ts', 'example/charm.ts'],
  ['../testing/index.ts', 'example/charm.test.ts'],
] as const) {
  test(`${example} stands in ${shownIn}`, () => {
    const code = readFileSync(join(import.meta.dirname, example), 'utf8');
    const indented = code.replaceAll(/^(?=.)/gm, '    ').trimEnd();
    assert.ok(documentation(shownIn).includes(indented), `${shownIn} shows something else than ${example}`);
  });
}
