import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { noticesOf, packagesOf } from './pack-notices.ts';

test('a bundle’s packages are told once each, scoped and nested ones too, and our own files are not', () => {
  const files = [
    'packages/worker-helpers/src/main.ts',
    'node_modules/zod/v4/core.js',
    'node_modules/zod/v4/api.js',
    'node_modules/@scope/one/index.js',
    'node_modules/execa/node_modules/is-stream/index.js',
  ];
  assert.deepEqual(packagesOf(files), [
    'node_modules/@scope/one',
    'node_modules/execa/node_modules/is-stream',
    'node_modules/zod',
  ]);
});

test('the notice has the name, the version and the text of the licence', async () => {
  const notices = await noticesOf(join(import.meta.dirname, '../..'), [
    'node_modules/zod/x.js',
    'node_modules/yaml/y.js',
  ]);
  assert.match(notices, /^yaml \d+\.\d+\.\d+ \(ISC\)\n\nCopyright/);
  assert.match(notices, /\n-{80}\n\nzod \d+\.\d+\.\d+ \(MIT\)\n\nMIT License\n[\s\S]*WITHOUT WARRANTY/);
});
