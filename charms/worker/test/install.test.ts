import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event } from '@lpbuildbot/juju/testing';
import { places } from '../src/places.ts';
import { debPath, recipes, runningUnit, Unit } from './unit.ts';

test('a unit goes from an empty machine to its first build, and says at each point what it waits for', async () => {
  const unit = new Unit();
  const { machine } = unit;
  assert.match(
    await unit.hook(event.install()),
    /^blocked: attach the resource worker-deb, or set package-source/,
  );

  unit.attachDeb();
  const { statuses } = await unit.happens(event.upgradeCharm());
  assert.deepEqual(
    statuses.map(({ message }) => message),
    [
      'installing lpbuildbot-worker',
      'installing LXD',
      'setting up LXD',
      'integrate this application with lpbuildbot-master',
    ],
  );
  assert.equal(unit.state.workloadVersion, '1.4.0');

  unit.integrate();
  assert.equal(await unit.hook(event.relationCreated(unit.relation)), "waiting: for the master's address");
  unit.masterSays({
    version: '1',
    address: '192.0.2.1',
    port: '9989',
    ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
    credentials: '{}',
  });
  assert.equal(
    await unit.hook(event.relationChanged(unit.relation, { unit: 'buildbot-master/0' })),
    'waiting: for buildbot-master/0 to give buildbot-worker/0 its credentials',
  );
  unit.masterIsReady();
  unit.masterGrants();
  assert.equal(await unit.hook(), 'active: no images; idle; helpers 1.4.0');
  assert.equal(machine.worker, 'active');

  unit.configure({ images: recipes });
  assert.equal(await unit.hook(event.configChanged()), 'maintenance: creating image focal (1 of 2)');
  machine.makeNextImage();
  assert.equal(await unit.hook(), 'maintenance: creating image jammy (2 of 2)');
  assert.equal(unit.offer.images, '["focal"]', 'an image is offered as soon as it is there');
  machine.makeNextImage();
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
  machine.startBuild();
  assert.equal(await unit.hook(), 'active: focal, jammy; 1 build; helpers 1.4.0');
  machine.startBuild('lpbuildbot-run-2');
  assert.equal(await unit.hook(), 'active: focal, jammy; 2 builds; helpers 1.4.0');
});

test('the master is told what the worker can do, in its own form', async () => {
  const unit = await runningUnit();
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  assert.deepEqual(unit.offer, {
    version: '1',
    images: '["focal","jammy"]',
    capacity: '1',
    arch,
    helpers: '1.4.0',
  });
  unit.configure({ 'max-builds': 3 });
  await unit.hook(event.configChanged());
  assert.equal(unit.offer.capacity, '3');
});

test('LXD is a snap on Ubuntu, with a bridge and a storage of its own', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.routes = `${['Iface', 'Destination', 'Gateway', 'Flags', 'RefCnt', 'Use', 'Metric', 'Mask'].join('\t')}\n${['eth0', '0053C80A', '0', '1', '0', '0', '0', '00FFFFFF', '0'].join('\t')}\n`;
  await unit.hook(event.install());
  const lxd = unit.machine.lxdState;
  assert.equal(lxd?.kind, 'snap');
  assert.deepEqual(
    lxd?.bridges,
    [{ name: 'lxdbr0', address: '10.201.83.1/24' }],
    "not the machine's own 10.200.83",
  );
  assert.deepEqual(lxd?.pools, [{ name: 'default', driver: 'btrfs', size: '50GiB' }]);
  assert.deepEqual(Object.keys(lxd?.devices ?? {}), ['root', 'eth0']);
});

test('LXD is a package on Debian, installed together with the rest', async () => {
  const unit = new Unit();
  unit.attachDeb();
  const { machine } = unit;
  machine.distribution = 'debian';
  machine.installed.delete('snapd');
  for (const name of [
    'lxd',
    'lxd-client',
    'btrfs-progs',
    'dnsmasq-base',
    'iptables',
    'nftables',
    'uidmap',
    'mmdebstrap',
  ]) {
    machine.archive.set(name, '5');
  }
  machine.archive.set('nodejs', '24.1.0-1');
  await unit.hook(event.install());
  assert.equal(machine.lxdState?.kind, 'package');
  assert.equal(
    machine.changes.filter((line) => / install /.test(line)).length,
    1,
    'one call of apt installs all',
  );
});

