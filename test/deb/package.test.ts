/** What can be told of the packages without a machine to install them on. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { packDeb } from '../../scripts/lib/pack-deb.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import { createRepository, presentPackages, type Repository } from './packages.ts';

let directory: string;
let files: string[];
let helpers: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'package-'));
  files = await presentPackages();
  helpers = files.find((file) => basename(file).startsWith('lpbuildbot-worker_')) ?? '';
});
after(() => rm(directory, { recursive: true }));

test('two builds give the same bytes', async () => {
  const again = join(directory, 'again');
  const outcome = await packDeb({ out: again, architecture: thisArchitecture, packages: 'all' });
  assert.equal(outcome.kind, 'packed');
  for (const file of files) {
    assert.ok((await readFile(file)).equals(await readFile(join(again, basename(file)))), basename(file));
  }
});

test('lintian finds no error and no warning', async () => {
  // It leaves databases behind in its temporary directory.
  const scratch = join(directory, 'lintian');
  await mkdir(scratch);
  const { all } = await execa('lintian', ['--allow-root', '--fail-on=none', ...files], {
    all: true,
    env: { TMPDIR: scratch },
  });
  assert.equal(all, '');
});

test('every command is in /usr/bin and has a manual page, which renders, and a completion', async () => {
  const tree = join(directory, 'tree');
  await execa('dpkg-deb', ['--extract', helpers, tree]);
  const names = (await readdir(join(tree, 'usr/bin'))).toSorted();
  assert.ok(names.length >= 2, names.join());
  for (const name of names) {
    assert.match(name, /^lpbuildbot-/);
    await readFile(join(tree, 'usr/share/bash-completion/completions', name));
  }
  const pages = (await readdir(join(tree, 'usr/share/man'), { recursive: true })).filter((page) =>
    page.endsWith('.gz'),
  );
  assert.deepEqual(pages.map((page) => basename(page).replace(/\.[18]\.gz$/, '')).toSorted(), names);
  for (const page of pages) {
    const rendered = await execa(
      'man',
      ['--warnings=all', '--encoding=UTF-8', '--local-file', join(tree, 'usr/share/man', page)],
      {
        env: { MANWIDTH: '80', MANROFFOPT: '', LC_ALL: 'C.UTF-8' },
      },
    );
    assert.equal(rendered.stderr, '', page);
    assert.match(rendered.stdout, /NAME[\s\S]+SYNOPSIS[\s\S]+EXIT STATUS/);
  }
});

test('nothing of the machine that built them is in the packages', async () => {
  const { stdout } = await execa('dpkg-deb', ['--fsys-tarfile', helpers], { encoding: 'buffer' });
  for (const trace of [join(import.meta.dirname, '../..'), tmpdir()]) {
    assert.equal(Buffer.from(stdout).includes(`${trace}/`), false, trace);
  }
});

let repository: Repository;

test('a repository takes packages once, and refuses another package of the same version', async () => {
  repository = await createRepository(join(directory, 'repository'));
  try {
    await repository.add(...files);
    const signed = await readFile(join(repository.directory, 'dists/stable/InRelease'), 'utf8');
    await repository.add(...files);
    assert.equal(await readFile(join(repository.directory, 'dists/stable/InRelease'), 'utf8'), signed);
    const other = join(directory, basename(helpers));
    await writeFile(other, 'another');
    await assert.rejects(repository.add(other), /in the repository already, with other contents/);
  } finally {
    await repository.destroy();
  }
});
