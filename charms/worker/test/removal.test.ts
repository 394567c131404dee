import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event } from '@lpbuildbot/juju/testing';
import { runningUnit, Unit } from './unit.ts';

/** As Juju removes a unit: departed, broken, stop, remove. */
async function remove(unit: Unit): Promise<void> {
  const master = unit.relation;
  await unit.hook(
    event.relationDeparted(master, { unit: 'buildbot-master/0', departing: 'buildbot-worker/0' }),
  );
  await unit.hook(event.relationBroken(master, { named: false }));
  unit.relationEnds();
  await unit.hook(event.stop());
  await unit.hook(event.remove());
}

function leftFiles(unit: Unit): string[] {
  return [...unit.machine.files.keys()].filter((path) => !path.startsWith('/var/lib/juju/'));
}

test('a unit leaves nothing behind', async () => {
  const unit = await runningUnit('repository');
  const { machine } = unit;
  await remove(unit);
  assert.deepEqual(leftFiles(unit), []);
  assert.deepEqual([...machine.installed.keys()].toSorted(), ['apt', 'snapd']);
  assert.equal(machine.lxdState, undefined);
  assert.equal(machine.worker, 'absent');
  assert.deepEqual([...machine.users], []);
});

test('the user stays where it was before, or where a master needs it', async () => {
  const withMaster = await runningUnit();
  withMaster.machine.put('/srv/buildbot/lpbuildbot/buildbot.tac', '');
  await withMaster.hook(event.remove());
  assert.deepEqual([...withMaster.machine.users], ['buildbot']);

  const before = new Unit();
  before.machine.users.add('buildbot');
  before.attachDeb();
  await before.hook(event.install());
  await before.hook(event.remove());
  assert.deepEqual([...before.machine.users], ['buildbot']);
});

test('no build is lost: the master still knows this unit while its builds end', async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  machine.startBuild();
  let waited = 0;
  machine.onSleep = () => {
    waited += 1;
    assert.equal(machine.builds(), 1);
    if (waited === 3) machine.endBuilds();
  };
  const leaving = event.relationDeparted(unit.relation, {
    unit: 'buildbot-master/0',
    departing: 'buildbot-worker/0',
  });
  const { statuses } = await unit.happens(leaving);
  assert.equal(waited, 3);
  assert.deepEqual(statuses, [
    { status: 'maintenance', message: 'finishing 1 build before leaving the master' },
    { status: 'maintenance', message: 'left the master' },
  ]);
  assert.equal(machine.worker, 'inactive');
});

test('the master’s own unit may come and go: the worker stays', async () => {
  const unit = await runningUnit();
  await unit.hook(event.relationDeparted(unit.relation, { unit: 'buildbot-master/0' }));
  assert.equal(unit.machine.worker, 'active');
});

test('a removal that was cut off goes on where it was, and one that is over changes nothing', async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  machine.aptLockedUntil = Number.POSITIVE_INFINITY;
  const first = await unit.happens(event.remove());
  assert.equal(first.end.kind, 'failed', 'Juju runs it again');
  assert.match(first.log.at(-1)?.message ?? '', /another program/);
  machine.aptLockedUntil = 0;
  await unit.hook(event.remove());
  assert.deepEqual(leftFiles(unit), []);
  machine.changes.length = 0;
  await unit.hook(event.remove());
  assert.deepEqual(
    machine.changes.filter((line) => !/^systemctl (stop|daemon-reload)/.test(line)),
    [],
  );
});

test("an LXD that was there before stays, without what was the charm's", async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  const memory = machine.files.get('/var/lib/lpbuildbot-charm/memory.json')?.text ?? '';
  machine.put('/var/lib/lpbuildbot-charm/memory.json', memory.replace('"lxd":"snap",', ''));
  machine.lxdState?.images.set('theirs', 'foreign');
  machine.lxdState?.instances.push(
    { name: 'theirs', status: 'Running', config: {} },
    { name: 'lpbuildbot-prepared-1', status: 'Stopped', config: { 'user.lpbuildbot.kind': 'prepared' } },
  );
  await remove(unit);
  assert.deepEqual([...(machine.lxdState?.images.keys() ?? [])], ['theirs']);
  assert.deepEqual(
    machine.lxdState?.instances.map(({ name }) => name),
    ['theirs'],
  );
  assert.equal(machine.lxdState?.pools.length, 1, 'their containers need it');
});

test("an LXD of the charm's that other people have begun to use stays as well", async () => {
  const unit = await runningUnit();
  unit.machine.lxdState?.instances.push({ name: 'theirs', status: 'Running', config: {} });
  await remove(unit);
  assert.deepEqual(
    unit.machine.lxdState?.instances.map(({ name }) => name),
    ['theirs'],
  );
});

test('an LXD that does not answer stays: nobody can tell whose containers are in it', async () => {
  const unit = await runningUnit();
  const { lxdState } = unit.machine;
  assert.ok(lxdState !== undefined);
  lxdState.answers = false;
  await remove(unit);
  assert.equal(unit.machine.lxdState, lxdState);
  assert.ok(!unit.machine.installed.has('lpbuildbot-worker'));
});

test('what was installed before the charm came stays installed', async () => {
  const unit = await runningUnit();
  const { machine } = unit;
  machine.installed.set('old-orphan', { version: '1', manual: false });
  machine.put('/var/lib/lpbuildbot-charm/packages-before', 'apt\nsnapd\nmmdebstrap\nold-orphan\n');
  await remove(unit);
  assert.deepEqual([...machine.installed.keys()].toSorted(), ['apt', 'mmdebstrap', 'old-orphan', 'snapd']);
});

test('a unit that was never installed is removed without a word', async () => {
  const unit = await runningUnit();
  unit.machine.files.clear();
  unit.machine.installed.delete('lpbuildbot-worker');
  unit.machine.lxdState = undefined;
  await unit.hook(event.remove());
});
