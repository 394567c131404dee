/** What other programs print becomes one sentence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages } from './messages.ts';

test("pip's last error becomes one sentence that says what to do", () => {
  const output = `WARNING: Retrying after connection broken
ERROR: Could not find a version that satisfies the requirement alembic==1.20.1 (from versions: none)
ERROR: No matching distribution found for alembic==1.20.1
`;
  assert.equal(
    messages.venvFailed(output, undefined),
    'Buildbot cannot be installed: No matching distribution found for alembic==1.20.1. ' +
      'PyPI (or the index pip is configured for) must be reachable once.',
  );
  assert.equal(
    messages.venvFailed('', '/srv/wheels'),
    'Buildbot cannot be installed: pip gave no reason. /srv/wheels must hold every wheel of the lock.',
  );
});

test("Debian's Python without ensurepip names the package to install", () => {
  assert.match(
    messages.venvFailed('/usr/bin/python3: No module named ensurepip', undefined),
    /apt install python3-venv/,
  );
});

test("checkconfig's list becomes one line, and anything else its last line", () => {
  assert.equal(
    messages.configurationRefused('Configuration Errors:\n  one\n  two\n'),
    'Buildbot refuses the configuration: one; two',
  );
  assert.equal(
    messages.configurationRefused('Traceback (most recent call last):\nKeyError: 3\n'),
    'Buildbot refuses the configuration: KeyError: 3',
  );
});
