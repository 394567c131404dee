/** Workers: how they come, what they are told, and how they lose their access. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, type State } from '@lpbuildbot/juju/testing';
import { MASTER, places, RECONFIGURE, RECONFIGURE_TIMER } from '../src/places.ts';
import { offer, running, World, workers } from './world.ts';

type Secret = NonNullable<State['secrets']>[number];

const DAY = 86_400_000;

/** The secrets for workers, by the name in them. */
function secretsOf(world: World): ReadonlyMap<string, Secret> {
  return new Map(
    (world.state.secrets ?? []).map((each) => [each.revisions.at(-1)?.content.name ?? '', each]),
  );
}

function secretOf(world: World, name: string): Secret {
  const found = secretsOf(world).get(name);
  assert.ok(found, `a secret for ${name}`);
  return found;
}

function passwordOf(world: World, name: string): string | undefined {
  return secretOf(world, name).revisions.at(-1)?.content.password;
}

function acceptedBy(world: World): ReadonlyMap<string, string> {
  return new Map((world.machine.configuration?.workers ?? []).map(({ name, password }) => [name, password]));
}

function add(world: World, unit: string, databag: Readonly<Record<string, string>> = {}): Partial<State> {
  const before = world.relation('workers');
  return { relations: [{ ...before, remoteUnits: { ...before.remoteUnits, [unit]: databag } }] };
}

test('a worker is told where the master is, whom to trust, and where its own password lies', async () => {
  const world = await running();
  const told = world.relation('workers').unitData;
  assert.equal(told.version, '1');
  assert.equal(told.address, '192.0.2.10');
  assert.equal(told.port, '9989');
  assert.equal(told.ca, world.machine.text(places.authorityCertificate));
  const secret = secretOf(world, 'buildbot-worker-0');
  assert.match(told.credentials ?? '', new RegExp(`^{"buildbot-worker/0":"secret:.*${secret.id}"}$`));
  assert.deepEqual(secret.grants, [{ target: 'unit-buildbot-worker-0', relation: 1 }]);
  assert.equal(secret.owner, 'unit');
});

test('the password is the one that Buildbot takes, and it is nowhere on a command line', async () => {
  const world = new World({ relations: [workers({ 'buildbot-worker/0': offer })] });
  const { calls } = await world.run(event.install());
  const password = passwordOf(world, 'buildbot-worker-0');
  assert.ok(password);
  assert.equal(acceptedBy(world).get('buildbot-worker-0'), password);
  assert.ok(!JSON.stringify(calls).includes(password));
});

test('what a worker offers is what Buildbot may give it', async () => {
  const world = await running();
  assert.deepEqual(world.machine.configuration?.workers[0], {
    name: 'buildbot-worker-0',
    password: passwordOf(world, 'buildbot-worker-0'),
    images: ['focal'],
    capacity: 2,
    arch: 'amd64',
  });
});

test('one that has said nothing yet has a password already, and is not Buildbot’s', async () => {
  const world = new World({ relations: [workers({ 'buildbot-worker/0': {} })] });
  await world.run(event.install());
  assert.ok(passwordOf(world, 'buildbot-worker-0'));
  assert.deepEqual(world.machine.configuration?.workers, []);
  assert.equal(world.state.status?.message, 'no worker is ready yet; 0 of 1 worker');
});

test('a burst of workers is one reconfiguration, a moment after the last of them', async () => {
  const world = await running();
  for (let number = 1; number <= 5; number += 1) {
    const unit = `buildbot-worker/${number}`;
    await world.run(event.relationJoined(world.relation('workers'), { unit }), add(world, unit));
    await world.run(event.relationChanged(world.relation('workers'), { unit }), add(world, unit, offer));
  }
  assert.equal(world.machine.reloads, 0);
  assert.equal(world.machine.state(RECONFIGURE_TIMER).active, 'active');
  await world.machine.elapse();
  assert.equal(world.machine.reloads, 1);
  assert.equal(acceptedBy(world).size, 6);
  await world.run(event.updateStatus());
  assert.equal(world.machine.reloads, 1);
});

