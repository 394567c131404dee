/** What becomes of builds when LXD itself fails: killed, restarted, or without space. Tried on an LXD of the test's own. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { OwnLxd } from './run-own-lxd.ts';
import { IMAGE, RunWorld, until } from './run-world.ts';

let lxd: OwnLxd;
let world: RunWorld;

before(async () => {
  {
    await using machine = await RunWorld.open();
    await machine.ensureImage();
  }
  lxd = await OwnLxd.start('2GiB');
  await lxd.take(IMAGE);
  world = await RunWorld.open(lxd.env);
});
after(async () => {
  await world?.[Symbol.asyncDispose]();
  await lxd?.[Symbol.asyncDispose]();
});

it('runs on the LXD that the environment names', async () => {
  const { code, out, err } = await world.sh('echo up');
  assert.deepEqual([code, out], [0, 'up\n'], err);
});

it('says that nobody knows how the command ended when LXD was killed meanwhile, and clears away once it is back', async () => {
  const program = world.start(['sh', '-c', 'echo up; sleep 1000']);
  await program.says(/up/);
  await lxd.kill();
  await lxd.startAgain();
  const { code, err } = await program.ended;
  assert.equal(code, 125, err);
  assert.match(err, /how it ended is not known/);
  assert.deepEqual(await world.containers(), []);
});

it('waits for an LXD that is just being restarted, and then runs the command', async () => {
  await lxd.kill();
  const program = world.start(['echo', 'up']);
  await until(() => program.err.includes('waiting'), 'it waits');
  await lxd.startAgain();
  const { code, out } = await program.ended;
  assert.deepEqual([code, out], [0, 'up\n']);
  assert.deepEqual(await world.containers(), []);
});

it('begins again when LXD is killed while the container is made', async () => {
  const program = world.start(['echo', 'up']);
  await until(async () => (await world.containers()).length > 0, 'it is being made');
  await lxd.kill();
  await lxd.startAgain();
  const { code, out, err } = await program.ended;
  // The command itself may have begun by then; what it must not do is run twice or stay.
  if (code === 125) assert.match(err, /how it ended is not known/);
  else assert.deepEqual([code, out], [0, 'up\n'], err);
  assert.deepEqual(await world.containers(), []);
});

it('leaves no mount behind for a container that was removed while LXD was killed', async () => {
  await world.command('lpbuildbot-clean-containers');
  const { code, out } = await world.command('lpbuildbot-clean-containers');
  assert.deepEqual([code, out], [0, 'nothing to remove\n']);
});

it('lets a full storage be full for others only as long as the build that fills it, and tells them so', async () => {
  // The pool is filled by a build, as it happens.
  const filling = world.start([
    'sh',
    '-c',
    'dd if=/dev/urandom of=/tmp/full bs=1M 2>/dev/null; echo full; sleep 1000',
  ]);
  await filling.says(/full/);
  const { code, err } = await world.sh('true');
  filling.process.kill('SIGTERM');
  await filling.ended;
  // A snapshot needs next to nothing, so that mostly there is room for it even now.
  if (code !== 0) {
    assert.equal(code, 125);
    assert.match(err, /storage is full .*lpbuildbot-prune-images/);
  }
  assert.equal((await world.sh('true')).code, 0, 'and all is well once there is space again');
});