test('where LXD is there already, it is used as it is', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.lxdState = {
    kind: 'package',
    pools: [{ name: 'fast', driver: 'zfs', size: undefined }],
    bridges: [{ name: 'br7', address: '10.0.0.1/24' }],
    devices: { root: { type: 'disk', pool: 'fast' }, eth0: { type: 'nic', network: 'br7' } },
    images: new Map(),
    instances: [],
    answers: true,
  };
  await unit.hook(event.install());
  assert.deepEqual(unit.machine.lxdState.pools, [{ name: 'fast', driver: 'zfs', size: undefined }]);
  assert.ok(!unit.machine.changes.some((line) => /^(snap|lxd)/.test(line)));
});

test('a snap store that does not answer is told, and asked again', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.snapStore = 'unreachable';
  const message =
    'blocked: LXD could not be installed: error: cannot install "lxd": the store does not answer';
  assert.equal(await unit.hook(event.install()), message);
  unit.machine.snapStore = 'there';
  assert.match(await unit.hook(), /^blocked: integrate/);
});

test('the size of the storage is the operator’s when given', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.configure({ 'lxd-storage-size': '80GiB' });
  await unit.hook(event.install());
  assert.equal(unit.machine.lxdState?.pools[0]?.size, '80GiB');
});

test('where btrfs does not work after all, plain directories do', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.brokenDrivers = ['btrfs'];
  await unit.hook(event.install());
  assert.deepEqual(unit.machine.lxdState?.pools, [{ name: 'default', driver: 'dir', size: undefined }]);
});

test('when LXD cannot be set up, the status says why, and the next hook tries again', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.brokenDrivers = ['btrfs', 'dir'];
  const message = 'blocked: LXD could not be set up: Error: Failed to create the dir pool';
  assert.equal(await unit.hook(event.install()), message);
  unit.machine.brokenDrivers = [];
  assert.match(await unit.hook(), /^blocked: integrate/);
});

test('without a subnet for the bridge a person has to make one', async () => {
  const unit = new Unit();
  unit.attachDeb();
  const line = (to: string, mask: string): string => ['e', to, '0', '1', '0', '0', '0', mask, '0'].join('\t');
  unit.machine.routes = `head\n${line('0000000A', '000000FF')}\n${line('000010AC', '0000F0FF')}\n${line('0000A8C0', '0000FFFF')}\n`;
  assert.match(
    await unit.hook(event.install()),
    /^blocked: no private IPv4 subnet is left for LXD: make a bridge by hand/,
  );
});

test('the one resource is enough where there is no Node.js that is new enough', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.archive.set('nodejs', '18.19.0+dfsg-6');
  await unit.hook(event.install());
  assert.equal(unit.machine.installed.get('lpbuildbot-node')?.version, `0~charm${process.versions.node}`);
  assert.ok(
    ![...unit.machine.files.keys()].some((path) => path.includes('/node/')),
    'what it was made in is gone',
  );
});

test('a charm that carries a newer Node.js brings it to the machine', async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  machine.installed.set('lpbuildbot-node', { version: '0~charm20.0.0', manual: true });
  const memory = machine.files.get(places.memory)?.text ?? '';
  machine.put(places.memory, memory.replace(`0~charm${process.versions.node}`, '0~charm20.0.0'));
  await unit.hook(event.upgradeCharm());
  assert.equal(machine.installed.get('lpbuildbot-node')?.version, `0~charm${process.versions.node}`);
});

test('where apt has a Node.js that is new enough, none is made', async () => {
  const unit = new Unit();
  unit.useRepository();
  unit.attachDeb();
  await unit.hook(event.install());
  assert.ok(!unit.machine.changes.some((line) => line.startsWith('dpkg-deb')));
});

test('another file of the resource is installed, also an older one; the same is not again', async () => {
  const unit = await runningUnit();
  await unit.hook(event.upgradeCharm());
  assert.deepEqual(unit.machine.changes, []);
  unit.attachDeb('1.3.0');
  assert.equal(await unit.hook(event.upgradeCharm()), 'active: focal, jammy; idle; helpers 1.3.0');
  assert.equal(unit.offer.helpers, '1.3.0');
  assert.equal(unit.state.workloadVersion, '1.3.0');
});

