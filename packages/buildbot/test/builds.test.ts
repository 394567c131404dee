/** A commit becomes a build: the tip at first sight, every push after it, and what may happen to a branch in between. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(
    world.configuration([
      { name: 'devel', branch: 'master' },
      { name: 'side', branch: 'side/branch' },
    ]),
  );
  await world.start();
  await world.work();
});
after(() => world.destroy());

test('the tip of a branch is built at first sight', async () => {
  const tip = await world.git('rev-parse', 'master');
  const build = await world.built('devel', tip);
  assert.equal(build.result, 'green');
  assert.deepEqual(await world.changesOf(build), ['the first commit']);
});

test('a push of several commits is built once, at its tip, and shows them all', async () => {
  await world.git('commit', '--quiet', '--allow-empty', '--message=two');
  await world.git(
    'commit',
    '--quiet',
    '--allow-empty',
    '--message=three\n\nwith a body, ümlauts\nand "quotes"',
  );
  const tip = await world.commit('master', 'four', 'echo broken; exit 1');
  const build = await world.built('devel', tip);
  assert.equal(build.result, 'red');
  assert.equal(build.number, 2);
  assert.deepEqual((await world.changesOf(build)).slice(-3), [
    'two',
    'three\n\nwith a body, ümlauts\nand "quotes"',
    'four',
  ]);
});

test('a branch that was missing is built as soon as it is there', async () => {
  assert.deepEqual(await world.builds('side'), []);
  const tip = await world.commit('side/branch', 'the branch appears');
  const build = await world.built('side', tip);
  assert.deepEqual(await world.changesOf(build), ['the branch appears']);
});

test('rewritten history is built at its new tip', async () => {
  await world.git('reset', '--quiet', '--hard', 'HEAD~2');
  const rewritten = await world.commit('side/branch', 'another past');
  assert.equal((await world.built('side', rewritten)).result, 'green');
  await world.git('reset', '--quiet', '--hard', 'HEAD~1');
  const older = await world.git('rev-parse', 'HEAD');
  await world.git('push', '--quiet', '--force', 'origin', 'HEAD:side/branch');
  assert.equal((await world.built('side', older)).revision, older);
});

test('a branch that was deleted and made again is built at its new tip, and the others never stopped', async () => {
  await world.git('push', '--quiet', 'origin', ':side/branch');
  const meanwhile = await world.commit('master', 'while the other branch is away');
  await world.built('devel', meanwhile);
  const again = await world.commit('side/branch', 'the branch is back');
  assert.equal((await world.built('side', again)).result, 'green');
});
