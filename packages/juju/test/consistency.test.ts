/** Tests of the harness's own strictness: what Juju would never do is refused, all of it at once. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Context,
  event,
  type FakeEvent,
  InconsistentWorldError,
  readCharmcraft,
  relation,
  type State,
  secret,
} from '../testing/index.ts';

const charmcraft = readCharmcraft(join(import.meta.dirname, 'fixtures', 'harness.yaml'));
const context = new Context(
  { hook: async () => assert.fail('nothing is run in an impossible world') },
  charmcraft,
);

async function problems(given: Partial<State>, when: FakeEvent = event.start()): Promise<readonly string[]> {
  try {
    await context.run(when, given);
  } catch (error) {
    if (error instanceof InconsistentWorldError) return error.problems;
    throw error;
  }
  return assert.fail('the world was taken for a possible one');
}

const id = 's0000000000000000010';
const website = relation({
  endpoint: 'website',
  remoteApplication: 'haproxy',
  remoteUnits: { 'haproxy/0': {} },
});

test('all violations are told at once', async () => {
  assert.deepEqual(
    await problems({
      unit: 'site',
      config: { nope: 1, port: 'eighty', secrets: 'hunter2', title: 7 },
      storage: [
        { id: 'tape/0', location: '/tape' },
        { id: 'data/0', location: '/a' },
        { id: 'data/1', location: '/b' },
      ],
      resources: { paper: '/paper' },
      openedPorts: [{ port: '80', endpoints: 'all' }],
      status: { status: 'fine', message: '' },
    }),
    [
      '"site" is not the name of a unit',
      'config: there is no option "nope" in charmcraft.yaml',
      'config: option "port" is of type int, and "eighty" is not',
      'config: option "secrets" is of type secret, and "hunter2" is not',
      'config: option "title" is of type string, and 7 is not',
      'status: "fine" is none of active, blocked, maintenance, waiting, unknown, error',
      'storage: "tape/0" is of no storage in charmcraft.yaml',
      'storage: 2 of "data" are more than charmcraft.yaml allows',
      'resources: there is no "paper" in charmcraft.yaml',
      'ports: "80" is not of the form 80/tcp, 8000-8010/udp or icmp',
    ],
  );
});

test('relations are as Juju keeps them', async () => {
  assert.deepEqual(
    await problems({
      relations: [
        relation({ endpoint: 'nope', remoteApplication: 'x' }),
        relation({
          endpoint: 'website',
          remoteApplication: 'haproxy',
          remoteUnits: { 'nginx/0': { empty: '' } },
        }),
        relation({
          id: 2,
          endpoint: 'cluster',
          remoteApplication: 'other',
          remoteUnits: { 'site/0': {} },
          remoteApplicationData: { a: 'b' },
        }),
      ],
    }),
    [
      'relations: there is no endpoint "nope" in charmcraft.yaml',
      'relations: two have the number 1; a model numbers its relations through',
      'cluster: a peer relation is with site, not with other',
      'cluster: site/0 is not its own peer',
      'cluster: a peer relation has one application databag, applicationData',
      'website:1: nginx/0 is not a unit of haproxy',
      'cluster:2: site/0 is not a unit of other',
      `website:1: "empty" is empty; setting a key to '' deletes it`,
    ],
  );
});

test('secrets are as Juju keeps them', async () => {
  assert.deepEqual(
    await problems({
      secrets: [
        secret({ id, label: 'same' }),
        secret({ id, label: 'same', revisions: [] }),
        secret({ id: 'short', tracked: 7 }),
      ],
    }),
    [
      'secrets: "short" is not 20 characters of 0-9 and a-v',
      `secrets: two have the ID ${id}`,
      'secrets: two have the owner and label application same',
      `secrets: the revisions of ${id} do not rise from 1`,
      'secrets: revision 7 of short is tracked, and there is none',
    ],
  );
});

test('an event is about something that is there', async () => {
  assert.deepEqual(await problems({}, event.relationChanged(website)), [
    'website-relation-changed: there is no relation 1 in the state',
  ]);
  assert.deepEqual(
    await problems({ relations: [website] }, event.relationJoined(website, { unit: 'haproxy/7' })),
    ["website-relation-joined: haproxy/7 is not among the relation's units"],
  );
  assert.deepEqual(
    await problems({ relations: [website] }, event.relationCreated({ ...website, endpoint: 'database' })),
    ['database-relation-created: relation 1 is of the endpoint website'],
  );
  assert.deepEqual(await problems({}, event.storageAttached({ id: 'data/0', location: '/srv' })), [
    'data-storage-attached: there is no storage data/0 in the state',
  ]);
  assert.deepEqual(await problems({}, event.secretChanged(secret({ id }))), [
    `secret-changed: there is no secret ${id} in the state`,
  ]);
});

test('an event goes to whom Juju sends it', async () => {
  assert.deepEqual(await problems({ leader: false }, event.leaderElected()), [
    'leader-elected is only sent to the leader',
  ]);
  const theirs = secret({ id, owner: 'elsewhere' });
  assert.deepEqual(await problems({ secrets: [theirs] }, event.secretExpired(theirs, 1)), [
    'secret-expired is only sent to the owner of the secret',
  ]);
});

test('Juju refuses actions and parameters that the charm does not declare', async () => {
  assert.deepEqual(await problems({}, event.action('restore')), [
    'there is no action "restore" in charmcraft.yaml',
  ]);
  assert.deepEqual(await problems({}, event.action('backup', { keep: 'all', where: '/' })), [
    'action backup has no parameter "where"',
    'action backup requires "name"',
    'action backup: "keep" must be of type integer',
  ]);
});
