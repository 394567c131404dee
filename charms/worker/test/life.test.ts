import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event } from '@lpbuildbot/juju/testing';
import { places } from '../src/places.ts';
import { workerSettingsPath } from './fake-paths.ts';
import { recipes, runningUnit, Unit } from './unit.ts';

const broken = 'imges: {}\n';

test('a unit that has everything changes nothing, whatever the event', async () => {
  const unit = await runningUnit();
  const workers = unit.relation;
  const events = [
    event.install(),
    event.start(),
    event.configChanged(),
    event.leaderElected(),
    event.updateStatus(),
    event.upgradeCharm(),
    event.relationCreated(workers),
    event.relationJoined(workers, { unit: 'buildbot-master/0' }),
    event.relationChanged(workers, { unit: 'buildbot-master/0' }),
    event.relationChanged(workers),
    event.other('pre-series-upgrade'),
  ];
  for (const what of events) {
    for (const time of ['first', 'second']) {
      const databag = unit.offer;
      assert.equal(await unit.hook(what), 'active: focal, jammy; idle; helpers 1.4.0', time);
      assert.deepEqual(unit.offer, databag);
      assert.deepEqual(unit.machine.changes, [], `${'hook' in what ? what.hook : ''}, ${time} time`);
    }
  }
});

test('update-status asks Juju for each thing once', async () => {
  const unit = await runningUnit();
  const { calls } = await unit.happens(event.updateStatus());
  const asked = calls.map(({ tool, args }) => [tool, ...args].join(' '));
  assert.deepEqual(asked, [...new Set(asked)]);
  assert.deepEqual(calls.map(({ tool }) => tool).toSorted(), [
    'config-get',
    'relation-get',
    'relation-get',
    'relation-ids',
    'relation-list',
    'resource-get',
    'secret-get',
    'status-set',
  ]);
});

test('the password goes by a file of root’s alone, which is gone afterwards, and into no log', async () => {
  const unit = await runningUnit();
  unit.masterRotates('second-password');
  const { calls, log } = await unit.happens(event.updateStatus());
  assert.match(unit.machine.files.get(workerSettingsPath)?.text ?? '', /second-password/);
  const seen = [
    ...unit.machine.changes,
    ...calls.map(({ args }) => args.join(' ')),
    ...log.map(({ message }) => message),
    unit.machine.files.get(places.memory)?.text ?? '',
  ].join('\n');
  assert.doesNotMatch(seen, /-password\b(?!-file| )/);
  assert.ok(![...unit.machine.files.keys()].some((path) => path.startsWith(`${places.run}/`)));
});

test('a new password is taken with the next hook, and running builds end on the old connection', async () => {
  const unit = await runningUnit();
  unit.machine.startBuild();
  unit.masterRotates('second-password');
  assert.equal(await unit.hook(), 'active: focal, jammy; 1 build; helpers 1.4.0');
  assert.equal(unit.machine.builds(), 1);
  assert.ok(unit.machine.isDraining, 'the worker starts anew once its build is done');
  unit.machine.endBuilds();
  assert.equal(unit.machine.worker, 'active');
});

test('a secret that is not granted any more is waited for; the worker goes on with what it has', async () => {
  const unit = await runningUnit();
  unit.state = {
    ...unit.state,
    secrets: (unit.state.secrets ?? []).map((one) => ({ ...one, access: 'denied' })),
  };
  assert.equal(await unit.hook(), 'waiting: for buildbot-master/0 to give buildbot-worker/0 its credentials');
  assert.equal(unit.machine.worker, 'active');
});