test('a hook that comes before the moment is over does it itself', async () => {
  const world = await running();
  const unit = 'buildbot-worker/1';
  await world.run(event.relationChanged(world.relation('workers'), { unit }), add(world, unit, offer));
  await world.run(event.updateStatus());
  assert.equal(world.machine.reloads, 1);
  assert.equal(world.machine.state(RECONFIGURE_TIMER).active, 'inactive');
  assert.ok(acceptedBy(world).has('buildbot-worker-1'));
});

test('what begins just when a hook has looked is stopped too, so that two never do it at a time', async () => {
  const world = await running();
  const unit = 'buildbot-worker/1';
  await world.run(event.relationChanged(world.relation('workers'), { unit }), add(world, unit, offer));
  world.changes();
  await world.run(event.updateStatus());
  const changes = world.changes();
  const [stopped, told] = [
    changes.indexOf(`stop ${RECONFIGURE}`),
    changes.indexOf('reconfigure the running Buildbot'),
  ];
  assert.ok(stopped >= 0 && stopped < told, changes.join('; '));
});

test('a configuration that only a restart would bring is left to the next hook', async () => {
  const world = await running();
  const unit = 'buildbot-worker/1';
  await world.run(event.relationChanged(world.relation('workers'), { unit }), add(world, unit, offer));
  world.machine.needsRestart = true;
  await world.machine.elapse();
  world.machine.needsRestart = false;
  const before = world.machine.reloads;
  await world.run(event.updateStatus());
  assert.equal(world.machine.reloads, before + 1, 'Buildbot is told again');
  assert.ok(acceptedBy(world).has('buildbot-worker-1'));
});

test('a departed worker loses its access in that very hook, and its secret is gone', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': offer, 'buildbot-worker/1': offer })],
  });
  assert.ok(acceptedBy(world).has('buildbot-worker-1'));
  await world.run(event.relationDeparted(world.relation('workers'), { unit: 'buildbot-worker/1' }));
  assert.deepEqual([...acceptedBy(world).keys()], ['buildbot-worker-0']);
  assert.deepEqual([...secretsOf(world).keys()], ['buildbot-worker-0']);
  assert.doesNotMatch(world.relation('workers').unitData.credentials ?? '', /worker\/1/);
});

test('a worker that departs during a burst does not wait for the others', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': offer, 'buildbot-worker/1': offer })],
  });
  const unit = 'buildbot-worker/2';
  await world.run(event.relationChanged(world.relation('workers'), { unit }), add(world, unit, offer));
  await world.run(event.relationDeparted(world.relation('workers'), { unit: 'buildbot-worker/1' }));
  assert.deepEqual([...acceptedBy(world).keys()], ['buildbot-worker-0', 'buildbot-worker-2']);
});

for (const named of [true, false]) {
  test(`a relation that ends ${named ? 'with' : 'without'} the application's name takes all its workers`, async () => {
    const world = await running();
    await world.run(event.relationBroken(world.relation('workers'), { named }));
    assert.equal(acceptedBy(world).size, 0);
    assert.deepEqual(world.state.secrets, []);
    assert.equal(
      world.state.status?.message,
      'no workers; run juju integrate buildbot-master:workers lpbuildbot-worker',
    );
  });
}

test('a bad pipeline keeps nobody in who has departed', async () => {
  const world = await running({
    relations: [workers({ 'buildbot-worker/0': offer, 'buildbot-worker/1': offer })],
  });
  await world.run(
    event.relationDeparted(world.relation('workers'), { unit: 'buildbot-worker/1' }),
    world.config({ pipelines: 'project: [' }),
  );
  assert.deepEqual([...acceptedBy(world).keys()], ['buildbot-worker-0']);
  assert.equal(world.state.status?.status, 'blocked');
});

test('a password whose time is up is another one, for the worker and for Buildbot', async () => {
  const world = await running();
  const before = passwordOf(world, 'buildbot-worker-0');
  world.machine.time += 91 * DAY;
  await world.run(event.updateStatus());
  const after = passwordOf(world, 'buildbot-worker-0');
  assert.notEqual(after, before);
  assert.equal(acceptedBy(world).get('buildbot-worker-0'), after);
});

