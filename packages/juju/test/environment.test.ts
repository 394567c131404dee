/** The variables of real hooks and actions: what is read from them, and that the harness sets the same ones. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import { readContext } from '../src/context.ts';
import { parseCharmcraft } from '../testing/charmcraft.ts';
import { environmentOf } from '../testing/environment.ts';
import { event, type FakeEvent } from '../testing/events.ts';
import { newState, relation, type State, secret } from '../testing/state.ts';

const lineSchema = z.object({ unit: z.string(), seq: z.number(), env: z.record(z.string(), z.string()) });
const recordings = readFileSync(join(import.meta.dirname, 'fixtures', 'environments.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => lineSchema.parse(JSON.parse(line)));

const cluster = relation({ id: 0, endpoint: 'cluster', remoteApplication: 'probe' });
const upstream = relation({ id: 1, endpoint: 'upstream', remoteApplication: 'probe' });
const location = '/var/lib/juju/storage/00000000-0000-4000-8000-000000000001';
const disk = { id: 'disk/0', location };
const cache = { id: 'cache/2', location };
const id = (number: number): string => `s${String(number).padStart(18, '0')}0`;
const expired = secret({ id: id(1) });
const labelled = secret({ id: id(2), label: 'short' });
const later = secret({ id: id(3), label: 'later' });

interface Expected {
  readonly parsed: object;
  readonly fake: FakeEvent;
  readonly state?: Partial<State>;
}

const ofCluster = { endpoint: 'cluster', relation: 'cluster:0', remoteApplication: 'probe' };
const ofUpstream = { endpoint: 'upstream', relation: 'upstream:1', remoteApplication: 'probe' };

const expectations: Readonly<Record<string, Expected>> = {
  'probe/0 1': {
    parsed: {
      kind: 'storage-attached',
      hook: 'disk-storage-attached',
      storage: 'disk/0',
      location,
      type: 'filesystem',
    },
    fake: event.storageAttached(disk),
    state: { storage: [disk] },
  },
  'probe/0 2': { parsed: { kind: 'hook', hook: 'install' }, fake: event.install() },
  'probe/0 3': {
    parsed: { kind: 'relation-created', hook: 'cluster-relation-created', ...ofCluster },
    fake: event.relationCreated(cluster),
  },
  'probe/0 13': { parsed: { kind: 'hook', hook: 'update-status' }, fake: event.updateStatus() },
  'probe/0 15': {
    parsed: {
      kind: 'relation-changed',
      hook: 'cluster-relation-changed',
      ...ofCluster,
      remoteUnit: 'probe/1',
    },
    fake: event.relationChanged(cluster, { unit: 'probe/1' }),
  },
  'probe/0 33': {
    parsed: { kind: 'relation-changed', hook: 'cluster-relation-changed', ...ofCluster },
    fake: event.relationChanged(cluster),
  },
  'taker/0 6': {
    parsed: {
      kind: 'relation-joined',
      hook: 'upstream-relation-joined',
      ...ofUpstream,
      remoteUnit: 'probe/0',
    },
    fake: event.relationJoined(upstream, { unit: 'probe/0' }),
  },
  'taker/0 72': {
    parsed: {
      kind: 'relation-departed',
      hook: 'upstream-relation-departed',
      ...ofUpstream,
      remoteUnit: 'probe/0',
      departingUnit: 'probe/0',
    },
    fake: event.relationDeparted(upstream, { unit: 'probe/0' }),
  },
  'taker/0 74': {
    parsed: {
      kind: 'relation-broken',
      hook: 'upstream-relation-broken',
      endpoint: 'upstream',
      relation: 'upstream:1',
    },
    fake: event.relationBroken(upstream, { named: false }),
  },
  'taker/0 113': {
    parsed: {
      kind: 'relation-broken',
      hook: 'upstream-relation-broken',
      ...ofUpstream,
      relation: 'upstream:2',
    },
    fake: event.relationBroken(relation({ ...upstream, id: 2 })),
  },
  'probe/0 242': {
    parsed: {
      kind: 'relation-departed',
      hook: 'cluster-relation-departed',
      ...ofCluster,
      remoteUnit: 'probe/1',
      departingUnit: 'probe/0',
    },
    fake: event.relationDeparted(cluster, { unit: 'probe/1', departing: 'probe/0' }),
  },
  'probe/0 39': {
    parsed: { kind: 'secret-expired', hook: 'secret-expired', secret: id(1), revision: 1 },
    fake: event.secretExpired(expired, 1),
    state: { secrets: [expired] },
  },
  'probe/0 44': {
    parsed: { kind: 'secret-expired', hook: 'secret-expired', secret: id(2), label: 'short', revision: 1 },
    fake: event.secretExpired(labelled, 1),
    state: { secrets: [labelled] },
  },
  'probe/1 69': {
    parsed: { kind: 'secret-changed', hook: 'secret-changed', secret: `secret:${id(3)}`, label: 'later' },
    fake: event.secretChanged(later),
    state: { secrets: [later] },
  },
  'probe/0 80': {
    parsed: { kind: 'secret-remove', hook: 'secret-remove', secret: id(3), label: 'later', revision: 2 },
    fake: event.secretRemove(later, 2),
    state: { secrets: [later] },
  },
  'probe/0 227': {
    parsed: {
      kind: 'storage-detaching',
      hook: 'cache-storage-detaching',
      storage: 'cache/2',
      location,
      type: 'filesystem',
    },
    fake: event.storageDetaching(cache),
    state: { storage: [cache] },
  },
  'probe/0 93': {
    parsed: { kind: 'action', hook: 'plain', action: 'plain', id: '3' },
    fake: event.action('plain'),
  },
};

const charm = parseCharmcraft('name: probe');

for (const { unit, seq, env } of recordings) {
  const expected = expectations[`${unit} ${seq}`];
  if (expected === undefined) assert.fail(`nothing is expected of ${unit} ${seq}`);
  const { parsed, fake, state } = expected;

  test(`${env.JUJU_DISPATCH_PATH} on ${unit} is read`, () => {
    const context = readContext(env);
    assert.deepEqual(context.event, parsed);
    assert.equal(context.unit, unit);
    assert.equal(context.application, unit.split('/')[0]);
    assert.equal(context.jujuVersion, '4.0.14');
    assert.equal(context.proxy.http, undefined);
    assert.equal(context.proxy.none, '127.0.0.1,localhost,::1');
    assert.ok(Object.isFrozen(context) && Object.isFrozen(context.event));
  });

  test(`${env.JUJU_DISPATCH_PATH} on ${unit} is set by the harness`, () => {
    const model = { name: 'probe', uuid: '00000000-0000-4000-8000-000000000001' };
    const made = environmentOf(charm, newState(charm, { unit, model, ...state }), fake);
    assert.deepEqual(comparable(made), comparable(env));
  });
}

/** Numbers and machines differ from run to run. */
function comparable(env: Readonly<Record<string, string>>): object {
  const { JUJU_CONTEXT_ID: _, JUJU_ACTION_UUID, JUJU_ACTION_TAG, JUJU_MACHINE_ID, ...rest } = env;
  return { ...rest, action: [JUJU_ACTION_UUID, JUJU_ACTION_TAG].map((value) => value?.replace(/\d+$/, 'N')) };
}

test('without Juju, everything that is missing is told at once', () => {
  assert.throws(() => readContext({ PATH: '/usr/bin', JUJU_UNIT_NAME: 'Not A Unit' }), {
    name: 'NotAHookError',
    message:
      'not started by Juju: JUJU_UNIT_NAME: not the name of a unit; JUJU_MODEL_NAME is not set; ' +
      'JUJU_MODEL_UUID is not set; JUJU_CHARM_DIR is not set; JUJU_VERSION is not set',
  });
});

test('a path that is neither a hook nor an action is no event', () => {
  const [install] = recordings;
  assert.throws(() => readContext({ ...install?.env, JUJU_DISPATCH_PATH: 'elsewhere/x' }), {
    message: 'not started by Juju: JUJU_DISPATCH_PATH is "elsewhere/x", not hooks/NAME or actions/NAME',
  });
});

test('an event that a later Juju may send is a plain hook', () => {
  const [install] = recordings;
  const context = readContext({ ...install?.env, JUJU_DISPATCH_PATH: 'hooks/something-new' });
  assert.deepEqual(context.event, { kind: 'hook', hook: 'something-new' });
});