test('an empty resource is none', async () => {
  const unit = new Unit();
  unit.machine.put(debPath, '');
  unit.state = { ...unit.state, resources: { 'worker-deb': debPath } };
  assert.match(await unit.hook(event.install()), /^blocked: attach the resource worker-deb/);
});

test('from a repository: the key is for it alone', async () => {
  const unit = new Unit();
  unit.useRepository();
  await unit.hook(event.install());
  assert.equal(
    unit.machine.files.get(places.aptSource)?.text.replace(/^#.*\n/, ''),
    'Types: deb\nURIs: https://apt.example.com/lpbuildbot\nSuites: stable\nComponents: main\nSigned-By: /etc/apt/keyrings/lpbuildbot.asc\n',
  );
  assert.match(unit.machine.files.get(places.aptKey)?.text ?? '', /^-----BEGIN PGP/);
  assert.equal(unit.machine.installed.get('lpbuildbot-worker')?.version, '1.4.0');

  unit.configure({ 'package-source': 'ppa:launchpad/lpbuildbot' });
  await unit.hook(event.configChanged());
  assert.match(
    unit.machine.files.get(places.aptSource)?.text ?? '',
    /^URIs: https:\/\/ppa\.launchpadcontent\.net\/launchpad\/lpbuildbot\/ubuntu\nSuites: noble\nComponents: main$/m,
  );

  unit.configure({ 'package-source': '', 'package-key': '' });
  await unit.hook(event.configChanged());
  assert.ok(!unit.machine.files.has(places.aptSource) && !unit.machine.files.has(places.aptKey));
});

test('a repository that does not answer is told in the setting’s words, and asked again', async () => {
  const unit = new Unit();
  unit.useRepository();
  const { repository } = unit.machine;
  unit.machine.repository = 'unreachable';
  assert.match(
    await unit.hook(event.install()),
    /^blocked: apt-get update failed: Failed to fetch .*404; check package-source and package-key$/,
  );
  unit.machine.repository = repository;
  assert.match(await unit.hook(), /^blocked: integrate/);
});

test('a repository without the package is told', async () => {
  const unit = new Unit();
  unit.useRepository();
  unit.machine.repository = new Map();
  assert.equal(
    await unit.hook(event.install()),
    'blocked: lpbuildbot-worker could not be installed: Unable to locate package lpbuildbot-worker',
  );
});

test('while another program works with apt, the hook waits for it', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.aptLockedUntil = unit.machine.clock + 120_000;
  assert.match(await unit.hook(event.install()), /^blocked: integrate/);
});

test('when it takes too long, the hook ends, and the next one goes on', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.aptLockedUntil = Number.POSITIVE_INFINITY;
  assert.equal(
    await unit.hook(event.install()),
    'waiting: for another program to end its work with apt; tried again in a few minutes',
  );
  unit.machine.aptLockedUntil = 0;
  assert.match(await unit.hook(), /^blocked: integrate/);
});

test('a hook that was killed in the middle of dpkg is made good by the next', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.isDpkgInterrupted = true;
  assert.match(await unit.hook(event.install()), /^blocked: integrate/);
});

test('a machine is one worker: a second unit on it says so', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.put('/var/lib/juju/agents/unit-buildbot-worker-7/agent.conf', '');
  unit.machine.put(places.memory, '{"unit":"buildbot-worker/7"}');
  unit.machine.changes.length = 0;
  assert.equal(
    await unit.hook(event.install()),
    "blocked: this machine is buildbot-worker/7's already: remove one of the two units (a machine can be one worker)",
  );
  assert.deepEqual(unit.machine.changes, []);
  await unit.hook(event.remove());
  assert.deepEqual(unit.machine.changes, [], 'and its removal leaves the first one alone');
});

test('a unit that was removed by force does not keep its machine', async () => {
  const unit = new Unit();
  unit.attachDeb();
  unit.machine.put(places.memory, '{"unit":"buildbot-worker/7"}');
  assert.match(await unit.hook(event.install()), /^blocked: integrate/);
});

test('what the charm remembers may be lost: work is done again, and nothing is broken', async () => {
  const unit = await runningUnit();
  unit.machine.put(places.memory, 'not JSON');
  assert.equal(await unit.hook(), 'active: focal, jammy; idle; helpers 1.4.0');
});
