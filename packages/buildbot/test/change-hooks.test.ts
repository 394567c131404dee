/**
 * Change hooks in a real master. It polls once an hour, so that whatever is built within these tests is built because of a hook,
 * and it reads its repository over HTTP from a server that counts how often it is asked.
 */
import assert from 'node:assert/strict';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesWithSecrets } from '../../../test/support/secret-watch.ts';
import { type ChangeCall, gitCall, githubDelivery, signedDelivery } from './change-calls.ts';
import { createWorld, freePort, pipelineOf, type World } from './world.ts';

const SECRET = 'the secret of these webhooks';
const HOUR = 3600;
/** Where the pipeline file says that branches are moved. */
const PUSH = 'git@github.com:team/demo.git';
/** The pause between two polls that hooks ask for (poller.py). */
const PAUSE_SECONDS = 0.5;

let world: World;
let server: Server;
let repository: string;
let secretFile: string;
let polls = 0;

before(async () => {
  world = await createWorld();
  const update = join(world.repository, 'hooks/post-update');
  await writeFile(update, '#!/bin/sh\nexec git update-server-info\n');
  await chmod(update, 0o755);
  const port = await freePort();
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (pathname.endsWith('/info/refs')) polls += 1;
    const file = join(world.repository, pathname.replace('/team/demo.git', ''));
    const content = await readFile(file).catch(() => undefined);
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  repository = `http://127.0.0.1:${port}/team/demo.git`;
  secretFile = join(world.directory, 'webhook-secret');
  await writeFile(secretFile, `${SECRET}\n`, { mode: 0o600 });
  await world.commit('master', 'what the server serves first');
  await world.configure(configuration());
  await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(async () => {
  await world.destroy();
  await new Promise((done) => server.close(done));
});

function configuration(more: { pollSeconds?: number; file?: string; second?: boolean } = {}) {
  const { pollSeconds = HOUR, file = secretFile, second = false } = more;
  const projects = [
    { ...pipelineOf(repository, [{ name: 'devel', branch: 'master' }], { pollSeconds }), push: PUSH },
    ...(second
      ? [pipelineOf(world.repository, [{ name: 'other', branch: 'master' }], { name: 'second', pollSeconds })]
      : []),
  ];
  return world.configuration([], {
    pipeline: { format: 1, projects },
    site: { ...world.site, webhookSecretFile: file },
  });
}

async function send(call: ChangeCall): Promise<number> {
  const response = await fetch(`${world.site.url}change_hook/${call.dialect}`, {
    method: 'POST',
    headers: call.headers,
    body: call.body,
  });
  const text = await response.text();
  assert.ok(!text.includes(SECRET));
  return response.status;
}

const push = (secret = SECRET, address = repository) => githubDelivery(secret, address);
const call = (at?: number) => gitCall(SECRET, repository, at);

test('a push on GitHub is built because of its webhook, by the other addresses of the repository too', async () => {
  const others = [repository.replace('.git', ''), `${repository}/`.toUpperCase()];
  for (const address of [repository, ...others, 'https://github.com/Team/Demo']) {
    const revision = await world.commit('master', `pushed as ${address}`);
    assert.equal(await send(push(SECRET, address)), 202);
    assert.equal((await world.built('devel', revision)).result, 'green');
  }
});

test('a push to a git server is built because of its hook', async () => {
  const revision = await world.commit('master', 'pushed to a git server');
  assert.equal(await send(call()), 202);
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('a ping of GitHub says whether the webhook will do', async () => {
  assert.equal(await send(githubDelivery(SECRET, repository, 'ping')), 200);
  assert.equal(await send(githubDelivery(SECRET, 'https://github.com/team/other', 'ping')), 404);
  assert.equal(await send(githubDelivery('not the secret', repository, 'ping')), 403);
});

test('whoever does not know the secret, or only repeats, makes nobody look', async () => {
  await send(call());
  const delivered = push();
  const called = call();
  assert.equal(await send(delivered), 202);
  assert.equal(await send(called), 202);
  const { headers, body } = push();
  const attempts: readonly (readonly [string, ChangeCall, number])[] = [
    ['without a signature', { dialect: 'github', headers: { 'x-github-event': 'push' }, body }, 403],
    ['signed with another secret', push('another secret'), 403],
    ['signed for another body', { dialect: 'github', headers, body: `${body} ` }, 403],
    ['signed for the other dialect', { ...push(), dialect: 'git' }, 403],
    ['a replay', delivered, 409],
    ['a replay under another id', withHeader(delivered, 'x-github-delivery', crypto.randomUUID()), 409],
    ['a replay of ours', called, 409],
    ['a replay of ours with another nonce', withHeader(called, 'x-lpbuildbot-nonce', 'f'.repeat(32)), 403],
    ['a clock that is behind', call(Date.now() - 400_000), 403],
    ['a clock that is ahead', call(Date.now() + 400_000), 403],
    ['of before the start', call(Date.now() - 200_000), 409],
    ['another repository', push(SECRET, 'https://github.com/team/other.git'), 404],
    ['another repository of the server', gitCall(SECRET, `${repository}-other`), 404],
    ['an event that is none of ours', withHeader(push(), 'x-github-event', 'issues'), 200],
    ['a huge body', { ...push(), body: 'x'.repeat(30 * 1024 * 1024) }, 413],
    ['a huge body of ours', { ...call(), body: 'x'.repeat(5000) }, 413],
  ];
  await quiet();
  const looked = await looks();
  for (const [what, attempt, status] of attempts) assert.equal(await send(attempt), status, what);
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(`${world.site.url}change_hook/github`, { method });
    assert.equal(answer.status, 405, method);
  }
  const revision = await world.commit('master', 'for the first call that counts');
  assert.equal(await send(call()), 202);
  assert.equal((await world.built('devel', revision)).result, 'green');
  assert.equal(await looks(), looked + 1);
});

test('a body that is signed well and still broken is told', async () => {
  assert.equal(await send(gitCall(SECRET, '  ')), 400);
  for (const body of ['{', '[]', '{"repository": {}}', '"'.repeat(1000)]) {
    assert.equal(await send(signedDelivery(SECRET, 'push', body)), 400, body);
  }
});

test('a flood of good calls is a few polls, and the last of them sees everything', async () => {
  await quiet();
  const before = polls;
  const started = performance.now();
  const floods = Array.from({ length: 300 }, (_, index) => send(index % 2 === 0 ? push() : call()));
  const revision = await world.commit('master', 'in the flood');
  floods.push(send(push()));
  assert.deepEqual([...new Set(await Promise.all(floods))], [202]);
  assert.equal((await world.built('devel', revision)).result, 'green');
  const seconds = (performance.now() - started) / 1000;
  await quiet();
  // One at once, one after each pause, and one that was still due; the new commit is fetched by the poller and by the worker.
  const most = 1 + Math.ceil(seconds / PAUSE_SECONDS) + 1 + 4;
  assert.ok(polls - before <= most, `${polls - before} questions in ${seconds} s`);
});

test('calls during a reconfiguration are taken, and what it brings counts for the next', async () => {
  const moved = join(world.directory, 'moved-secret');
  await rename(secretFile, moved);
  await writeFile(secretFile, `${SECRET}\n`);
  const configured = world.configure(configuration({ file: moved, second: true }));
  let done = false;
  const statuses = new Set<number>();
  const revision = await world.commit('master', 'while it is reconfigured');
  configured.finally(() => {
    done = true;
  });
  while (!done) statuses.add(await send(call()));
  await configured;
  statuses.add(await send(call()));
  assert.deepEqual([...statuses], [202]);
  assert.equal((await world.built('devel', revision)).result, 'green');
  await writeFile(secretFile, 'no longer the secret\n');

  assert.equal((await world.built('other', revision)).result, 'green');
  const next = await world.commit('master', 'for the one that was added');
  assert.equal(await send(gitCall(SECRET, world.repository)), 202);
  assert.equal((await world.built('other', next)).result, 'green');
  await rename(moved, secretFile);
  await world.configure(configuration());
  assert.equal(await send(gitCall(SECRET, world.repository)), 404);
});

test('after a restart a replay makes no build: ours is refused, GitHub’s costs a look', async () => {
  const [delivered, called] = [push(), call()];
  assert.deepEqual([await send(delivered), await send(called)], [202, 202]);
  await world.restart('kill');
  // What the master builds once it is back, too.
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
  await quiet();
  const builds = await world.builds('devel');
  assert.deepEqual([await send(called), await send(delivered)], [409, 202]);
  await quiet();
  assert.deepEqual(await world.builds('devel'), builds);
});

test('without its secret it is off, and with another one that counts at once', async () => {
  await rename(secretFile, `${secretFile}.away`);
  assert.equal(await send(push()), 404);
  await writeFile(secretFile, 'one that is new\n');
  assert.equal(await send(push()), 403);
  assert.equal(await send(push('one that is new')), 202);
  await rename(`${secretFile}.away`, secretFile);
  assert.equal(await send(push()), 202);
});

test('nothing that the master writes or shows has the secret, or says where it lies', async () => {
  const { webhookSecretFile: _, ...site } = configuration().site;
  assert.deepEqual(await filesWithSecrets(world.masterDirectory, [SECRET]), []);
  for (const path of ['', 'config']) {
    const shown = await (await fetch(`${site.url}${path}`)).text();
    assert.ok(shown.includes('A test') && !shown.includes('secret'), path);
  }
});

test('a push whose hook was lost is found by the next poll', async () => {
  await world.configure(configuration({ pollSeconds: 1 }));
  await quiet();
  const revision = await world.commit('master', 'nobody told of it');
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('a master without the setting has no change hooks', async () => {
  await world.configure({ ...configuration(), site: world.site });
  assert.equal(await send(push()), 400);
});

function withHeader(given: ChangeCall, name: string, value: string): ChangeCall {
  return { ...given, headers: { ...given.headers, [name]: value } };
}

/** How often the poller has looked because of a hook. */
async function looks(): Promise<number> {
  return (await world.log()).split('is polled for a change hook').length - 1;
}

/** Waits until no look is due any more. */
async function quiet(): Promise<void> {
  let before = -1;
  for (let now = await looks(); now !== before; now = await looks()) {
    before = now;
    await sleep(4 * PAUSE_SECONDS * 1000);
  }
}
