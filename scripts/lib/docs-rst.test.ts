import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rstBody, rstTitle } from './docs-rst.ts';

const rst = (markdown: string): string => rstBody(markdown, 1, (target) => `https://example.org/${target}`);

test('titles are underlined by their depth', () => {
  assert.equal(rstTitle('The rules', 0), 'The rules\n=========\n');
  assert.equal(rst('### On `master`\n'), 'On ``master``\n^^^^^^^^^^^^^\n');
});

test('code, links and emphasis keep their meaning, and signs of reStructuredText have none', () => {
  assert.equal(
    rst('See [the page](a.md#b), `x | y`, **all** of *it*: a_ * |b| `poll`s.\n'),
    'See `the page <https://example.org/a.md#b>`__, ``x | y``, **all** of *it*: a\\_ \\* \\|b\\| ``poll``\\ s.\n',
  );
  assert.equal(rst('At <https://example.com/x>.\n'), 'At https://example.com/x.\n');
});

test('blocks are literal, and comments are left out', () => {
  assert.equal(
    rst('One:\n\n<!-- world: x -->\n```sh\na\n\n  b\n```\nTwo.\n'),
    'One:\n\n::\n\n   a\n\n     b\n\nTwo.\n',
  );
  assert.equal(rst('One:\n\n    a\n'), 'One:\n\n::\n\n   a\n');
});

test('tables are lists, with a header or none', () => {
  assert.equal(
    rst('| a | b |\n| --- | --- |\n| `c` | d \\| e |\n| | f |\n'),
    '.. list-table::\n   :header-rows: 1\n\n   * - a\n     - b\n   * - ``c``\n     - d \\| e\n   * -\n     - f\n',
  );
  assert.equal(rst('| | |\n| --- | --- |\n| a | b |\n'), '.. list-table::\n\n   * - a\n     - b\n');
});

test('lists stay lists', () => {
  assert.equal(rst('- one\n  more\n- two\n\n1. a\n2. b\n'), '- one\n  more\n- two\n\n1. a\n2. b\n');
});
