/**
 * Juju 3 says some things in other words than 4. They are those of public reports on Juju 3: juju/juju#14721 (labels),
 * juju/juju#23246 (databags), canonical/opensearch-operator#542 (secrets), and of its source (ports).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as juju from '../src/index.ts';

const relation = juju.relationIdSchema.parse('workers:7');
const uri = juju.secretUriSchema.parse('secret:cd3s6aeffbal34dgcs60');

function refusing(stderr: string): juju.Runner {
  return async () => ({ code: 1, stdout: '', stderr });
}

function printing(stdout: string): juju.Runner {
  return async () => ({ code: 0, stdout, stderr: '' });
}

test('a label that nobody gave', async () => {
  const run = refusing('ERROR consumer label "app" not found\n');
  assert.deepEqual(await juju.secretGet(run, { label: 'app' }), { kind: 'not-found' });
});

test('a secret that is not granted', async () => {
  assert.deepEqual(await juju.secretGet(refusing('ERROR permission denied\n'), { uri }), { kind: 'denied' });
});

test("the own application's databag on a unit that is not leader", async () => {
  const run = refusing('ERROR permission denied (unauthorized access)\n');
  const owner = { kind: 'application', application: 'buildbot-master' } as const;
  assert.deepEqual(await juju.relationGet(run, relation, owner), { kind: 'denied' });
});

test('a port that another unit of the machine holds', async () => {
  const run = refusing(
    'ERROR cannot open 80/tcp (unit "a/0"): port range conflicts with 80/tcp (unit "b/0")\n',
  );
  assert.equal(await juju.openPort(run, { protocol: 'tcp', from: 80, to: 80 }), 'conflict');
});

test('no state and no secrets, as values and not as null', async () => {
  assert.deepEqual(await juju.stateGet(printing('{}\n')), {});
  assert.deepEqual(await juju.secretIds(printing('[]\n')), []);
});

test('what is not expected stays an error, with all that Juju said', async () => {
  await assert.rejects(
    juju.relationGet(refusing('ERROR connection is shut down\n'), relation, {
      kind: 'application',
      application: 'x',
    }),
    {
      name: 'HookToolError',
      tool: 'relation-get',
      code: 1,
      stderr: 'ERROR connection is shut down\n',
      message:
        'relation-get --format json -r workers:7 --app - x: exit code 1: ERROR connection is shut down',
    },
  );
});
