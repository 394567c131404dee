import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPipelines } from '../src/load.ts';
import { minimal } from '../testing/reports.ts';
import { directoryWith } from './command.ts';

async function outcome(paths: readonly string[]): Promise<string[]> {
  const reading = await loadPipelines(paths);
  return reading.kind === 'accepted'
    ? reading.pipelines.map(({ file }) => file)
    : reading.mistakes.map(({ found }) => found);
}

function named(project: string): string {
  return minimal.replace('project: p', `project: ${project}`).replace('{ b:', `{ ${project}:`);
}

test('a directory means its YAML files, sorted, and a file that is named twice is read once', async () => {
  await using directory = await directoryWith({
    'b.yaml': named('b'),
    'a.yml': named('a'),
    '.c.yaml': named('c'),
    'd.yaml.orig': named('d'),
    'e.json': '{}',
  });
  const [a, b] = [join(directory.path, 'a.yml'), join(directory.path, 'b.yaml')];
  assert.deepEqual(await outcome([directory.path]), [a, b]);
  assert.deepEqual(await outcome([b, directory.path, `${directory.path}/./b.yaml`]), [
    `${directory.path}/./b.yaml`,
    a,
  ]);
  assert.deepEqual(await outcome([]), []);
});

test('a pipe that nobody writes to holds nothing up', async () => {
  await using directory = await directoryWith({});
  const pipe = join(directory.path, 'pipe.yaml');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  assert.deepEqual(await outcome([pipe]), ['something that is not a file']);
  assert.deepEqual(await outcome([directory.path]), ['something that is not a file']);
});

test('what cannot be read is told by name, and hides nothing', async () => {
  await using directory = await directoryWith({
    'a.yaml': `${minimal}poll: 1\n`,
    'utf16.yaml': Buffer.from('\ufeffa', 'utf16le'),
  });
  await symlink('loop.yaml', join(directory.path, 'loop.yaml'));
  await symlink('/nowhere/at/all', join(directory.path, 'nowhere.yaml'));
  assert.deepEqual(await outcome([directory.path, join(directory.path, 'a.yaml/b')]), [
    'the number 1',
    'a file that cannot be read (ENOTDIR)',
    'a file that cannot be read (ELOOP)',
    'no such file or directory',
    'bytes that are not UTF-8',
  ]);
});

test('while a file cannot be read, what it may build is not missed', async () => {
  const merging = `${minimal}merges: [{ from: main, into: elsewhere, schedule: manual }]\n`;
  await using directory = await directoryWith({ 'a.yaml': merging });
  assert.deepEqual(await outcome([directory.path]), ['the branch "elsewhere", which nothing builds']);
  assert.deepEqual(await outcome([directory.path, '/nowhere.yaml']), ['no such file or directory']);
});

test('files share one allowance', async () => {
  const comment = `# ${'x'.repeat(600_000)}\n`;
  await using directory = await directoryWith({
    'a.yaml': comment + named('a'),
    'b.yaml': comment + named('b'),
  });
  assert.deepEqual(await outcome([join(directory.path, 'a.yaml')]), [join(directory.path, 'a.yaml')]);
  assert.deepEqual(await outcome([directory.path]), ['more than 1 MB in all pipeline files together']);
});