test('a master of another version is told, and the worker goes on', async () => {
  const unit = await runningUnit();
  unit.masterSays({ version: '2' });
  assert.match(
    await unit.hook(event.relationChanged(unit.relation, { unit: 'buildbot-master/0' })),
    /^blocked: buildbot-master\/0 says what this charm does not understand \(version: .*\): upgrade both charms$/,
  );
  assert.equal(unit.machine.worker, 'active');
  unit.masterGrants('p', 'not a name');
  unit.masterSays({ version: '1' });
  assert.match(
    await unit.hook(),
    /^blocked: buildbot-master\/0 says what this charm does not understand \(its credentials/,
  );
});

test('a master that moves is followed', async () => {
  const unit = await runningUnit();
  unit.masterSays({ address: '2001:db8::7' });
  await unit.hook(event.relationChanged(unit.relation, { unit: 'buildbot-master/0' }));
  assert.match(
    unit.machine.files.get(workerSettingsPath)?.text ?? '',
    /^\[2001:db8::7\]:9989 buildbot-worker-0 /,
  );
});

test('without its master the worker finishes its builds and goes; with a new one it is back', async () => {
  const unit = await runningUnit();
  unit.machine.startBuild();
  assert.equal(
    await unit.hook(event.relationBroken(unit.relation)),
    'blocked: integrate this application with lpbuildbot-master',
  );
  assert.equal(unit.machine.builds(), 1, 'its build goes on');
  unit.machine.endBuilds();
  assert.equal(unit.machine.worker, 'inactive');
  unit.relationEnds();
  unit.machine.changes.length = 0;
  await unit.hook();
  assert.deepEqual(unit.machine.changes, []);
  unit.integrate();
  unit.masterIsReady();
  unit.masterGrants();
  await unit.hook(event.relationChanged(unit.relation, { unit: 'buildbot-master/0' }));
  assert.equal(unit.machine.worker, 'active');
});

test('wrong settings are told one and counted, what runs goes on, and right ones heal it', async () => {
  const unit = await runningUnit();
  const before = unit.offer;
  unit.configure({ 'max-builds': 0, upgrade: 'never', 'image-refresh': 'weekly' });
  assert.equal(
    await unit.hook(event.configChanged()),
    'blocked: setting max-builds: write a number from 1 to 1000 (and 2 more)',
  );
  assert.deepEqual(unit.offer, before, 'the master knows what it knew');
  unit.masterRotates('second-password');
  await unit.hook();
  assert.match(
    unit.machine.files.get(workerSettingsPath)?.text ?? '',
    /second-password/,
    'passwords are followed all the same',
  );
  unit.configure({ 'max-builds': 2, upgrade: 'auto', 'image-refresh': '2d' });
  assert.equal(await unit.hook(event.configChanged()), 'active: focal, jammy; idle; helpers 1.4.0');
  assert.equal(unit.offer.capacity, '2');
});

test('recipes with a mistake are refused, those that were there stay, and good ones heal it', async () => {
  const unit = await runningUnit();
  unit.configure({ images: broken });
  const message = 'blocked: setting images: line 1:1: found an unknown key; write images';
  assert.equal(await unit.hook(event.configChanged()), message);
  assert.equal(unit.machine.files.get(places.recipes)?.text, recipes);
  unit.machine.changes.length = 0;
  assert.equal(await unit.hook(), message);
  assert.deepEqual(unit.machine.changes, [], 'the same mistake is not tried again');
  unit.configure({ images: recipes });
  assert.equal(await unit.hook(event.configChanged()), 'active: focal, jammy; idle; helpers 1.4.0');
});

test('refused recipes are tried again with another version of the commands', async () => {
  const unit = await runningUnit();
  unit.configure({ images: broken });
  await unit.hook(event.configChanged());
  unit.machine.changes.length = 0;
  unit.attachDeb('1.5.0');
  assert.match(await unit.hook(event.upgradeCharm()), /^blocked: setting images/);
  assert.ok(unit.machine.changes.some((line) => line.includes('/recipes/juju.yaml')));
});

test('a changed recipe is made; without recipes the file goes and the images stay', async () => {
  const unit = await runningUnit();
  unit.configure({ images: `${recipes}  noble: { base: "ubuntu:24.04" }\n` });
  assert.equal(await unit.hook(event.configChanged()), 'maintenance: creating image focal (1 of 3)');
  unit.machine.makeAllImages();
  assert.equal(await unit.hook(), 'active: focal, jammy, noble; idle; helpers 1.4.0');
  unit.configure({ images: '' });
  assert.equal(await unit.hook(event.configChanged()), 'active: focal, jammy, noble; idle; helpers 1.4.0');
  assert.ok(!unit.machine.files.has(places.recipes));
});

test('an image that cannot be made is told with the reason, the others are offered, and it is tried again later', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.configure({ images: recipes });
  unit.machine.unmakable.set('jammy', 'no network in the container');
  await unit.hook(event.install());
  unit.integrate();
  unit.masterIsReady();
  unit.masterGrants();
  await unit.hook();
  unit.machine.makeAllImages();
  assert.equal(
    await unit.hook(),
    'blocked: image jammy could not be made: no network in the container; tried again within the hour, or by the action create-image',
  );
  assert.equal(unit.offer.images, '["focal"]');
  assert.equal(unit.machine.imagesUnit, undefined, 'not again at once');
  unit.machine.clock += 3_600_000;
  unit.machine.unmakable.clear();
  assert.equal(await unit.hook(), 'maintenance: creating image focal (1 of 2)');
  unit.machine.makeAllImages();
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
});

test('an image that somebody deleted is made again', async () => {
  const unit = await runningUnit();
  unit.machine.lxdState?.images.delete('focal');
  assert.match(await unit.hook(), /^maintenance: creating image/);
});

