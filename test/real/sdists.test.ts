import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { GitWorld } from '../support/git-world.ts';
import type { Release } from './corpora.ts';
import { prepareInput } from './input.ts';
import { type SdistOptions, sdists } from './sdists.ts';

/** A package index of our own: pip is told by its own settings to look into a folder and nowhere else. */
let world: GitWorld;
let settings: { PIP_NO_INDEX: string; PIP_FIND_LINKS: string };
before(async () => {
  world = await GitWorld.create();
  settings = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: world.path('index') };
  await mkdir(settings.PIP_FIND_LINKS);
});
after(() => world[Symbol.asyncDispose]());

async function publish(project: string, version: string): Promise<Release> {
  const name = `${project}-${version}`;
  await mkdir(world.path(name));
  await writeFile(
    world.path(name, 'setup.py'),
    `from setuptools import setup\nsetup(name='${project}', version='${version}', py_modules=[])\n`,
  );
  await writeFile(
    world.path(name, 'PKG-INFO'),
    `Metadata-Version: 1.0\nName: ${project}\nVersion: ${version}\n`,
  );
  const file = `${name}.tar.gz`;
  const path = join(settings.PIP_FIND_LINKS, file);
  await execa('tar', ['-czf', path, '-C', world.directory, name]);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { project, version, file, sha256 };
}

async function options(cache: string, downloaded: string[]): Promise<SdistOptions> {
  const { testPython } = await prepareInput([], () => undefined);
  return {
    python: testPython,
    cache: world.path(cache),
    env: settings,
    onDownload: ({ file }) => downloaded.push(file),
  };
}

test('a release is downloaded once, and again when what was kept is damaged', async () => {
  const release = await publish('thing', '1.0');
  const downloaded: string[] = [];
  const opt = await options('kept', downloaded);
  const path = join(opt.cache, release.file);
  assert.deepEqual(await sdists([release], opt), [{ kind: 'there', path }]);
  assert.deepEqual(await sdists([release], opt), [{ kind: 'there', path }]);
  assert.deepEqual(downloaded, [release.file]);
  await writeFile(path, 'cut short');
  assert.deepEqual(await sdists([release], opt), [{ kind: 'there', path }]);
  assert.deepEqual(downloaded, [release.file, release.file]);
  assert.deepEqual(await readdir(opt.cache), [release.file], 'nothing else stays');
});

test('a file with another content than the recorded one is not taken', async () => {
  const release = await publish('replaced', '1.0');
  const recorded = { ...release, sha256: '0'.repeat(64) };
  const [outcome] = await sdists([recorded], await options('other', []));
  assert.equal(outcome?.kind, 'missing');
  assert.match(outcome?.kind === 'missing' ? outcome.reason : '', /hash/i);
});

test('a release that the index does not have is told with its reason', async () => {
  const release = { project: 'absent', version: '1.0', file: 'absent-1.0.tar.gz', sha256: '0'.repeat(64) };
  const [outcome] = await sdists([release], await options('absent', []));
  assert.equal(outcome?.kind, 'missing');
  assert.match(outcome?.kind === 'missing' ? outcome.reason : '', /absent==1\.0/);
});