test('secret-expired rotates once, and the next one removes the old revision, so that Juju stops', async () => {
  const world = await running();
  const secret = secretOf(world, 'buildbot-worker-0');
  await world.run(event.secretExpired(secret, 1));
  const revisions = () => secretOf(world, 'buildbot-worker-0').revisions.map(({ revision }) => revision);
  assert.deepEqual(revisions(), [1, 2]);
  await world.run(event.secretExpired(secretOf(world, 'buildbot-worker-0'), 1));
  assert.deepEqual(revisions(), [2]);
  assert.equal(acceptedBy(world).get('buildbot-worker-0'), passwordOf(world, 'buildbot-worker-0'));
});

test('a revision that nobody reads any more is removed', async () => {
  const world = await running();
  await world.run(event.action('rotate-worker-passwords'));
  await world.run(event.updateStatus());
  await world.run(event.secretRemove(secretOf(world, 'buildbot-worker-0'), 1));
  assert.deepEqual(
    secretOf(world, 'buildbot-worker-0').revisions.map(({ revision }) => revision),
    [2],
  );
});

test('a rotation that Juju dropped is found out, and Buildbot goes back to the password that the worker has', async () => {
  const world = await running();
  const before = world.state;
  world.machine.failing = { change: /^reconfigure/, error: new Error('killed') };
  world.machine.time += 91 * DAY;
  const { end } = await world.context.run(event.updateStatus(), before);
  assert.equal(end.kind, 'failed');
  world.machine.failing = undefined;
  world.machine.time -= 91 * DAY;
  await world.run(event.updateStatus());
  assert.equal(acceptedBy(world).get('buildbot-worker-0'), passwordOf(world, 'buildbot-worker-0'));
});

test('a new worker’s secret that Juju dropped is made again', async () => {
  const world = await running();
  world.machine.failing = { change: /pending/, error: new Error('killed') };
  const unit = 'buildbot-worker/1';
  const { end, state } = await world.context.run(event.relationChanged(world.relation('workers'), { unit }), {
    ...world.state,
    ...add(world, unit, offer),
  });
  assert.equal(end.kind, 'failed');
  world.machine.failing = undefined;
  world.state = state;
  await world.run(event.relationChanged(world.relation('workers'), { unit }));
  await world.run(event.updateStatus());
  assert.equal(secretsOf(world).size, 2);
  assert.equal(acceptedBy(world).get('buildbot-worker-1'), passwordOf(world, 'buildbot-worker-1'));
});

test('what the charm remembered is lost, and the passwords stay', async () => {
  const world = await running();
  const before = passwordOf(world, 'buildbot-worker-0');
  world.machine.files.delete(places.memoryFile);
  await world.run(event.updateStatus());
  assert.equal(passwordOf(world, 'buildbot-worker-0'), before);
  assert.equal(acceptedBy(world).get('buildbot-worker-0'), before);
  assert.equal(world.machine.reloads, 0);
});

test('a worker of another version is named, and the others go on', async () => {
  const world = await running();
  const unit = 'buildbot-worker/1';
  const status = await world.status(
    event.relationChanged(world.relation('workers'), { unit }),
    add(world, unit, { ...offer, version: '9' }),
  );
  assert.equal(
    status,
    'waiting: buildbot-worker/1 cannot be used: version: the other charm speaks another version: upgrade both; 1 of 2 workers',
  );
});

test('before its machine has an address, a master makes no certificate and tells no worker where it is', async () => {
  const world = await running();
  const offered = world.relation('workers').unitData;
  await world.run(event.configChanged(), { network: { address: '', subnet: '', egress: '' } });
  assert.ok(!world.changes().includes('certificate'));
  assert.deepEqual(world.relation('workers').unitData.address, offered.address);
});

test('a certificate is made anew before its time is up, and when the address is another one', async () => {
  const world = await running();
  await world.run(event.configChanged(), {
    network: { address: '192.0.2.99', subnet: '192.0.2.0/24', egress: '192.0.2.99/32' },
  });
  assert.ok(world.changes().includes('certificate'));
  assert.equal(world.relation('workers').unitData.address, '192.0.2.99');
  world.machine.time += 760 * DAY;
  await world.run(event.updateStatus());
  const changes = world.changes();
  assert.ok(changes.includes('certificate'));
  // Buildbot reads it at its start only.
  assert.ok(changes.includes(`restart ${MASTER}`));
  assert.ok(!changes.includes('authority'));
});
