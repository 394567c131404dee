/** How commits reach the master when something is in the way: bad transports, remotes that go, strange commits, kills. */
import assert from 'node:assert/strict';
import { access, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorld, pipelineOf, type World } from './world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }]));
  await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(() => world.destroy());

test('a remote that is away is read again once it is back', async () => {
  const since = (await world.log()).length;
  await rename(world.repository, `${world.repository}.away`);
  await world.logged(`${world.repository} cannot be read, every poll tries again`, since);
  await rename(`${world.repository}.away`, world.repository);
  await world.logged(`${world.repository} can be read again`, since);
  const revision = await world.commit('master', 'back again');
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('commits that no sane program writes are built as well', async () => {
  const tree = await world.git('rev-parse', 'HEAD^{tree}');
  const parent = await world.git('rev-parse', 'HEAD');
  const raw = Buffer.concat([
    Buffer.from(`tree ${tree}\nparent ${parent}\nauthor A\u001f <> 99999999999 +0000\n`),
    Buffer.from('committer  <x> 99999999999 -9999\nencoding latin1\n\n'),
    Buffer.from([0xff, 0xfe, 0x0a, 0x1f, 0x01, 0x0a]),
  ]);
  const file = join(world.directory, 'raw-commit');
  await writeFile(file, raw);
  const revision = await world.git('hash-object', '-t', 'commit', '-w', '--literally', file);
  await world.git('push', '--quiet', 'origin', `${revision}:refs/heads/master`);
  assert.equal((await world.built('devel', revision)).result, 'green');
  await world.git('reset', '--quiet', '--hard', revision);
  const empty = await world.git('commit-tree', tree, '-p', revision, '-m', '');
  await world.git('push', '--quiet', 'origin', `${empty}:refs/heads/master`);
  assert.equal((await world.built('devel', empty)).result, 'green');
  await world.git('reset', '--quiet', '--hard', empty);
});

test('what a killed git leaves behind, on the master or on the worker, stops nobody for long', async () => {
  const [copy] = (await readdir(world.masterDirectory)).filter((name) => name.startsWith('poller-'));
  assert.ok(copy);
  await writeFile(join(world.masterDirectory, copy, 'refs/lpbuildbot/master.lock'), '');
  await writeFile(join(world.directory, 'worker-one/devel/build/.git/index.lock'), '');
  const revision = await world.commit('master', 'between locks');
  assert.equal((await world.built('devel', revision)).result, 'green');
  await writeFile(join(world.masterDirectory, copy, 'HEAD'), 'garbage');
  const next = await world.commit('master', 'after the garbage');
  assert.equal((await world.built('devel', next)).result, 'green');
});

test('a second project on the same branch builds its tip without waiting for the next commit', async () => {
  const tip = await world.git('rev-parse', 'HEAD');
  const projects = [
    pipelineOf(world.repository, [{ name: 'devel', branch: 'master' }]),
    pipelineOf(world.repository, [{ name: 'other', branch: 'master' }], { name: 'second' }),
  ];
  const configuration = world.configuration([]);
  await world.configure({ ...configuration, pipeline: { format: 1, projects } });
  assert.equal((await world.built('other', tip)).result, 'green');
  const next = await world.commit('master', 'for both');
  assert.equal((await world.built('devel', next)).result, 'green');
  assert.equal((await world.built('other', next)).result, 'green');
});

test('a transport that runs commands is refused by the master and by the worker', async () => {
  const mark = join(world.directory, 'pwned');
  const since = (await world.log()).length;
  // With `://`, or Buildbot takes the colons for an address of ssh's and never gets as far as git.
  const evil = pipelineOf(`ext::touch ${mark} ://`, [{ name: 'devel', branch: 'master' }]);
  const configuration = world.configuration([]);
  await world.configure({ ...configuration, pipeline: { format: 1, projects: [evil] } });
  await world.logged("transport 'ext' not allowed", since);
  await world.force('master', { reason: 'to see what the worker does' });
  // The worker tries four times, with a pause between; one is enough to see.
  const tried = /RemoteShellCommand .*'clone'.*ext::touch.* rc=128/;
  await world.until('the worker tried', async () => tried.test((await world.log()).slice(since)));
  await assert.rejects(access(mark));
});

test('a master that is killed at any instant builds the last commit all the same', async () => {
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }]));
  let last = '';
  for (let round = 0; round < 4; round++) {
    const pushes = (async () => {
      for (let push = 0; push < 3; push++)
        last = await world.commit('master', `round ${round}, push ${push}`);
    })();
    await sleep(Math.random() * 1500);
    await Promise.all([pushes, world.restart('kill')]);
  }
  assert.equal((await world.built('devel', last)).result, 'green');
});
