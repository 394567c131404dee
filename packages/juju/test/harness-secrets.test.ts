/** Secrets through the harness: owners, observers, revisions, grants. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as juju from '../src/index.ts';
import { Context, event, readCharmcraft, relation, secret } from '../testing/index.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, 'fixtures', 'harness.yaml'));

function charm(hook: juju.Charm['hook']): Context {
  return new Context({ hook }, charmcraft);
}

const website = relation({
  endpoint: 'website',
  remoteApplication: 'haproxy',
  remoteUnits: { 'haproxy/0': {}, 'haproxy/1': {} },
});
const website1 = juju.relationIdSchema.parse('website:1');
const haproxy0 = juju.unitNameSchema.parse('haproxy/0');

const id = 's0000000000000000010';
const uri = juju.secretUriSchema.parse(`secret:${id}`);

test('an added secret is there in the next hook, granted to one unit', async () => {
  const { state, end } = await charm(async ({ run }) => {
    const added = await juju.secretAdd(run, 'application', { password: 'one' }, { label: 'haproxy-0' });
    assert.equal(added.kind, 'added');
    if (added.kind === 'added')
      assert.equal(await juju.secretGrant(run, added.uri, website1, haproxy0), 'granted');
  }).run(event.relationJoined(website, { unit: 'haproxy/0' }), { relations: [website] });
  assert.deepEqual(end, { kind: 'applied' });
  const [made] = state.secrets;
  assert.equal(made?.label, 'haproxy-0');
  assert.deepEqual(made?.revisions, [{ revision: 1, content: { password: 'one' } }]);
  assert.deepEqual(made?.grants, [{ target: 'unit-haproxy-0', relation: 1 }]);

  let info: unknown;
  await charm(async ({ run }) => {
    info = await juju.secretInfoGet(run, { label: 'haproxy-0' });
  }).run(event.updateStatus(), state);
  assert.deepEqual(info, {
    kind: 'info',
    id: made?.id,
    revision: 1,
    label: 'haproxy-0',
    owner: 'application',
    description: '',
    rotation: 'never',
    expiry: undefined,
    rotates: undefined,
    access: [{ target: 'unit-haproxy-0', scope: 'relation-haproxy.website#site.website' }],
  });
});

test('new content makes a revision, the same content does not', async () => {
  const context = charm(async ({ run }) => {
    assert.equal(await juju.secretSet(run, uri, { password: 'two' }), 'set');
  });
  const first = await context.run(event.secretRotate(secret({ id })), {
    secrets: [secret({ id, content: { password: 'one' } })],
  });
  const second = await context.run(event.updateStatus(), first.state);
  assert.deepEqual(second.state.secrets[0]?.revisions, [
    { revision: 1, content: { password: 'one' } },
    { revision: 2, content: { password: 'two' } },
  ]);
});

test('an observer reads the revision that it knows until it refreshes', async () => {
  const given = secret({
    id,
    owner: 'elsewhere',
    tracked: 1,
    revisions: [
      { revision: 1, content: { password: 'one' } },
      { revision: 2, content: { password: 'two' } },
    ],
  });
  const seen: unknown[] = [];
  const reads = (revision: juju.Revision) =>
    charm(async ({ run }) => {
      const reading = await juju.secretGet(run, { uri }, revision);
      seen.push(reading.kind === 'secret' ? reading.content.password : reading.kind);
    });
  const { state } = await reads('tracked').run(event.secretChanged(given), { secrets: [given] });
  const peeked = await reads('latest').run(event.updateStatus(), state);
  const before = await reads('tracked').run(event.updateStatus(), peeked.state);
  const refreshed = await reads('refresh').run(event.updateStatus(), before.state);
  await reads('tracked').run(event.updateStatus(), refreshed.state);
  assert.deepEqual(seen, ['one', 'two', 'one', 'two', 'two']);
});

test('what is not granted, and what is not there, are told apart', async () => {
  const seen: unknown[] = [];
  const context = charm(async ({ run }) => {
    seen.push((await juju.secretGet(run, { uri })).kind);
  });
  await context.run(event.updateStatus(), {
    secrets: [secret({ id, owner: 'elsewhere', access: 'denied' })],
  });
  await context.run(event.updateStatus(), { secrets: [secret({ id, owner: 'elsewhere' })] });
  await context.run(event.updateStatus());
  assert.deepEqual(seen, ['denied', 'secret', 'not-found']);
});

test("an observer's label names the secret in later hooks", async () => {
  const given = secret({ id, owner: 'elsewhere', content: { password: 'one' } });
  const first = await charm(async ({ run }) => {
    await juju.secretGet(run, { uri, label: 'database' });
  }).run(event.updateStatus(), { secrets: [given] });
  let reading: unknown;
  await charm(async ({ run }) => {
    reading = await juju.secretGet(run, { label: 'database' });
  }).run(event.updateStatus(), first.state);
  assert.deepEqual(reading, { kind: 'secret', content: { password: 'one' } });
});

test('one revision goes, or all of the secret', async () => {
  const given = secret({
    id,
    revisions: [
      { revision: 1, content: { password: 'one' } },
      { revision: 2, content: { password: 'two' } },
    ],
  });
  const one = await charm(async ({ run }) => {
    assert.equal(await juju.secretRemove(run, uri, 1), 'removed');
  }).run(event.secretRemove(given, 1), { secrets: [given] });
  assert.deepEqual(
    one.state.secrets[0]?.revisions.map(({ revision }) => revision),
    [2],
  );
  const all = await charm(async ({ run }) => {
    assert.equal(await juju.secretRemove(run, uri), 'removed');
  }).run(event.updateStatus(), one.state);
  assert.deepEqual(all.state.secrets, []);
});

test('a revoked unit has no grant any more', async () => {
  const given = secret({
    id,
    grants: [
      { target: 'unit-haproxy-0', relation: 1 },
      { target: 'unit-haproxy-1', relation: 1 },
    ],
  });
  const { state } = await charm(async ({ run }) => {
    assert.equal(await juju.secretRevoke(run, uri, { unit: haproxy0 }), 'revoked');
  }).run(event.updateStatus(), { secrets: [given], relations: [website] });
  assert.deepEqual(state.secrets[0]?.grants, [{ target: 'unit-haproxy-1', relation: 1 }]);
});

test("changing another's secret looks well, and fails the hook", async () => {
  const { end, state } = await charm(async ({ run }) => {
    assert.equal(await juju.secretSet(run, uri, { password: 'mine' }), 'set');
    await juju.stateSet(run, { seen: 'yes' });
  }).run(event.updateStatus(), { secrets: [secret({ id, owner: 'elsewhere' })] });
  assert.deepEqual(end, {
    kind: 'rejected',
    reason: 'updating secrets: "site/0" is not allowed to manage this secret',
  });
  assert.deepEqual(state.stored, {});
});

test('a label that is taken is told in the same hook, or fails the next one', async () => {
  const add: juju.Charm['hook'] = async ({ run }) => {
    await juju.secretAdd(run, 'unit', { password: 'x' }, { label: 'own' });
  };
  const twice = await charm(async (given) => {
    await add(given);
    const again = await juju.secretAdd(given.run, 'unit', { password: 'y' }, { label: 'own' });
    assert.deepEqual(again, { kind: 'label-taken' });
  }).run(event.start());
  assert.deepEqual(twice.end, { kind: 'applied' });
  const later = await charm(add).run(event.start(), twice.state);
  assert.equal(later.end.kind, 'rejected');
});
