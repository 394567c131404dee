/** The phase build, with files that are packed already; npm run check:mojo has it pack the clone. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { execa } from 'execa';
import { zip } from '../../scripts/lib/pack-charm-zip.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import { charmAt } from '../rig/core/charm-reader.ts';

const spec = join(import.meta.dirname, '../../mojo-spec');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'build-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function pack(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const charm of ['master', 'worker']) {
    const file = (path: string, text: string) => ({ path, mode: 0o644, content: Buffer.from(text) }) as const;
    const parts = await zip([file('version', '1.2\n'), file('lib/charm.mjs', `the ${charm}'s program`)]);
    await writeFile(join(directory, `lpbuildbot-${charm}_${thisArchitecture}.charm`), parts);
  }
  await writeFile(join(directory, 'lpbuildbot-worker_1.3.0_all.deb'), 'old');
  await utimes(join(directory, 'lpbuildbot-worker_1.3.0_all.deb'), 1, 1);
  await writeFile(join(directory, 'lpbuildbot-worker_1.4.0_all.deb'), 'new');
}

async function build(stage: string, environment: Readonly<Record<string, string>> = {}) {
  const { exitCode, all } = await execa(join(spec, 'build'), [], {
    env: {
      MOJO_REPO_DIR: join(root, 'charms'),
      MOJO_BUILD_DIR: join(root, 'build'),
      MOJO_SERIES: 'noble',
      MOJO_STAGE: stage,
      ...environment,
    },
    cwd: root,
    all: true,
    reject: false,
  });
  return { code: exitCode, output: all };
}

const beside = async (): Promise<readonly string[]> => (await readdir(join(root, 'charms/noble'))).toSorted();

test('what is packed comes to where the bundle names it, with a note of the versions, however often', async () => {
  await pack(join(root, 'packed'));
  for (const stage of ['mojo-spec/production', 'production']) {
    const { code, output } = await build(stage, { PACKED: join(root, 'packed') });
    assert.equal(code, 0, output);
  }
  assert.deepEqual(await beside(), [
    'lpbuildbot-master.charm',
    'lpbuildbot-versions.json',
    'lpbuildbot-worker.charm',
    'lpbuildbot-worker.deb',
  ]);
  assert.equal(await readFile(join(root, 'charms/noble/lpbuildbot-worker.deb'), 'utf8'), 'new');
  const versions = JSON.parse(await readFile(join(root, 'charms/noble/lpbuildbot-versions.json'), 'utf8'));
  assert.equal(versions.helpers, '1.4.0');
  assert.equal(versions.master.version, '1.2');
  assert.notEqual(versions.master.digest, versions.worker.digest);
});

test('a branch of packed files is taken as it was collected', async () => {
  await pack(join(root, 'build/lpbuildbot'));
  assert.deepEqual(await build('production'), { code: 0, output: 'master 1.2, worker 1.2, helpers 1.4.0' });
});

test('devel has a git server beside them, which is a charm', async () => {
  await pack(join(root, 'packed'));
  assert.equal((await build('mojo-spec/devel', { PACKED: join(root, 'packed') })).code, 0);
  const charm = await charmAt(join(root, 'charms/noble/lpbuildbot-git-server.charm'));
  assert.equal(charm.charmcraft.name, 'lpbuildbot-git-server');
  assert.deepEqual(Object.keys(charm.charmcraft.options), ['key']);
});

test('what is missing is said', async () => {
  await pack(join(root, 'packed'));
  await rm(join(root, `packed/lpbuildbot-worker_${thisArchitecture}.charm`));
  const { code, output } = await build('production', { PACKED: join(root, 'packed') });
  assert.deepEqual(
    [code, output],
    [1, `build: ${root}/packed has no lpbuildbot-worker_${thisArchitecture}.charm`],
  );
});
