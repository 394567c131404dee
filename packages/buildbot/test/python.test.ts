/** The unit tests of the Python package, with the Buildbot they are for. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { testPython } from './world.ts';

test("the Python package's own tests pass", async () => {
  const tests = await execa(
    await testPython(),
    ['-m', 'unittest', 'discover', '--verbose', '-s', 'tests', '-t', '.'],
    {
      cwd: join(import.meta.dirname, '../python'),
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      reject: false,
    },
  );
  assert.equal(tests.exitCode, 0, tests.stderr);
  assert.match(tests.stderr, /^Ran (?!0 )\d+ tests/m);
});
