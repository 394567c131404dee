/** From an empty machine to serving, and every hook after that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, relation } from '@lpbuildbot/juju/testing';
import { MASTER, PROMOTION, places } from '../src/places.ts';
import { data, offer, running, World, workers } from './world.ts';

test('one hook takes an empty machine to serving', async () => {
  const world = new World({ relations: [workers({ 'buildbot-worker/0': offer })] });
  world.machine.connected = ['buildbot-worker-0'];
  const { state, statuses } = await world.run(event.install());

  assert.deepEqual(
    statuses.map(({ message }) => message),
    ['installing packages', 'installing Buildbot', 'starting Buildbot', '1 of 1 worker'],
  );
  assert.equal(state.status.status, 'active');
  assert.equal(state.workloadVersion, '4.3.0');
  assert.deepEqual(
    state.openedPorts.map(({ port }) => port),
    ['8010/tcp', '9989/tcp'],
  );
  assert.equal(world.machine.state(MASTER).active, 'active');
  assert.equal(world.machine.state(MASTER).enabled, 'enabled');
  assert.equal(world.machine.state(PROMOTION).active, 'active');
  assert.ok(world.machine.packages.has('python3-venv'));
});

test('what units execute lies outside of the charm, which an upgrade replaces under them', async () => {
  const world = await running();
  for (const name of [MASTER, PROMOTION]) {
    const unit = world.machine.text(`${places.units}/${name}`);
    assert.doesNotMatch(unit, /\/var\/lib\/juju\/agents/);
    assert.doesNotMatch(unit, /@[A-Z]+@/);
  }
});

const quiet = {
  install: event.install(),
  start: event.start(),
  'config-changed': event.configChanged(),
  'update-status': event.updateStatus(),
  'upgrade-charm': event.upgradeCharm(),
  'leader-elected': event.leaderElected(),
  'storage-attached': event.storageAttached(data),
};
for (const [name, hook] of Object.entries(quiet)) {
  test(`${name} changes nothing on a machine that is as it should be`, async () => {
    const world = await running();
    const before = world.state;
    const after = (await world.run(hook)).state;
    assert.deepEqual(world.changes(), []);
    assert.deepEqual(after, before);
  });
}

test('a quiet hook asks every hook tool once', async () => {
  const website = relation({
    id: 2,
    endpoint: 'website',
    remoteApplication: 'haproxy',
    remoteUnits: { 'haproxy/0': {} },
  });
  const world = await running({ relations: [workers({ 'buildbot-worker/0': offer }), website] });
  const { calls } = await world.run(event.updateStatus());
  const asked = calls.map(({ tool, args }) => [tool, ...args].join(' '));
  assert.deepEqual(asked.toSorted(), [...new Set(asked)].toSorted());
  assert.ok(asked.length <= 16, asked.join('\n'));
});

test('after a reboot systemd has started what was enabled, and the start hook leaves it alone', async () => {
  const world = await running();
  world.machine.reboot();
  assert.equal(await world.status(event.start()), 'active: 1 of 1 worker');
  assert.deepEqual(world.changes(), []);
});

test('an upgrade that changes the charm alone restarts nothing', async () => {
  const world = await running();
  world.machine.unpack(world.state.charmDirectory ?? '', 'two');
  await world.run(event.upgradeCharm());
  const changes = world.changes();
  assert.ok(changes.includes('program charm.mjs'));
  assert.deepEqual(
    changes.filter((change) => /start/.test(change)),
    [],
  );
});

test('an upgrade with another promotion service restarts that, and not Buildbot', async () => {
  const world = await running();
  world.machine.replace(`${world.state.charmDirectory}/lib/promotion.mjs`, 'promotion two');
  await world.run(event.upgradeCharm());
  assert.deepEqual(
    world.changes().filter((change) => /start /.test(change)),
    [`restart ${PROMOTION}`],
  );
});

test('an upgrade with other code for Buildbot restarts Buildbot', async () => {
  const world = await running();
  world.machine.replace(
    `${world.state.charmDirectory}/python/lpbuildbot_master/scheduler.py`,
    'scheduler two',
  );
  await world.run(event.upgradeCharm());
  assert.deepEqual(
    world.changes().filter((change) => /start /.test(change)),
    [`restart ${MASTER}`],
  );
});

test('old programs go once no unit names them', async () => {
  const world = await running();
  const programs = () => [...world.machine.files.keys()].filter((path) => path.endsWith('promotion.mjs'));
  const before = programs();
  world.machine.replace(`${world.state.charmDirectory}/lib/promotion.mjs`, 'promotion two');
  await world.run(event.upgradeCharm());
  const [after] = programs().filter((path) => path.startsWith('/opt'));
  assert.ok(after !== undefined && !before.includes(after));
  assert.equal(programs().filter((path) => path.startsWith('/opt')).length, 1);
});

for (const change of [
  'apt install',
  'useradd lpbuildbot-promotion',
  'python environment',
  'authority',
  'certificate',
  'write /etc/lpbuildbot/master/tls.pem',
  'configure Buildbot',
  'write /etc/systemd/system/buildmaster.service',
  'enable buildmaster.service',
  'start buildmaster.service',
  'write /etc/lpbuildbot/promotion.yaml',
  'start lpbuildbot-promotion.service',
]) {
  test(`an install hook that is cut off at "${change}" is finished by the next one`, async () => {
    const world = new World({ relations: [workers({ 'buildbot-worker/0': offer })] });
    world.machine.connected = ['buildbot-worker-0'];
    world.machine.failing = { change: new RegExp(`^${change}`), error: new Error('power cut') };
    const { end, state } = await world.context.run(event.install(), world.state);
    assert.equal(end.kind, 'failed');
    world.machine.failing = undefined;
    world.state = state;
    assert.equal(await world.status(event.install()), 'active: 1 of 1 worker');
    assert.equal(world.machine.state(MASTER).active, 'active');
    await world.run(event.configChanged());
    world.changes();
    await world.run(event.updateStatus());
    assert.deepEqual(world.changes(), []);
  });
}

test('a full disk is told, and what the hook had told Juju is dropped', async () => {
  const world = await running();
  world.machine.failing = {
    change: /^write .*workers|^reconfigure/,
    error: Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }),
  };
  const { end, statuses } = await world.context.run(event.configChanged(), {
    ...world.state,
    ...world.config({ title: 'another' }),
  });
  assert.equal(end.kind, 'failed');
  assert.match(statuses.at(-1)?.message ?? '', /no space left on the disk/);
});

test('removal leaves nothing but the storage', async () => {
  const world = await running();
  const before = [...world.machine.files.keys()].filter((path) => path.startsWith('/srv/buildbot'));
  await world.run(event.storageDetaching(data));
  assert.equal(world.machine.state(MASTER).active, 'inactive');
  assert.equal(world.state.status?.message, 'stopped: the storage is being detached');
  await world.run(event.stop());
  await world.run(event.remove());
  const left = [...world.machine.files.keys()].filter((path) => !/^\/(var\/lib\/juju|usr\/bin)\//.test(path));
  assert.deepEqual(left.toSorted(), before.toSorted());
  assert.deepEqual([...world.machine.users], []);
});
