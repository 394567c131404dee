/** What a charm's tests may rely on: Juju's rules, seen through the harness by charms of a few lines. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import * as juju from '../src/index.ts';
import { Context, event, newState, readCharmcraft, relation } from '../testing/index.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, 'fixtures', 'harness.yaml'));

type Hook = juju.Charm['hook'];

function charm(hook: Hook): Context {
  return new Context({ hook }, charmcraft);
}

const website = relation({
  id: 4,
  endpoint: 'website',
  remoteApplication: 'haproxy',
  remoteUnits: { 'haproxy/0': {}, 'haproxy/1': {} },
  unitData: { old: '1', kept: 'yes' },
});
const website4 = juju.relationIdSchema.parse('website:4');
const site0 = juju.unitNameSchema.parse('site/0');

test('settings are the defaults and what the operator set; what has neither is absent', async () => {
  let seen: unknown;
  const context = charm(async ({ run }) => {
    seen = await juju.configGet(run);
  });
  await context.run(event.configChanged());
  assert.deepEqual(seen, { port: 8080 });
  await context.run(event.configChanged(), { config: { port: 80, title: 'ours' } });
  assert.deepEqual(seen, { port: 80, title: 'ours' });
});

test('an empty value deletes a key, others stay, and the hook sees its own writes', async () => {
  let seen: unknown;
  const { state } = await charm(async ({ run }) => {
    await juju.relationSet(run, website4, 'unit', { old: '', port: '80' });
    seen = await juju.relationGet(run, website4, { kind: 'unit', unit: site0 });
  }).run(event.relationChanged(website), { relations: [website] });
  const data = {
    'egress-subnets': '192.0.2.10/32',
    'ingress-address': '192.0.2.10',
    kept: 'yes',
    port: '80',
  };
  assert.deepEqual(seen, { kind: 'databag', data });
  assert.deepEqual(state.relations[0]?.unitData, data);
});

test('any text survives the way into a databag and out of it in the next hook', async () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '__proto__');
  const value = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed()),
    fc.constantFrom('-x', '--file', '#', 'a=b', '\n', ' ', 'null', '7', '- a\n', '\u2028', '\0'),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { noNullPrototype: true }), async (data) => {
      const writes = charm(async ({ run }) => {
        assert.equal(await juju.relationSet(run, website4, 'application', data), 'set');
        await juju.stateSet(run, data);
      });
      const { state, end } = await writes.run(event.updateStatus(), {
        relations: [relation({ ...website, applicationData: {} })],
      });
      assert.deepEqual(end, { kind: 'applied' });
      const seen: unknown[] = [];
      const reads = charm(async ({ run }) => {
        seen.push(await juju.relationGet(run, website4, { kind: 'application', application: 'site' }));
        seen.push(await juju.stateGet(run));
      });
      await reads.run(event.updateStatus(), state);
      assert.deepEqual(seen, [{ kind: 'databag', data }, data]);
    }),
    { numRuns: 60 },
  );
});

test('only the leader writes for the application', async () => {
  const outcomes: unknown[] = [];
  const { state } = await charm(async ({ run }) => {
    outcomes.push(await juju.relationSet(run, website4, 'application', { url: 'x' }));
    outcomes.push(await juju.applicationStatusSet(run, { status: 'active', message: '' }));
    outcomes.push(await juju.secretAdd(run, 'application', { password: 'x' }));
    outcomes.push(await juju.isLeader(run));
  }).run(event.updateStatus(), { leader: false, relations: [website] });
  assert.deepEqual(outcomes, ['not-leader', 'not-leader', { kind: 'not-leader' }, false]);
  assert.deepEqual(state.relations[0]?.applicationData, {});
  assert.deepEqual(state.applicationStatus, { status: 'unknown', message: '' });
});

test('a hook that fails leaves its statuses and version, and nothing else', async () => {
  const { end, state, log } = await charm(async ({ run }) => {
    await juju.statusSet(run, { status: 'maintenance', message: 'half way' });
    await juju.applicationVersionSet(run, '2.0');
    await juju.relationSet(run, website4, 'unit', { port: '80' });
    await juju.openPort(run, { protocol: 'tcp', from: 80, to: 80 });
    await juju.stateSet(run, { seen: 'yes' });
    await juju.secretAdd(run, 'unit', { password: 'x' });
    await juju.storageAdd(run, 'cache');
    throw new Error('the disk is full', { cause: new Error('ENOSPC') });
  }).run(event.configChanged(), { relations: [website] });
  assert.deepEqual(end, { kind: 'failed', code: 1 });
  assert.deepEqual(state.status, { status: 'maintenance', message: 'half way' });
  assert.equal(state.workloadVersion, '2.0');
  assert.equal(state.relations[0]?.unitData.port, undefined);
  assert.deepEqual([state.openedPorts, state.stored, state.secrets, state.storage], [[], {}, [], []]);
  assert.equal(log.length, 1);
  assert.equal(log[0]?.level, 'ERROR');
  assert.match(
    log[0]?.message ?? '',
    /^hook config-changed failed: Error: the disk is full\n {4}at [\s\S]*\ncaused by: Error: ENOSPC\n/,
  );
});

test('a hook that ends well may still be rejected, and then nothing of it is kept', async () => {
  const { end, state } = await charm(async ({ run }) => {
    await juju.storageAdd(run, 'data');
    await juju.stateSet(run, { seen: 'yes' });
  }).run(event.configChanged(), { storage: [{ id: 'data/0', location: '/srv' }] });
  assert.deepEqual(end, {
    kind: 'rejected',
    reason:
      'preparing storage additions: preparing storage add "data" for unit "site/0": storage "data" cannot exceed 1 storage instances',
  });
  assert.deepEqual(state.stored, {});
});

test('setPorts opens what is missing, closes what is too much, and then does nothing', async () => {
  const https: juju.PortRange = { protocol: 'tcp', from: 443, to: 443 };
  const web: juju.PortRange = { protocol: 'tcp', from: 80, to: 80 };
  const changes: unknown[] = [];
  const context = charm(async ({ run }) => {
    changes.push(await juju.setPorts(run, [web, https]));
  });
  const first = await context.run(event.configChanged(), {
    openedPorts: [{ port: '22/tcp', endpoints: ['website'] }],
    portsOfOthers: { 'other/0': ['443/tcp'] },
  });
  assert.deepEqual(first.state.openedPorts, [{ port: '80/tcp', endpoints: 'all' }]);
  const second = await context.run(event.configChanged(), { ...first.state, portsOfOthers: {} });
  const third = await context.run(event.configChanged(), second.state);
  assert.deepEqual(changes, [
    { opened: [web], closed: [{ protocol: 'tcp', from: 22, to: 22 }], deferred: [], conflicts: [https] },
    { opened: [https], closed: [], deferred: [], conflicts: [] },
    { opened: [], closed: [], deferred: [], conflicts: [] },
  ]);
  assert.deepEqual(
    third.calls.map(({ tool }) => tool),
    ['opened-ports'],
  );
});

test('a range that shrinks is closed in one hook and opened in the next', async () => {
  const context = charm(async ({ run }) => {
    await juju.setPorts(run, [{ protocol: 'tcp', from: 8000, to: 8005 }]);
  });
  const first = await context.run(event.configChanged(), {
    openedPorts: [{ port: '8000-8010/tcp', endpoints: 'all' }],
  });
  assert.deepEqual(first.state.openedPorts, []);
  const second = await context.run(event.updateStatus(), first.state);
  assert.deepEqual(second.state.openedPorts, [{ port: '8000-8005/tcp', endpoints: 'all' }]);
});

test('setDatabag writes what differs, takes away what is not wanted, and then writes nothing', async () => {
  const context = charm(async ({ run, context: { unit } }) => {
    await juju.setDatabag(run, website4, { kind: 'unit', unit }, { port: '80', kept: 'yes' });
  });
  const first = await context.run(event.configChanged(), { relations: [website] });
  assert.deepEqual(first.state.relations[0]?.unitData, {
    'egress-subnets': '192.0.2.10/32',
    'ingress-address': '192.0.2.10',
    kept: 'yes',
    port: '80',
  });
  const second = await context.run(event.configChanged(), first.state);
  assert.deepEqual(
    second.calls.map(({ tool }) => tool),
    ['relation-get'],
  );
});

test('a relation that ended since is an outcome', async () => {
  const outcomes: unknown[] = [];
  await charm(async ({ run, context: { unit } }) => {
    outcomes.push(await juju.relationList(run, website4));
    outcomes.push(await juju.relationSet(run, website4, 'unit', { a: 'b' }));
    outcomes.push(await juju.setDatabag(run, website4, { kind: 'unit', unit }, {}));
  }).run(event.updateStatus());
  assert.deepEqual(outcomes, [{ kind: 'gone' }, 'gone', 'gone']);
});

test('a unit that departs is not listed and can still be read, then and later', async () => {
  const seen: unknown[] = [];
  const haproxy0 = juju.unitNameSchema.parse('haproxy/0');
  const context = charm(async ({ run }) => {
    seen.push(await juju.relationList(run, website4));
    seen.push((await juju.relationGet(run, website4, { kind: 'unit', unit: haproxy0 })).kind);
  });
  const departed = await context.run(event.relationDeparted(website, { unit: 'haproxy/0' }), {
    relations: [website],
  });
  await context.run(event.updateStatus(), departed.state);
  const listed = { kind: 'units', units: ['haproxy/1'] };
  assert.deepEqual(seen, [listed, 'databag', listed, 'databag']);
});

test('after broken the relation is gone', async () => {
  let ids: unknown;
  const { state } = await charm(async ({ run }) => {
    ids = await juju.relationIds(run, 'website');
  }).run(event.relationBroken(website), { relations: [{ ...website, remoteUnits: {} }] });
  assert.deepEqual(ids, ['website:4'], 'in broken it is still listed');
  assert.deepEqual(state.relations, []);
});

test('storage that is asked for is there in the next hook, and detached storage is not', async () => {
  const cache = { id: 'cache/0', location: '/var/cache' };
  const added = await charm(({ run }) => juju.storageAdd(run, 'cache')).run(event.start(), {
    storage: [cache],
  });
  assert.deepEqual(
    added.state.storage.map(({ id }) => id),
    ['cache/0', 'cache/1'],
  );
  const detached = await charm(async () => {}).run(event.storageDetaching(cache), added.state);
  assert.deepEqual(
    detached.state.storage.map(({ id }) => id),
    ['cache/1'],
  );
});

test('a reboot waits for the end of the hook, or ends it', async () => {
  const later = await charm(({ run }) => juju.jujuReboot(run, 'after-hook')).run(event.start());
  assert.deepEqual([later.end.kind, later.reboot], ['applied', 'after-hook']);
  const now = await charm(async ({ run }) => {
    await juju.stateSet(run, { seen: 'yes' });
    await juju.jujuReboot(run, 'now');
    assert.fail('Juju kills the process');
  }).run(event.start());
  assert.deepEqual([now.end.kind, now.reboot, now.state.stored], ['killed', 'now', {}]);
});

test('goal-state tells of units and relations, peers among the units', async () => {
  let goals: juju.GoalState | undefined;
  const cluster = relation({
    id: 0,
    endpoint: 'cluster',
    remoteApplication: 'site',
    remoteUnits: { 'site/1': {} },
  });
  await charm(async ({ run }) => {
    goals = await juju.goalState(run);
  }).run(event.start(), { relations: [website, cluster] });
  assert.deepEqual(Object.keys(goals?.units ?? {}), ['site/0', 'site/1']);
  assert.deepEqual(
    Object.entries(goals?.relations ?? {}).map(([name, members]) => [name, Object.keys(members)]),
    [['website', ['haproxy', 'haproxy/0', 'haproxy/1']]],
  );
});

test('a cloud is read once the operator trusts the application', async () => {
  const seen: unknown[] = [];
  const context = charm(async ({ run }) => {
    seen.push(await juju.credentialGet(run));
  });
  await context.run(event.start());
  const cloud = {
    type: 'lxd',
    name: 'localhost',
    credential: { 'auth-type': 'certificate', attrs: { key: 'k' } },
  };
  await context.run(event.start(), { cloud });
  assert.deepEqual(seen, [
    { kind: 'denied' },
    {
      kind: 'cloud',
      type: 'lxd',
      name: 'localhost',
      credential: { authType: 'certificate', attributes: { key: 'k' } },
    },
  ]);
});

test('the state that went in is as it was, and cannot be changed', async () => {
  const before = newState(charmcraft, { relations: [website] });
  const copy = structuredClone(before);
  const { state } = await charm(async ({ run }) => {
    await juju.relationSet(run, website4, 'unit', { port: '80' });
    await juju.statusSet(run, { status: 'active', message: 'up' });
  }).run(event.start(), before);
  assert.deepEqual(before, copy);
  assert.notDeepEqual(state, copy);
  assert.ok(Object.isFrozen(before) && Object.isFrozen(state));
});
