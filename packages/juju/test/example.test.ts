/** The example in the package's own documentation is the one that is run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}

/** The comment that a file begins with, without its asterisks. */
function documentation(path: string): string {
  const [, comment = ''] = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(read(path)) ?? [];
  return comment.replaceAll(/^ \* ?/gm, '');
}

for (const [shownIn, example] of [
  ['../src/index.ts', 'example/charm.ts'],
  ['../testing/index.ts', 'example/charm.test.ts'],
] as const) {
  test(`${example} stands in ${shownIn}`, () => {
    // A charm names the package; from within it is named by its path.
    const code = read(example)
      .replace('../../src/index.ts', '@lpbuildbot/juju')
      .replace('../../testing/index.ts', '@lpbuildbot/juju/testing');
    const indented = code.replaceAll(/^(?=.)/gm, '    ').trimEnd();
    assert.ok(documentation(shownIn).includes(indented), `${shownIn} shows something else than ${example}`);
  });
}
