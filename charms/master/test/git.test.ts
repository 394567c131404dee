/** The configuration repository, with git itself: what is taken from it, and what is not. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realGit } from '../src/machine/git.ts';
import { mustRun } from '../src/machine/run.ts';

let directory: string;
const git = async (...args: readonly string[]) =>
  (
    await mustRun(['git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: directory })
  ).trim();

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-config-'));
  await git('init', '--quiet', '--initial-branch=main');
  await mkdir(join(directory, 'pipelines/deep'), { recursive: true });
  await writeFile(join(directory, 'pipelines/b.yml'), 'b\n');
  await writeFile(join(directory, 'pipelines/a.yaml'), 'a: ü\n');
  await writeFile(join(directory, 'pipelines/.hidden.yaml'), 'no\n');
  await writeFile(join(directory, 'pipelines/README'), 'no\n');
  await writeFile(join(directory, 'pipelines/deep/c.yaml'), 'no\n');
  await symlink('/etc/passwd', join(directory, 'pipelines/link.yaml'));
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'one');
});
after(() => rm(directory, { recursive: true }));

const fetch = async (branch: string, known?: string) =>
  await realGit.fetch({ repository: directory, branch }, known, { proxy: {} });

test('the pipeline files of the main branch, and nothing that lies elsewhere or is a link', async () => {
  assert.deepEqual(await fetch(''), {
    kind: 'fetched',
    revision: await git('rev-parse', 'HEAD'),
    files: [
      { file: 'pipelines/a.yaml', text: 'a: ü\n' },
      { file: 'pipelines/b.yml', text: 'b\n' },
    ],
  });
});

test('a tip that is known is not read again', async () => {
  assert.deepEqual(await fetch('main', await git('rev-parse', 'HEAD')), { kind: 'same' });
});

test('a commit is read as well as a branch', async () => {
  const outcome = await fetch(await git('rev-parse', 'HEAD'));
  assert.equal(outcome.kind, 'fetched');
});

test('a branch that is not there, and a repository that is not, are told', async () => {
  assert.deepEqual(await fetch('gone'), { kind: 'failed', reason: 'it has no branch gone' });
  const nowhere = await realGit.fetch({ repository: join(directory, 'nowhere'), branch: '' }, undefined, {
    proxy: {},
  });
  assert.ok(nowhere.kind === 'failed');
  assert.match(nowhere.reason, /does not appear to be a git repository|does not exist/);
});
