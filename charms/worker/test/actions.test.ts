import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event } from '@lpbuildbot/juju/testing';
import { runningUnit, Unit } from './unit.ts';

test('drain finishes the running builds, takes no new ones, and lasts until undrain', async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  machine.startBuild();
  const drained = await unit.action('drain');
  assert.equal(drained.status, 'completed');
  assert.deepEqual(drained.results, { 'running-builds': '1' });
  assert.equal(unit.status, 'maintenance: draining: finishing 1 build');
  machine.endBuilds();
  assert.equal(machine.worker, 'inactive');
  const stays = 'maintenance: drained: takes no builds until the action undrain';
  assert.equal(await unit.hook(), stays);
  machine.reboot();
  assert.equal(await unit.hook(event.start()), stays);
  unit.attachDeb('1.5.0');
  assert.equal(await unit.hook(event.upgradeCharm()), stays);
  unit.masterRotates('second-password');
  assert.equal(await unit.hook(event.configChanged()), stays);
  assert.equal(machine.worker, 'inactive');

  assert.equal((await unit.action('undrain')).status, 'completed');
  assert.equal(machine.worker, 'active');
  assert.equal(unit.status, 'active: focal, jammy; idle; helpers 1.5.0');
});

test('draining twice is draining once', async () => {
  const unit = await runningUnit();
  await unit.action('drain');
  unit.machine.changes.length = 0;
  await unit.action('drain');
  assert.deepEqual(
    unit.machine.changes.filter((line) => !line.startsWith('write /var/lib/lpbuildbot-charm')),
    [],
  );
});

test('create-image makes one, or all, anew when forced', async () => {
  const unit = await runningUnit();
  const one = await unit.action('create-image', { name: 'jammy', force: true });
  assert.deepEqual(one.results, { creating: 'jammy' });
  assert.deepEqual(unit.machine.imagesUnit?.names, ['jammy']);
  assert.equal(unit.machine.imagesUnit?.options, '--force');
  assert.equal(unit.status, 'maintenance: creating image jammy (1 of 1)');

  const another = await unit.action('create-image');
  assert.equal(another.status, 'failed');
  assert.equal(another.message, 'creating image jammy (1 of 1) already: wait for its end');
  unit.machine.makeAllImages();
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');

  assert.deepEqual((await unit.action('create-image')).results, { creating: 'focal, jammy' });
});

test('create-image knows what there is', async () => {
  const unit = await runningUnit();
  const { message, status } = await unit.action('create-image', { name: 'jamy' });
  assert.equal(status, 'failed');
  assert.equal(message, 'there is no recipe for jamy: there are focal, jammy');
  unit.configure({ images: '' });
  await unit.hook(event.configChanged());
  assert.match((await unit.action('create-image')).message, /^there is nothing to make/);
  assert.equal(
    (await unit.action('create-image', { name: 'x' })).message,
    'there is no recipe for x: the setting images is empty',
  );
});

test('an image that failed is made by the action', async () => {
  const unit = await runningUnit();
  unit.machine.unmakable.set('focal', 'no network');
  unit.machine.lxdState?.images.delete('focal');
  await unit.hook();
  unit.machine.makeAllImages();
  assert.match(await unit.hook(), /^blocked: image focal could not be made: no network/);
  unit.machine.unmakable.clear();
  await unit.action('create-image', { name: 'focal' });
  unit.machine.makeAllImages();
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
});

test('the commands for upkeep answer with what they say', async () => {
  const unit = await runningUnit();
  assert.deepEqual((await unit.action('list-images')).results, { images: '["focal","jammy"]' });
  assert.deepEqual((await unit.action('prune-images', { 'dry-run': true })).results, {
    output: 'would delete focal f-old',
  });
  assert.deepEqual(unit.machine.changes, []);
  assert.deepEqual((await unit.action('prune-images')).results, { output: 'deleted focal f-old' });
  assert.deepEqual((await unit.action('clean-containers')).results, { output: 'nothing to clean' });
  assert.deepEqual(unit.machine.changes, ['lpbuildbot-prune-images', 'lpbuildbot-clean-containers']);
});

test('doctor fails when something is wrong, and says what in either case', async () => {
  const unit = await runningUnit();
  const good = await unit.action('doctor');
  assert.equal(good.status, 'completed');
  assert.deepEqual(good.results, { output: 'ok  LXD answers' });
  unit.machine.health = 'bad';
  const bad = await unit.action('doctor');
  assert.equal(bad.status, 'failed');
  assert.equal(bad.message, 'something is wrong with this worker: see the output');
  assert.deepEqual(bad.results, { output: 'bad  the disk is full: make room' });
});

test('upgrade-helpers: nothing to do, and nowhere to upgrade from', async () => {
  const current = await runningUnit('repository');
  assert.deepEqual((await current.action('upgrade-helpers')).results, { from: '1.4.0', to: '1.4.0' });
  current.machine.repository = 'unreachable';
  assert.match((await current.action('upgrade-helpers')).message, /^apt-get update failed/);
  const attached = await runningUnit();
  assert.match(
    (await attached.action('upgrade-helpers')).message,
    /^lpbuildbot-worker comes from the resource/,
  );
  attached.state = { ...attached.state, resources: {} };
  assert.equal(
    (await attached.action('upgrade-helpers')).message,
    'there is nowhere to upgrade from: set package-source and package-key',
  );
});

test('before lpbuildbot-worker is there, every action that needs it says so', async () => {
  for (const name of [
    'create-image',
    'list-images',
    'prune-images',
    'clean-containers',
    'upgrade-helpers',
    'doctor',
  ]) {
    const { status, message } = await new Unit().action(name);
    assert.equal(status, 'failed');
    assert.equal(message, 'lpbuildbot-worker is not installed yet: see the status of the unit', name);
  }
});
