import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { execa } from 'execa';
import { GitWorld } from '../support/git-world.ts';
import { withDirectory, writeCommit, writeTree } from './release-tree.ts';

async function pack(world: GitWorld, name: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    const file = world.path(name, path);
    await mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    await writeFile(file, text);
    if (text.startsWith('#!')) await chmod(file, 0o755);
  }
  const sdist = world.path(`${name}.tar.gz`);
  await execa('tar', ['-czf', sdist, '-C', world.directory, name]);
  return sdist;
}

test('a release comes into git byte for byte, whatever it says about ignoring and converting', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const sdist = await pack(world, 'thing-1.0', {
    'PKG-INFO': 'Name: thing\n',
    '.gitignore': '*.dat\n',
    '.gitattributes': '*.txt text eol=lf\n',
    'data/ignored.dat': 'kept\n',
    'with space/crlf.txt': 'one\r\ntwo\r\n',
    'run.sh': '#!/bin/sh\n',
  });
  const tree = await writeTree(repository, sdist);
  const listed = await repository.git(['ls-tree', '-r', '--format=%(objectmode) %(path)', tree]);
  assert.deepEqual(listed.split('\n'), [
    '100644 .gitattributes',
    '100644 .gitignore',
    '100644 PKG-INFO',
    '100644 data/ignored.dat',
    '100755 run.sh',
    '100644 with space/crlf.txt',
  ]);
  const converted = await repository.git(['cat-file', '-s', `${tree}:with space/crlf.txt`]);
  assert.equal(converted, String('one\r\ntwo\r\n'.length));
});

test('a second package lies in a directory of its own, and its next release takes the place of the last', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const base = await writeTree(repository, await pack(world, 'a-1', { 'a.py': 'a\n' }));
  const first = await writeTree(repository, await pack(world, 'b-1', { 'b.py': '1\n', 'old.py': '' }));
  const second = await writeTree(repository, await pack(world, 'b-2', { 'b.py': '2\n' }));
  const before = await withDirectory(repository, base, 'b', first);
  const after = await withDirectory(repository, before, 'b', second);
  assert.equal(await repository.git(['ls-tree', '-r', '--name-only', before]), 'a.py\nb/b.py\nb/old.py');
  assert.equal(await repository.git(['ls-tree', '-r', '--name-only', after]), 'a.py\nb/b.py');

  const root = await writeCommit(repository, base, [], 'a 1');
  const child = await writeCommit(repository, after, [root], 'b 2');
  await repository.setBranch('master', child);
  assert.deepEqual(
    (await repository.log('master')).map(({ subject, parents }) => ({ subject, parents })),
    [
      { subject: 'b 2', parents: [root] },
      { subject: 'a 1', parents: [] },
    ],
  );
});
