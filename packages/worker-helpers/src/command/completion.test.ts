/** The completion is run by bash itself, as at its prompt. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { bashCompletion } from './completion.ts';
import type { CommandDoc, CompletionDoc, OptionDoc } from './doc.ts';

const value = (key: string, complete?: CompletionDoc): OptionDoc => ({
  key,
  kind: 'value',
  need: 'optional',
  placeholder: 'X',
  about: 'x',
  ...(complete === undefined ? {} : { complete }),
});

const doc: CommandDoc = {
  name: 'lpbuildbot-paint',
  section: 8,
  summary: '',
  description: [],
  options: [
    { key: 'dryRun', kind: 'flag', about: 'x' },
    value('colour', { words: ['red', 'rose', 'blue'] }),
    value('bind', 'directory'),
    value('from', 'file'),
    value('image', { linesOf: 'printf "focal\\nfossa\\njammy\\n"' }),
    value('coats'),
  ],
  operands: {
    placeholder: 'FENCE',
    about: '',
    min: 0,

    verbatim: false,
    complete: { words: ['north', 'east'] },
  },
  exitCodes: [],
  examples: [],
  files: [],
  seeAlso: [],
};
const verbatim: CommandDoc = {
  ...doc,
  operands: { placeholder: 'CMD', about: '', min: 1, verbatim: true },
};

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'completion-'));
  await mkdir(join(directory, 'inner'));
  await writeFile(join(directory, 'inside.txt'), '');
});
after(() => rm(directory, { recursive: true }));

async function offered(of: CommandDoc, ...words: string[]): Promise<string[]> {
  const script = `${bashCompletion(of)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lpbuildbot_paint; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const argv = ['--norc', '-c', script, 'bash', 'lpbuildbot-paint', ...words];
  const { stdout } = await promisify(execFile)('bash', argv, { cwd: directory });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

test('options, ours and those that all commands have', async () => {
  assert.deepEqual(await offered(doc, '--'), [
    '--bind',
    '--coats',
    '--colour',
    '--dry-run',
    '--from',
    '--help',
    '--image',
    '--log-format',
    '--verbose',
    '--version',
  ]);
  assert.deepEqual(await offered(doc, '--dry-run', '--c'), ['--coats', '--colour']);
});

test('values: words, directories, files, what another command prints, or nothing', async () => {
  assert.deepEqual(await offered(doc, '--colour', 'r'), ['red', 'rose']);
  assert.deepEqual(await offered(doc, '--bind', 'in'), ['inner']);
  assert.deepEqual(await offered(doc, '--from', 'in'), ['inner', 'inside.txt']);
  assert.deepEqual(await offered(doc, '--image', 'fo'), ['focal', 'fossa']);
  assert.deepEqual(await offered(doc, '--coats', ''), []);
  assert.deepEqual(await offered(doc, '--log-format', ''), ['json', 'text']);
});

test('operands', async () => {
  assert.deepEqual(await offered(doc, '--colour', 'red', 'n'), ['north']);
});

test('a command line of its own: a program first, then files, and none of our options', async () => {
  assert.ok((await offered(verbatim, '--image', 'focal', '--', 'mkdi')).includes('mkdir'));
  assert.ok((await offered(verbatim, 'mkdi')).includes('mkdir'));
  assert.deepEqual(await offered(verbatim, '--', 'cat', 'ins'), ['inside.txt']);
  assert.deepEqual(await offered(verbatim, '--image', 'focal', 'cat', '--col'), []);
});
