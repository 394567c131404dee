/** Every action, as `juju run` shows it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { event, readCharmcraft } from '@lpbuildbot/juju/testing';
import { actions } from '../src/actions.ts';
import { names } from '../src/charm.ts';
import { MASTER, PROMOTION, places } from '../src/places.ts';
import { PIPELINE, running, World } from './world.ts';

async function run(world: World, name: string, parameters: Record<string, string | boolean> = {}) {
  return (await world.run(event.action(name, parameters))).action;
}

test('every action that is declared is there, and no other', () => {
  const declared = Object.keys(readCharmcraft(join(import.meta.dirname, '../charmcraft.yaml')).actions);
  assert.deepEqual([...names].toSorted(), declared.toSorted());
  assert.deepEqual(Object.keys(actions).toSorted(), declared.toSorted());
});

test('force-build asks Buildbot as the admin, and tells where to look', async () => {
  const world = await running();
  const { status, results } = await run(world, 'force-build', {
    builder: 'demo-main',
    reason: 'a flaky test',
  });
  assert.equal(status, 'completed');
  assert.deepEqual(results, {
    builder: 'demo-main',
    request: '12',
    url: 'http://192.0.2.10:8010/#/buildrequests/12',
  });
  const [asked] = world.machine.posts;
  assert.equal(asked?.headers?.cookie, 'TWISTED_SESSION=1');
  assert.deepEqual(JSON.parse(asked?.body ?? '').params, {
    builderid: 7,
    reason: 'a flaky test',
    revision: '',
  });
});

test('force-build may ask for one worker, which has to be one of the builder’s', async () => {
  const world = await running();
  const asked = { builder: 'demo-main', reason: 'a canary', worker: 'buildbot-worker/0' };
  assert.equal((await run(world, 'force-build', asked)).status, 'completed');
  assert.equal(JSON.parse(world.machine.posts[0]?.body ?? '').params.workername, 'buildbot-worker-0');
  const { status, message } = await run(world, 'force-build', { ...asked, worker: 'buildbot-worker/7' });
  assert.deepEqual(
    [status, message],
    ['failed', 'buildbot-worker/7 is no worker of this builder; it has buildbot-worker-0'],
  );
  assert.equal(world.machine.posts.length, 1);
});

const refusedBuilds: readonly (readonly [Record<string, string>, string])[] = [
  [{ builder: 'nobody', reason: 'x' }, 'there is no builder nobody; there are demo-main'],
  [{ builder: 'demo-main', reason: '  ' }, 'give a reason'],
  [{ builder: 'demo-main', reason: 'x', revision: 'HEAD' }, 'give the full id of a commit, or none'],
];
for (const [parameters, told] of refusedBuilds) {
  test(`force-build: ${told}`, async () => {
    const { status, message } = await run(await running(), 'force-build', parameters);
    assert.deepEqual([status, message], ['failed', told]);
  });
}

test('force-build says so when Buildbot does not answer', async () => {
  const world = await running();
  world.machine.silent = true;
  const { message } = await run(world, 'force-build', { builder: 'demo-main', reason: 'x' });
  assert.equal(message, 'Buildbot does not answer');
});

test('hold, resume and explain are the service’s own commands', async () => {
  const world = await running();
  world.machine.promotionAnswer = { code: 0, output: 'demo: main -> stable is held: a release\n' };
  const { results } = await run(world, 'hold', {
    branch: 'stable',
    from: 'main',
    why: 'a release',
    who: 'ann',
  });
  assert.deepEqual(results, { result: 'demo: main -> stable is held: a release' });
  await run(world, 'resume', { branch: 'stable' });
  await run(world, 'explain', { branch: 'stable', project: 'demo' });
  assert.deepEqual(world.machine.promotionCalls, [
    ['hold', '--why=a release', '--who=ann', '--', 'main', 'stable'],
    ['resume', '--who=an operator', '--', 'stable'],
    ['explain', '--project=demo', '--', 'stable'],
  ]);
});

test('check-push tells what the service’s own command found', async () => {
  const world = await running();
  world.machine.promotionAnswer = { code: 1, output: 'stable: cannot be pushed to X: Permission denied\n' };
  const { status, message } = await run(world, 'check-push');
  assert.deepEqual([status, message], ['failed', 'stable: cannot be pushed to X: Permission denied']);
  assert.deepEqual(world.machine.promotionCalls, [['check-push']]);
});

test('what the service refuses is what juju run says', async () => {
  const world = await running();
  world.machine.promotionAnswer = { code: 1, output: 'no branch pair matches "x"\n' };
  const { status, message } = await run(world, 'hold', { branch: 'x', why: 'y' });
  assert.deepEqual([status, message], ['failed', 'no branch pair matches "x"']);
});

test('show-promotions shows text, or everything as JSON', async () => {
  const world = await running();
  await run(world, 'show-promotions');
  await run(world, 'show-promotions', { format: 'json' });
  assert.deepEqual(world.machine.promotionCalls, [['status'], ['status', '--json']]);
});

test('promote-now has everything looked at', async () => {
  const world = await running();
  world.machine.promotionAnswer = { code: 0, output: 'demo\n  main -> stable  moving\n' };
  const { results } = await run(world, 'promote-now');
  assert.deepEqual(results, { result: 'demo\n  main -> stable  moving' });
  assert.match(world.machine.posts[0]?.url ?? '', /\/api\/look$/);
});

test('promote-now is about one branch when it is given one', async () => {
  const world = await running();
  world.machine.promoted = { ok: true, text: 'demo: db-stable -> main: up to date' };
  const parameters = { from: 'db-stable', branch: 'main', why: 'the schema is there', who: 'ann' };
  const { results } = await run(world, 'promote-now', parameters);
  assert.deepEqual(results, { result: 'demo: db-stable -> main: up to date' });
  assert.deepEqual(JSON.parse(world.machine.posts[0]?.body ?? ''), parameters);
  world.machine.promoted = { ok: false, text: 'demo: main -> stable: waiting; not green' };
  const { status, message } = await run(world, 'promote-now', { branch: 'stable' });
  assert.deepEqual([status, message], ['failed', 'demo: main -> stable: waiting; not green']);
  assert.equal((await run(world, 'promote-now', { from: 'db-stable' })).message, 'give branch, too');
});

test('promote-now with promotion off is refused', async () => {
  const world = await running();
  await world.run(event.configChanged(), world.config({ promotion: 'off' }));
  const { message } = await run(world, 'promote-now');
  assert.equal(message, 'promotion is off; set promotion to active or shadow');
});

test('reconfigure looks at everything, settings that were reset included, which come without an event', async () => {
  const world = await running();
  world.state = { ...world.state, ...world.config({ title: 'another' }) };
  const { status, results } = await run(world, 'reconfigure');
  assert.equal(status, 'completed');
  assert.deepEqual(results, { status: 'active', message: '1 of 1 worker' });
  assert.equal(world.machine.configuration?.site.title, 'another');
  world.state = { ...world.state, config: {} };
  assert.equal(
    (await run(world, 'reconfigure')).message,
    'no pipelines; set config-repository, or pipelines',
  );
});

test('check-config tells all mistakes, and touches nothing', async () => {
  const world = await running();
  const wrong = `${PIPELINE.replace('branch: main', 'brunch: main')}testfix: perhaps\n`;
  const { status, results } = await run(world, 'check-config', { pipelines: wrong });
  assert.equal(status, 'failed');
  assert.equal(String(results.mistakes).split('\n').length, 2);
  assert.deepEqual(world.changes(), []);
  assert.deepEqual((await run(world, 'check-config', { pipelines: PIPELINE })).results, {
    result: 'good: 1 project, 1 builder',
  });
  assert.deepEqual((await run(world, 'check-config')).results, { result: 'good: 1 project, 1 builder' });
});

test('check-config reads another branch of the repository', async () => {
  const world = await running({ config: { 'config-repository': 'https://git.example.com/config' } });
  world.machine.repositories.set('https://git.example.com/config#proposed', {
    revision: '1',
    files: [{ file: 'pipelines/demo.yaml', text: 'project: [' }],
  });
  const { message } = await run(world, 'check-config', { branch: 'proposed' });
  assert.match(message, /^pipelines\/demo\.yaml:1:/);
  assert.match((await run(world, 'check-config', { branch: 'gone' })).message, /cannot be read/);
  const both = await run(world, 'check-config', { branch: 'proposed', pipelines: PIPELINE });
  assert.equal(both.message, 'give branch or pipelines, not both');
});

test('get-admin-password gives the login that was made at the installation', async () => {
  const world = await running();
  const { results } = await run(world, 'get-admin-password');
  assert.equal(results.name, 'admin');
  assert.equal(results.url, 'http://192.0.2.10:8010/');
  assert.match(world.machine.text(places.people), new RegExp(String(results.password)));
  assert.doesNotMatch(world.machine.text(places.logins), new RegExp(String(results.password)));
});

test('add-web-user gives a password, and another one the next time', async () => {
  const world = await running();
  const first = await run(world, 'add-web-user', { name: 'ann@example.com' });
  assert.match(world.machine.text(places.logins), /^ann@example\.com:hash/m);
  const before = world.machine.text(places.logins);
  const second = await run(world, 'add-web-user', { name: 'ann@example.com' });
  assert.notEqual(second.results.password, first.results.password);
  assert.notEqual(world.machine.text(places.logins), before);
  for (const name of ['admin', 'a:b', 'a\nb']) {
    assert.equal((await run(world, 'add-web-user', { name })).status, 'failed');
  }
});

test('rotate-worker-passwords gives new ones, to all or to one', async () => {
  const world = await running();
  const before = world.machine.configuration?.workers[0]?.password;
  assert.deepEqual((await run(world, 'rotate-worker-passwords')).results, { result: '1 new password' });
  const after = world.machine.configuration?.workers[0]?.password;
  assert.notEqual(after, before);
  await run(world, 'rotate-worker-passwords', { unit: 'buildbot-worker/0' });
  assert.notEqual(world.machine.configuration?.workers[0]?.password, after);
  const { message } = await run(world, 'rotate-worker-passwords', { unit: 'buildbot-worker/9' });
  assert.equal(message, 'there is no worker buildbot-worker/9');
});

test('backup tells the file; restore saves what there is, puts the backup in place, and all runs again', async () => {
  const world = await running();
  const { results } = await run(world, 'backup');
  const file = String(results.file);
  assert.match(file, /^\/srv\/buildbot\/backups\//);
  world.changes();
  const restored = await run(world, 'restore', { file });
  assert.equal(restored.status, 'completed');
  assert.match(String(restored.results.before), /backup/);
  assert.equal(restored.results.message, '1 of 1 worker');
  const changes = world.changes();
  assert.ok(changes.indexOf(`stop ${MASTER}`) < changes.indexOf(`restore ${file}`));
  assert.ok(changes.includes(`start ${MASTER}`) && changes.includes(`start ${PROMOTION}`));
});

test('a restoration that is refused leaves everything running', async () => {
  const world = await running();
  const { status, message } = await run(world, 'restore', { file: '/nowhere' });
  assert.deepEqual([status, message], ['failed', '/nowhere cannot be restored: No such file or directory']);
  assert.equal(world.machine.state(MASTER).active, 'active');
  assert.equal((await run(world, 'restore', { file: 'relative' })).message, 'give an absolute path');
});

const early: Readonly<Record<string, Record<string, string>>> = {
  'force-build': { builder: 'demo-main', reason: 'x' },
  hold: { branch: 'stable', why: 'x' },
  explain: { branch: 'stable' },
  'show-promotions': {},
  'get-admin-password': {},
  'add-web-user': { name: 'ann' },
  backup: {},
  restore: { file: '/x' },
};
for (const [name, parameters] of Object.entries(early)) {
  test(`${name} before there is a master says so`, async () => {
    const { status, message } = await run(new World(), name, parameters);
    assert.deepEqual([status, message], ['failed', 'there is no master yet; see juju status']);
  });
}

test('no action takes an option of the command behind it for a branch', async () => {
  const world = await running();
  const { status, message } = await run(world, 'explain', { branch: '--config=/etc/shadow' });
  assert.deepEqual([status, message], ['failed', 'branch: must not begin with a dash']);
  assert.deepEqual(world.machine.promotionCalls, []);
});
