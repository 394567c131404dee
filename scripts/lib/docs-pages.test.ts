/** The pages that are made are as they would be made now. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedPages } from './docs-pages.ts';

const root = join(import.meta.dirname, '../..');

test('the generated pages are up to date', async () => {
  for (const [path, text] of await generatedPages(root)) {
    assert.equal(await readFile(join(root, path), 'utf8'), text, `${path} is old: npm run docs`);
  }
});
