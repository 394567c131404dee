import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { GitWorld } from './git-world.ts';

test('the same story has the same commit ids in every world', async () => {
  const tell = async (): Promise<string> => {
    await using world = await GitWorld.create();
    const repository = await world.repository('launchpad');
    await repository.commits('master', ['Begin', { message: 'Edit', files: { 'a/b.txt': 'two\nlines\n' } }]);
    await repository.setBranch('db-devel', 'master');
    await repository.commit('db-devel', 'Change the schema');
    return await repository.merge('master', 'db-devel');
  };
  assert.equal(await tell(), await tell());
});

test('a branch grows, merges, goes back, disappears, and remembers every move', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('launchpad');
  const [first, second] = await repository.commits('master', ['One', 'Two']);
  assert.ok(first !== undefined && second !== undefined);
  await repository.setBranch('db-devel', first);
  const schema = await repository.commit('db-devel', {
    message: 'Schema',
    files: { 'schema.sql': 'create\n' },
  });
  const merged = await repository.merge('master', 'db-devel');

  const log = await repository.log('db-devel');
  assert.deepEqual(log[0], {
    sha: merged,
    parents: [schema, second],
    subject: 'Merge master into db-devel',
  });
  assert.equal(await repository.isAncestor(second, 'db-devel'), true);
  assert.equal(await repository.isAncestor(merged, 'master'), false);

  await repository.setBranch('db-devel', first);
  assert.deepEqual(
    (await repository.moves('db-devel')).map((move) => move.to),
    [first, schema, merged, first],
  );
  assert.deepEqual(
    [...(await repository.branches())],
    [
      ['db-devel', first],
      ['master', second],
    ],
  );
  await repository.deleteBranch('db-devel');
  assert.equal(await repository.tip('db-devel'), undefined);
});

test('two people who change one line in different ways have a conflict', async () => {
  await using world = await GitWorld.create();
  const repository = await world.repository('launchpad');
  await repository.commit('master', { message: 'Begin', files: { 'a.txt': 'a\n' } });
  await repository.setBranch('other', 'master');
  await repository.commit('master', { message: 'One way', files: { 'a.txt': 'b\n' } });
  await repository.commit('other', { message: 'Another', files: { 'a.txt': 'c\n' } });
  await assert.rejects(repository.merge('master', 'other'), /a\.txt/);
});

test('a remote refuses, moves meanwhile, or dies after the deed', async () => {
  await using world = await GitWorld.create();
  const remote = await world.repository('launchpad');
  const base = await remote.commit('master', 'Begin');
  const mine = await world.clone(remote, 'mine');
  const next = await mine.commit('master', 'My change');
  const push = (): Promise<string> => mine.git(['push', 'origin', 'master']);

  await remote.refusePushes('The tree is closed');
  await assert.rejects(push(), /The tree is closed/);
  assert.equal(await remote.tip('master'), base);
  await remote.removeHooks();

  const theirs = await remote.commit('elsewhere', 'Their change');
  await remote.moveDuringNextPush('master', theirs);
  await assert.rejects(push(), /failed to update ref|cannot lock ref/);
  assert.equal(await remote.tip('master'), theirs);

  await remote.setBranch('master', base);
  await remote.dieAfterNextPush();
  await assert.rejects(push());
  assert.equal(await remote.tip('master'), next);
});

test('a large repository has the commits and branches that were asked for, and leaves nothing behind', async () => {
  let directory = '';
  {
    await using world = await GitWorld.create();
    directory = world.directory;
    const repository = await world.repository('large');
    await repository.growLarge({ commits: 1_000, branches: 100 });
    assert.equal((await repository.branches()).size, 101);
    assert.equal(await repository.git(['rev-list', '--all', '--count']), '1000');
    assert.equal(await repository.git(['fsck', '--no-dangling']), '');
  }
  assert.equal(existsSync(directory), false);
});
