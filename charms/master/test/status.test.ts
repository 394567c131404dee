/** Every sentence of the status, as an operator meets it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, relation } from '@lpbuildbot/juju/testing';
import { MASTER, PROMOTION, places } from '../src/places.ts';
import { check } from '../src/tasks/check.ts';
import { data, offer, pair, running, World, workers } from './world.ts';

const MINUTE = 60_000;

test('two branches that moved, one conflict', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': offer, 'buildbot-worker/1': offer })],
  });
  world.machine.connected = ['buildbot-worker-0', 'buildbot-worker-1'];
  const now = world.machine.time;
  world.machine.pairs = [
    pair('up-to-date', { lastMove: { at: now - 4 * MINUTE } }),
    pair('waiting', {
      pair: { id: 'demo: db-devel -> db-stable', kind: 'promotion', to: 'db-stable' },
      lastMove: { at: now - 120 * MINUTE },
    }),
    pair('conflict', { pair: { id: 'demo: stable -> db-devel', kind: 'merge', to: 'db-devel' } }),
  ];
  assert.equal(await world.status(), 'active: 2 of 2 workers; stable 4 min, db-stable 2 h; 1 conflict');
});

const pairs: readonly { readonly pairs: readonly object[]; readonly told: string }[] = [
  { pairs: [pair('waiting')], told: 'stable not yet' },
  { pairs: [pair('waiting', { lastMove: { at: 0 } })], told: 'stable 20454 d' },
  { pairs: [pair('diverged')], told: 'stable not yet; 1 diverged' },
  { pairs: [pair('missing')], told: 'stable not yet; 1 missing' },
  { pairs: [pair('conflict'), pair('conflict')], told: 'stable not yet, stable not yet; 2 conflicts' },
  { pairs: [pair('unrelated')], told: 'stable not yet; 1 unrelated' },
  { pairs: [pair('move', { refusal: {} })], told: 'stable not yet; 1 refused' },
  { pairs: [pair('up-to-date', { refusal: {} })], told: 'stable not yet' },
  { pairs: [pair('waiting', { trouble: {} })], told: 'stable not yet; 1 unreachable' },
  { pairs: [pair('held', { hold: {} })], told: 'stable not yet; 1 held' },
  {
    pairs: Array.from({ length: 6 }, () => pair('waiting')),
    told: 'stable not yet, stable not yet, stable not yet, stable not yet, 2 more',
  },
];
for (const { pairs: given, told } of pairs) {
  test(`the branches: ${told}`, async () => {
    const world = await running();
    world.machine.pairs = given;
    assert.equal(await world.status(), `active: 1 of 1 worker; ${told}`);
  });
}

test('no relation with workers', async () => {
  const world = await running({ relations: [] });
  assert.equal(
    await world.status(),
    'blocked: no workers; run juju integrate buildbot-master:workers lpbuildbot-worker',
  );
});

test('workers that have not said what they can do', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': {}, 'buildbot-worker/1': {} })],
  });
  assert.equal(await world.status(), 'waiting: no worker is ready yet; 0 of 2 workers');
});

test('workers that are ready and not yet connected', async () => {
  const world = await running();
  world.machine.connected = [];
  assert.equal(await world.status(), 'active: 0 of 1 worker');
});

test('an image that no worker has', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': { ...offer, images: '["jammy"]' } })],
  });
  assert.equal(await world.status(), 'waiting: no worker has focal; 1 of 1 worker');
});

test('a service that does not start', async () => {
  for (const [name, told] of [
    [MASTER, 'buildmaster does not run; see journalctl -u buildmaster'],
    [PROMOTION, 'lpbuildbot-promotion does not run; see journalctl -u lpbuildbot-promotion'],
  ] as const) {
    const world = new World({ relations: [workers({ 'buildbot-worker/0': offer })] });
    world.machine.broken.add(name);
    assert.equal(await world.status(event.install()), `blocked: ${told}`);
    world.machine.broken.delete(name);
    assert.match(await world.status(), /^active: /);
  }
});

test('services that run, as systemd sees it, and do not answer', async () => {
  const world = await running();
  world.machine.pairs = [pair('waiting')];
  world.machine.silent = true;
  assert.equal(await world.status(), 'waiting: Buildbot does not answer');
  world.machine.silent = false;
  assert.equal(await world.status(), 'active: 1 of 1 worker; stable not yet');
});

test('a second unit serves nothing, and says which one does', async () => {
  const world = new World({
    unit: 'buildbot-master/1',
    otherUnits: { 'buildbot-master/0': 'active' },
    leader: true,
  });
  assert.equal(
    await world.status(event.install()),
    'blocked: buildbot-master/0 is the master, and there is one only; run juju remove-unit buildbot-master/1',
  );
  assert.deepEqual(world.changes(), []);
});

test('a second unit takes over once the first one is gone, leader or not', async () => {
  const world = new World({
    unit: 'buildbot-master/1',
    otherUnits: { 'buildbot-master/0': 'active' },
    leader: false,
    relations: [workers({ 'buildbot-worker/0': offer })],
  });
  world.machine.connected = ['buildbot-worker-0'];
  await world.run(event.install());
  assert.equal(await world.status(event.updateStatus(), { otherUnits: {} }), 'active: 1 of 1 worker');
});

test('the first unit serves on whoever is leader', async () => {
  const world = await running({ otherUnits: { 'buildbot-master/1': 'blocked' } });
  assert.equal(await world.status(event.updateStatus(), { leader: false }), 'active: 1 of 1 worker');
  assert.deepEqual(world.changes(), []);
});

test('a full disk, which nothing was written to', async () => {
  const world = await running();
  world.machine.space.set('/srv/buildbot', 4096);
  assert.equal(
    await world.status(),
    'blocked: no space left on /srv/buildbot; free some, or lower log-retention',
  );
  world.machine.space.clear();
  assert.equal(await world.status(), 'active: 1 of 1 worker');
});

test('no storage', async () => {
  const world = await running();
  assert.equal(
    await world.status(event.updateStatus(), { storage: [] }),
    'blocked: no storage; run juju attach-storage buildbot-master/0 data/NUMBER',
  );
  assert.equal(world.machine.state(MASTER).active, 'inactive');
  assert.equal(await world.status(event.storageAttached(data), { storage: [data] }), 'active: 1 of 1 worker');
});

test('a website is told where the pages are, a monitor what to check', async () => {
  const world = await running({
    relations: [
      workers({ 'buildbot-worker/0': offer }),
      relation({
        id: 2,
        endpoint: 'website',
        remoteApplication: 'haproxy',
        remoteUnits: { 'haproxy/0': {} },
      }),
      relation({
        id: 3,
        endpoint: 'nrpe-external-master',
        remoteApplication: 'nrpe',
        remoteUnits: { 'nrpe/0': {} },
      }),
    ],
  });
  const { hostname, port } = world.relation('website').unitData;
  assert.deepEqual([hostname, port], ['192.0.2.10', '8010']);
  const monitors = world.relation('nrpe-external-master').unitData.monitors ?? '';
  assert.deepEqual(Object.keys(JSON.parse(monitors).monitors.remote.nrpe), [
    'lpbuildbot_master',
    'lpbuildbot_promotion',
    'lpbuildbot_branches',
  ]);
  const checks = () => [...world.machine.files.keys()].filter((path) => path.startsWith(places.nrpeChecks));
  assert.equal(checks().length, 3);
  assert.match(
    world.machine.text(`${places.nrpeChecks}/check_lpbuildbot_master.cfg`),
    /^command\[check_lpbuildbot_master\]=\/opt\/lpbuildbot\/\w+\/node \/opt\/\S+\/charm\.mjs check unit buildmaster\.service\n$/,
  );
  await world.run(event.relationBroken(world.relation('nrpe-external-master')));
  assert.deepEqual(checks(), []);
});

const checks: readonly {
  readonly words: readonly string[];
  readonly pairs?: readonly object[];
  readonly code: number;
  readonly told: string;
}[] = [
  { words: ['unit', MASTER], code: 0, told: 'OK: buildmaster.service is active' },
  { words: ['unit', 'other.service'], code: 2, told: 'CRITICAL: other.service is inactive' },
  { words: ['branches'], pairs: [pair('up-to-date')], code: 0, told: 'OK: 1 pairs of branches' },
  {
    words: ['branches'],
    pairs: [pair('waiting', { lastMove: { at: 0 } }), pair('conflict')],
    code: 2,
    told: 'CRITICAL: demo: main -> stable waits, last moved 20454 d ago; demo: main -> stable conflict',
  },
  {
    words: ['branches'],
    pairs: [pair('held', { hold: {} })],
    code: 1,
    told: 'WARNING: demo: main -> stable held',
  },
  {
    words: ['branches'],
    pairs: [pair('waiting', { trouble: {} })],
    code: 2,
    told: 'CRITICAL: demo: main -> stable unreachable',
  },
  { words: [], code: 3, told: 'UNKNOWN: give "unit NAME" or "branches"' },
];
for (const { words, pairs: given = [], code, told } of checks) {
  test(`nrpe: ${told}`, async () => {
    const world = await running();
    world.machine.pairs = given;
    const lines: string[] = [];
    assert.equal(await check(world.machine.machine(), words, (line) => lines.push(line)), code);
    assert.deepEqual(lines, [told]);
  });
}
