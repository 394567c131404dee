import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonAndShellChecks } from './checks.ts';

const tools = {
  ruff: '/venv/ruff',
  mypy: '/venv/mypy',
  docutils: '/venv/docutils',
  shellcheck: 'shellcheck',
  buildbotPython: '/master/python',
};

test('every Python file is linted and typed, with the settings that are closest to it', () => {
  const files = {
    python: ['tools/a.py', 'plug/b.py', 'plug/deep/c.py', 'plug/master.cfg'],
    settings: ['pyproject.toml', 'plug/pyproject.toml'],
    shell: ['.ci/run'],
    manuals: ['docs/x.rst'],
  };
  const checks = pythonAndShellChecks(files, tools);
  assert.deepEqual(
    checks.map(({ name, argv, directory }) => `${directory} ${name}: ${argv.join(' ')}`),
    [
      '. Python lint: /venv/ruff check --quiet tools/a.py plug/b.py plug/deep/c.py plug/master.cfg',
      '. Python format: /venv/ruff format --check tools/a.py plug/b.py plug/deep/c.py plug/master.cfg',
      '. Python types: /venv/mypy --python-executable=/master/python tools/a.py',
      'plug Python types of plug: /venv/mypy --python-executable=/master/python b.py deep/c.py',
      '. shell: shellcheck .ci/run',
      '. reStructuredText of docs/x.rst: /venv/docutils --writer=null --report=info --halt=info docs/x.rst',
    ],
  );
});

test('a tool is not run on nothing', () => {
  assert.deepEqual(pythonAndShellChecks({ python: [], settings: [], shell: [], manuals: [] }, tools), []);
});
