import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from '../support/markdown.ts';
import { allPages } from './pages.ts';
import { isPrinted, runnableBlocks, sessionOf } from './runnable.ts';

function page(text: string) {
  return { path: 'docs/x.md', text, ...readPage(text) };
}

test('a block says where it is run, how long it may take, and what it prints', () => {
  const text =
    '# X\n\n<!-- world: local -->\n<!-- until: 60 -->\n```console\n$ a \\\n  b\n…\nc\n$ d\n```\n\n<!-- last -->\n```sh\ne\nf\n```\n';
  assert.deepEqual(runnableBlocks(page(text), 'tutorial'), [
    {
      place: 'docs/x.md:6',
      world: 'local',
      when: 'in order',
      edit: undefined,
      steps: [
        { script: 'a \\\n  b', prints: '…\nc\n', seconds: 60 },
        { script: 'd', prints: '', seconds: 60 },
      ],
    },
    {
      place: 'docs/x.md:15',
      world: 'tutorial',
      when: 'last',
      edit: undefined,
      steps: [{ script: 'e\nf', prints: undefined, seconds: undefined }],
    },
  ]);
});

test('a block of which nobody knows where it is run, and a comment that means nothing, are mistakes', () => {
  assert.throws(() => runnableBlocks(page('```sh\na\n```\n')), /^Error: docs\/x\.md:2: no comment says/);
  assert.throws(
    () => runnableBlocks(page('<!-- wrld: local -->\n```sh\na\n```\n'), 'x'),
    /"wrld: local" means nothing/,
  );
  assert.deepEqual(runnableBlocks(page('<!-- static: it takes a day -->\n```sh\na\n```\n')), []);
});

test('every block of the tutorial and the how-tos says so', () => {
  const paths = allPages().filter(({ path }) => /^docs\/(how-to|tutorial)\//.test(path));
  assert.ok(paths.length > 8);
  for (const each of paths) {
    runnableBlocks(each, each.path.startsWith('docs/tutorial/') ? 'tutorial' : undefined);
  }
});

test('what is printed is compared line by line, with … for what differs', () => {
  const printed = 'Unit  Workload\nm/0*  active   10.1.2.3  2 of 2 workers\nw/0   active\n';
  assert.ok(isPrinted('…\nm/0* active … 2 of 2 workers\n…\n', printed));
  assert.ok(isPrinted('Unit …\n…\nw/0 active\n', printed));
  assert.ok(!isPrinted('…\nm/0* active … 1 of 2 workers\n…\n', printed));
  assert.ok(!isPrinted('m/0* active …\n…\n', printed), 'the first line is not said');
  assert.ok(!isPrinted('…\nm/0* active …\n', printed), 'the last line is not said');
  assert.ok(isPrinted('', ''));
  assert.ok(!isPrinted('', 'something'));
  assert.ok(isPrinted('…', 'something'));
});

test('a session is divided at its prompts', () => {
  assert.deepEqual(sessionOf('$ a\nb\n$ c'), [
    { script: 'a', prints: 'b\n' },
    { script: 'c', prints: '' },
  ]);
});