test('a reboot in the middle of making images begins them again', async () => {
  const unit = await runningUnit();
  unit.configure({ images: `${recipes}  noble: { base: "ubuntu:24.04" }\n` });
  await unit.hook(event.configChanged());
  unit.machine.reboot();
  assert.equal(await unit.hook(event.start()), 'maintenance: creating image focal (1 of 3)');
});

test('the background job gets the names, the unit to tell, and nothing else', async () => {
  const unit = await runningUnit();
  unit.machine.lxdState?.images.delete('focal');
  await unit.hook();
  const job = unit.machine.imagesUnit;
  assert.equal(job?.unit, 'buildbot-worker/0');
  assert.deepEqual(job?.names, ['focal', 'jammy']);
  assert.equal(job?.options, '');
});

test('how often images are refreshed is the operator’s', async () => {
  const unit = await runningUnit();
  assert.match(unit.machine.files.get(places.refresh)?.text ?? '', /--all --max-age 7d\n/);
  unit.configure({ 'image-refresh': '12h' });
  await unit.hook(event.configChanged());
  assert.match(unit.machine.files.get(places.refresh)?.text ?? '', /--all --max-age 12h\n/);
  assert.ok(unit.machine.changes.includes('systemctl daemon-reload'));
  unit.configure({ 'image-refresh': 'never' });
  await unit.hook(event.configChanged());
  assert.match(unit.machine.files.get(places.refresh)?.text ?? '', /ConditionPathExists=!\//);
});

test('an LXD that does not answer is told; the master keeps what it knew', async () => {
  const unit = await runningUnit();
  const { lxdState } = unit.machine;
  assert.ok(lxdState !== undefined);
  lxdState.answers = false;
  const before = unit.offer;
  assert.equal(
    await unit.hook(),
    'blocked: LXD does not answer (connect ECONNREFUSED): look at its log on the machine',
  );
  assert.deepEqual(unit.offer, before);
  assert.deepEqual(unit.machine.changes, []);
});

test('a worker that somebody stopped is started', async () => {
  const unit = await runningUnit();
  unit.machine.worker = 'inactive';
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
  assert.equal(unit.machine.worker, 'active');
});

test('a worker that does not stay up is told', async () => {
  const unit = await runningUnit();
  unit.machine.worker = 'failed';
  unit.machine.isWorkerBroken = true;
  assert.equal(
    await unit.hook(),
    'blocked: buildslave.service does not stay up: see journalctl -u buildslave, and the action doctor',
  );
  unit.machine.isWorkerBroken = false;
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
});

test('upgrade=auto: a newer version in the repository is installed within hours, and no build is lost', async () => {
  const unit = await runningUnit('repository');
  unit.machine.repository = new Map([['lpbuildbot-worker', '1.5.0']]);
  await unit.hook();
  assert.equal(
    unit.machine.installed.get('lpbuildbot-worker')?.version,
    '1.4.0',
    'the repository is not asked every few minutes',
  );
  unit.machine.startBuild();
  unit.machine.clock += 6 * 3_600_000;
  const { statuses } = await unit.happens(event.updateStatus());
  assert.deepEqual(
    statuses.map(({ message }) => message),
    ['upgrading the helpers to 1.5.0', 'focal, jammy; 1 build; helpers 1.5.0'],
  );
  assert.equal(unit.machine.builds(), 1);
  assert.ok(unit.machine.isDraining, 'the running worker was asked to finish first');
  unit.machine.endBuilds();
  assert.equal(unit.machine.worker, 'active');
  assert.equal(unit.offer.helpers, '1.5.0');
});

test('upgrade=manual: a pending upgrade is shown, and installed by the action', async () => {
  const unit = await runningUnit('repository');
  unit.configure({ upgrade: 'manual' });
  unit.machine.repository = new Map([['lpbuildbot-worker', '1.5.0']]);
  unit.machine.clock += 6 * 3_600_000;
  assert.equal(
    await unit.hook(),
    'active: focal, jammy; idle; helpers 1.4.0 (1.5.0 is there: run upgrade-helpers)',
  );
  assert.deepEqual((await unit.action('upgrade-helpers')).results, { from: '1.4.0', to: '1.5.0' });
  assert.equal(unit.status, 'active: focal, jammy; idle; helpers 1.5.0');
});

test('an upgrade that fails is told, the old version stays, and it is tried again', async () => {
  const unit = await runningUnit('repository');
  unit.machine.repository = new Map([['lpbuildbot-worker', '1.5.0']]);
  unit.machine.clock += 6 * 3_600_000;
  unit.machine.aptLockedUntil = unit.machine.clock + 2 * 3_600_000;
  assert.match(await unit.hook(), /^waiting: for another program to end its work with apt/);
  assert.equal(unit.machine.worker, 'active');
  unit.machine.aptLockedUntil = 0;
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.5.0');
});
