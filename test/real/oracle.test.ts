import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { GitWorld } from '../support/git-world.ts';
import { Oracle } from './oracle.ts';

test('the oracle runs each revision as it is in git, and tells what failed', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const good = await repository.commit('master', { message: 'good', files: { 'check.sh': 'exit 0\n' } });
  const bad = await repository.commit('master', {
    message: 'bad',
    files: { 'check.sh': 'echo "expected 4, got 5"; exit 1\n' },
  });
  const mended = await repository.commit('master', { message: 'mended', files: { 'check.sh': 'exit 0\n' } });
  const oracle = new Oracle(repository);
  const run = (revision: typeof good) => oracle.run(revision, ['sh check.sh']);
  assert.deepEqual(await run(good), { verdict: 'passes', output: '' });
  assert.deepEqual(await run(bad), { verdict: 'fails', output: 'expected 4, got 5\n' });
  assert.deepEqual(await run(mended), { verdict: 'passes', output: '' });
});

test('what one run leaves in its checkout is not there for the next', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const first = await repository.commit('master', 'first');
  const second = await repository.commit('master', 'second');
  const oracle = new Oracle(repository);
  const leaves = ['test ! -e left-over', 'touch left-over'];
  assert.equal((await oracle.run(first, leaves)).verdict, 'passes');
  assert.equal((await oracle.run(second, leaves)).verdict, 'passes');
  const left = (await readdir(world.directory)).filter((name) => name.startsWith('checkout-'));
  assert.deepEqual(left, []);
});

test('every command line must pass', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const revision = await repository.commit('master', 'only');
  const oracle = new Oracle(repository);
  assert.equal((await oracle.run(revision, ['true', 'false'])).verdict, 'fails');
  assert.equal((await oracle.run(revision, ['false', 'true'])).verdict, 'fails');
  assert.equal((await oracle.run(revision, ['true', 'true'])).verdict, 'passes');
});
