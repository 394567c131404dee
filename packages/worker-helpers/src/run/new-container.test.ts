import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '../lxd/index.ts';
import {
  foundConfig,
  loginOf,
  mayBecomeRoot,
  newContainer,
  newPrepared,
  newSpare,
  parseLogin,
  type Wish,
} from './new-container.ts';

const eth0 = { type: 'nic', network: 'lxdbr0', name: 'eth0' };

const prepared: Instance = {
  name: 'lpbuildbot-prepared-abc-998-997',
  status: 'Stopped',
  ephemeral: false,
  config: { 'user.lpbuildbot.login': 'buildbot:/home/buildbot:/bin/bash' },
  devices: {},
  expanded_config: { 'raw.lxc': 'lxc.signal.halt=SIGTERM' },
  expanded_devices: { root: { type: 'disk', path: '/' }, eth0 },
  profiles: ['default'],
  created_at: '',
};

const mapping = { way: 'raw.idmap', ids: { uid: 998, gid: 997 } } as const;

const wish: Wish = {
  owner: 'boot:1:2',
  way: 'raw.idmap' as const,
  binds: [
    { path: '/srv/build', access: 'read-write' },
    { path: '/srv/build/.git', access: 'read-only' },
  ],
  network: {
    kind: 'given',
    nic: { device: 'eth0', network: 'lxdbr0', settings: eth0 },
    address: '10.7.0.9',
    prefix: 24,
    gateway: '10.7.0.1',
  },
};

test('a container is a copy that goes when it stops, with its owner, its directory and its address', () => {
  const container = newContainer(prepared, wish);
  assert.equal(container.ephemeral, true);
  assert.deepEqual(container.source, { type: 'copy', source: prepared.name, instance_only: true });
  assert.equal(container.config['user.lpbuildbot.kind'], 'run');
  assert.equal(container.config['user.lpbuildbot.owner'], 'boot:1:2');
  assert.deepEqual(container.devices?.['lpbuildbot-bind-0'], {
    type: 'disk',
    source: '/srv/build',
    path: '/srv/build',
  });
  assert.deepEqual(container.devices?.['lpbuildbot-bind-1'], {
    type: 'disk',
    source: '/srv/build/.git',
    path: '/srv/build/.git',
    readonly: 'true',
  });
  assert.equal(container.devices?.eth0?.['ipv4.address'], '10.7.0.9');
  const raw = container.config['raw.lxc']?.split('\n') ?? [];
  assert.equal(raw[0], 'lxc.signal.halt=SIGTERM', "the profile's own settings stay");
  assert.ok(raw.includes('lxc.net.0.ipv4.address=10.7.0.9/24'));
  assert.ok(!raw.some((line) => line.startsWith('lxc.hook.')), 'LXC sets the loopback up with the interface');
});

test('a container whose network LXC does not set up gets its loopback from the hook', () => {
  for (const kind of ['none', 'own'] as const) {
    const container = newContainer(prepared, { ...wish, network: { kind } });
    assert.match(
      container.config['raw.lxc'] ?? '',
      /^lxc\.hook\.start=\/usr\/lib\/lpbuildbot\/before-init$/m,
    );
  }
});

test('a spare copy has its address already, and nothing of what only its user knows', () => {
  const spare = newSpare(prepared, 'boot:1:2', wish.network);
  assert.equal(spare.devices?.eth0?.['ipv4.address'], '10.7.0.9');
  assert.deepEqual(Object.keys(spare.devices ?? {}), ['eth0']);
  assert.deepEqual(newSpare(prepared, 'boot:1:2', { kind: 'own' }).devices, {});
  assert.equal(spare.config['user.lpbuildbot.ready'], 'false');
});

test('without a network no device of a profile is left on one', () => {
  const { devices } = newContainer(prepared, { ...wish, binds: [], network: { kind: 'none' } });
  assert.deepEqual(devices, { eth0: { type: 'none' } });
});

test("limits are LXD's", () => {
  const { config } = newContainer(prepared, { ...wish, cpus: 2, memory: '512MiB' });
  assert.deepEqual([config['limits.cpu'], config['limits.memory']], ['2', '512MiB']);
});

test('a privileged default profile makes no privileged container', () => {
  const made = [newContainer(prepared, wish), newPrepared('abc', mapping, 'boot:1:2', {})];
  for (const { config } of made) assert.equal(config['security.privileged'], 'false');
});

test('the owner of the bound directory is the same inside, and a prepared container is for one owner', () => {
  const mapped = newPrepared('0123456789abcdef', mapping, 'boot:1:2', { LANG: 'de_DE' });
  assert.equal(mapped.name, 'lpbuildbot-prepared-0123456789ab-998-997');
  assert.equal(mapped.config['raw.idmap'], 'uid 998 998\ngid 997 997');
  assert.equal(mapped.config['environment.LANG'], 'de_DE');
  const plain = newPrepared('0123456789abcdef', undefined, 'boot:1:2', {});
  assert.equal(plain.name, 'lpbuildbot-prepared-0123456789ab');
  assert.equal(plain.config['raw.idmap'], undefined);
});

test('where LXD shifts the mounts, the container has no id of the machine', () => {
  const shifted = newPrepared('0123456789abcdef', { ...mapping, way: 'shift' }, 'boot:1:2', {});
  assert.equal(shifted.name, 'lpbuildbot-prepared-0123456789ab-s998-997');
  assert.equal(shifted.config['raw.idmap'], undefined);
  const { devices } = newContainer(prepared, { ...wish, way: 'shift' });
  assert.deepEqual(
    Object.entries(devices ?? {}).map(([name, { shift }]) => [name, shift]),
    [
      ['lpbuildbot-bind-0', 'true'],
      ['lpbuildbot-bind-1', 'true'],
      ['eth0', undefined],
    ],
  );
});

test('the user is the one that was found when it was prepared', () => {
  assert.deepEqual(loginOf(prepared), { name: 'buildbot', home: '/home/buildbot', shell: '/bin/bash' });
  assert.equal(parseLogin('buildbot:/home/buildbot'), undefined);
});

test('what the script found out is kept, and what it did not say is not', () => {
  const found = (printed: string) => foundConfig(printed);
  assert.deepEqual(found('buildbot:/home/buildbot:/bin/bash\nroot\n'), {
    'user.lpbuildbot.login': 'buildbot:/home/buildbot:/bin/bash',
    'user.lpbuildbot.rights': 'root',
  });
  for (const odd of ['', 'root\n', 'b:/h:/bin/sh\n', 'b:/h:/bin/sh\nyes\n', 'b:/h:/bin/sh\nuser\nmore\n'])
    assert.equal(found(odd), undefined);
});

test('a build may have been root unless it is known that it cannot', () => {
  const having = (rights?: string): Instance => ({
    ...prepared,
    config: rights === undefined ? {} : { 'user.lpbuildbot.rights': rights },
  });
  assert.equal(mayBecomeRoot(having('root')), true);
  assert.equal(mayBecomeRoot(having()), true);
  assert.equal(mayBecomeRoot(having('user')), false);
});
