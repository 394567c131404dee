/** The testfix rule in a real master: what waits while a branch is red, and what ends the wait. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type Build, createWorld, type World, worker } from './world.ts';

const BUILDERS = [{ name: 'devel', branch: 'master' }];
const GREEN = 'true';
const RED = 'echo broken; exit 1';

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(world.configuration(BUILDERS, { testfix: true }));
  await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(() => world.destroy());

/** Makes the branch red, and gives the build that did. */
async function turnRed(): Promise<Build> {
  // Built whatever the branch was before, so that every story stands alone.
  const broken = await world.commit('master', 'break it [testfix]', RED);
  const build = await world.built('devel', broken);
  assert.equal(build.result, 'red');
  return build;
}

/** Commits something that has to wait, and is back once the scheduler has said that it waits. */
async function commitThatWaits(message: string, script = GREEN): Promise<string> {
  const before = await world.builds('devel');
  const since = (await world.log()).length;
  const revision = await world.commit('master', message, script);
  await world.logged('waiting for a [testfix] commit or a forced green build', since);
  assert.deepEqual(await world.builds('devel'), before);
  assert.deepEqual(await pending(), []);
  return revision;
}

async function pending(): Promise<number[]> {
  const schema = z.object({ buildrequests: z.array(z.object({ buildrequestid: z.number() })) });
  const found = schema.parse(await world.api('buildrequests?complete=false'));
  return found.buildrequests.map((request) => request.buildrequestid);
}

test('on a red branch a plain commit waits, and a [testfix] commit builds everything that waited', async () => {
  await turnRed();
  await commitThatWaits('first plain commit');
  const mended = await world.commit('master', 'mend it [testfix]', GREEN);
  const build = await world.built('devel', mended);
  assert.equal(build.result, 'green');
  assert.deepEqual((await world.changesOf(build)).slice(-3), [
    'break it [testfix]',
    'first plain commit',
    'mend it [testfix]',
  ]);
  const next = await world.commit('master', 'work goes on', GREEN);
  assert.equal((await world.built('devel', next)).number, build.number + 1);
});

test('a [testfix] that fails leaves the branch red', async () => {
  await turnRed();
  const tried = await world.commit('master', 'not yet mended [testfix]', RED);
  assert.equal((await world.built('devel', tried)).result, 'red');
  await commitThatWaits('second plain commit');
  const mended = await world.commit('master', 'mended [TestFix]', GREEN);
  assert.equal((await world.built('devel', mended)).result, 'green');
});

test('a forced green build ends it, and what waited is built', async () => {
  const green = (await world.builds('devel')).findLast((build) => build.result === 'green');
  await turnRed();
  const waiting = await commitThatWaits('third plain commit');
  const forced = await world.force('master', {
    reason: 'was it the weather?',
    revision: green?.revision ?? '',
  });
  assert.equal(forced.status, 200);
  const build = await world.built('devel', waiting);
  const builds = await world.builds('devel');
  assert.deepEqual(
    builds.slice(-2).map((each) => [each.revision, each.result]),
    [
      [green?.revision, 'green'],
      [waiting, 'green'],
    ],
  );
  assert.ok((await world.changesOf(build)).includes('third plain commit'));
});

test('what comes during a build that turns red waits too', async () => {
  const gate = `${world.directory}/gate`;
  const slow = await world.commit(
    'master',
    'slow and broken',
    `until test -e ${gate}; do sleep 0.05; done; exit 1`,
  );
  await world.until('the build runs', async () =>
    (await world.builds('devel')).some((build) => build.result === 'running'),
  );
  const since = (await world.log()).length;
  const early = await world.commit('master', 'too early', GREEN);
  await world.logged('demo/master: 1 change waiting for the build that is running', since);
  await writeFile(gate, '');
  assert.equal((await world.built('devel', slow)).result, 'red');
  await world.logged('waiting for a [testfix] commit or a forced green build', since);
  const mended = await world.commit('master', 'mended again [testfix]', GREEN);
  await world.built('devel', mended);
  assert.equal(
    (await world.builds('devel')).some((build) => build.revision === early),
    false,
  );
});

test('a reconfiguration, a restart and kill -9 keep what waits', async () => {
  await turnRed();
  await commitThatWaits('patience');
  const more = { testfix: true, workers: [worker('one'), worker('two')] };
  assert.deepEqual(await world.configure(world.configuration(BUILDERS, more)), {
    kind: 'applied',
    restart: 'not-needed',
  });
  await world.restart('now');
  await world.restart('kill');
  assert.deepEqual(await pending(), []);
  const mended = await world.commit('master', 'mended after all [testfix]', GREEN);
  const build = await world.built('devel', mended);
  assert.deepEqual((await world.changesOf(build)).slice(-3), [
    'break it [testfix]',
    'patience',
    'mended after all [testfix]',
  ]);
});

test('when the red builder goes, what waited is built by the one that came', async () => {
  await turnRed();
  const waiting = await commitThatWaits('for whoever comes');
  await world.configure(world.configuration([{ name: 'renamed', branch: 'master' }], { testfix: true }));
  assert.equal((await world.built('renamed', waiting)).result, 'green');
});

test('a builder that joins later builds what the branch has', async () => {
  const tip = await world.git('rev-parse', 'HEAD');
  const two = [
    { name: 'renamed', branch: 'master' },
    { name: 'late', branch: 'master' },
  ];
  await world.configure(world.configuration(two, { testfix: true }));
  assert.equal((await world.built('late', tip)).result, 'green');
  assert.equal((await world.builds('renamed')).length, 1);
});
