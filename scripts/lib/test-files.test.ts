import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTestFiles } from './test-files.ts';

const paths = [
  'test/real/short.test.ts',
  'test/deb/install.test.ts',
  'test/deploy/bundle.test.ts',
  'packages/pipeline/src/brands.ts',
  'packages/pipeline/src/brands.test.ts',
  'packages/pipeline/node_modules/zod/zod.test.ts',
  'charms/master/src/plan.test.ts',
  'scripts/lib/pool.test.ts',
  'dist/copy.test.ts',
];

test('npm test runs the tests of packages, charms, scripts and test, in a fixed order', () => {
  assert.deepEqual(chooseTestFiles(paths), [
    'charms/master/src/plan.test.ts',
    'packages/pipeline/src/brands.test.ts',
    'scripts/lib/pool.test.ts',
    'test/real/short.test.ts',
  ]);
});

test('with patterns only the files whose path contains one of them run', () => {
  assert.deepEqual(chooseTestFiles(paths, ['real/', 'pool']), [
    'scripts/lib/pool.test.ts',
    'test/real/short.test.ts',
  ]);
  assert.deepEqual(chooseTestFiles(paths, ['test/deb']), [], 'those of other commands stay out');
});
