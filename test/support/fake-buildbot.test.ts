import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { FakeBuildbot, type RestFault } from './fake-buildbot.ts';
import { waitUntil } from './wait.ts';

const revision = 'a'.repeat(40);
const build = { builder: 'unit', revision };

async function get(fake: FakeBuildbot, query: string): Promise<string> {
  const response = await fetch(`${fake.url}api/v2/${query}`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(500),
  });
  return `${response.status} ${await response.text()}`;
}

async function listen(fake: FakeBuildbot): Promise<{ readonly heard: string[]; readonly socket: WebSocket }> {
  const heard: string[] = [];
  const socket = new WebSocket(`${fake.url.replace('http', 'ws')}ws`);
  socket.on('message', (data) => heard.push(data.toString()));
  socket.on('error', (error) => heard.push(error.message));
  socket.on('close', () => heard.push('closed'));
  socket.on('open', () =>
    socket.send(JSON.stringify({ cmd: 'startConsuming', path: 'builds/*/finished', _id: 1 })),
  );
  await waitUntil('the subscription', () => heard.length > 0);
  return { heard, socket };
}

test('every REST fault is what it says, and goes away', async () => {
  await using fake = await FakeBuildbot.start();
  fake.build(build, 'success');
  const expected: Readonly<Record<Exclude<RestFault, 'hanging'>, RegExp>> = {
    none: /^200 .*"results":0/,
    garbage: /^200 .*"numb$/,
    'wrong shape': /^200 .*"one"/,
    'bad gateway': /^502 <html>/,
    'not found': /^404 <html>/,
    'internal error': /^500 /,
  };
  for (const fault of [
    'garbage',
    'wrong shape',
    'bad gateway',
    'not found',
    'internal error',
    'none',
  ] as const) {
    fake.setRestFault(fault);
    assert.match(await get(fake, 'builds'), expected[fault]);
  }
  fake.setRestFault('hanging');
  await assert.rejects(get(fake, 'builds'), { name: 'TimeoutError' });
  await fake.down();
  await assert.rejects(get(fake, 'builds'), { message: 'fetch failed' });
  fake.setRestFault('none');
  await fake.up();
  assert.match(await get(fake, 'builds/1'), expected.none);
});

test('events stop when the stream is silent or lossy, and a silent one does not even answer', async () => {
  await using fake = await FakeBuildbot.start();
  const { heard, socket } = await listen(fake);
  fake.setEventFault('lossy');
  fake.build(build, 'success');
  socket.send(JSON.stringify({ cmd: 'ping', _id: 2 }));
  await waitUntil('the pong', () => heard.length === 2);
  assert.match(heard[1] ?? '', /pong/);

  fake.setEventFault('silent');
  socket.send(JSON.stringify({ cmd: 'ping', _id: 3 }));
  fake.build(build, 'failure');
  assert.match(await get(fake, 'builds/2'), /"results":2/);
  assert.equal(heard.length, 2);
  assert.equal(fake.consumers, 1);

  fake.setEventFault('none');
  fake.build(build, 'success');
  await waitUntil('the event', () => heard.length === 3);
  assert.match(heard[2] ?? '', /"k":"builds\/3\/finished"/);

  fake.setEventFault('refused');
  await waitUntil('the end', () => heard.includes('closed'));
  const refused = await listen(fake);
  assert.match(refused.heard[0] ?? '', /503/);
});

test('a restart ends what runs as "retry", starts it again, and leaves what is queued', async () => {
  await using fake = await FakeBuildbot.start();
  const running = fake.startBuild(build);
  const queued = fake.model.request('unit', { branch: 'master', revision, repository: '', patched: false });
  const again = await fake.restart();
  const builds = z
    .object({
      builds: z.array(z.object({ buildid: z.int(), results: z.int().nullable(), buildrequestid: z.int() })),
    })
    .parse(JSON.parse((await get(fake, 'builds?field=buildid&field=results&field=buildrequestid')).slice(4)));
  assert.deepEqual(builds.builds, [
    { buildid: running, results: 5, buildrequestid: 1 },
    { buildid: again.get(running), results: null, buildrequestid: 1 },
  ]);
  assert.match(await get(fake, `buildrequests/${queued}`), /"claimed":false/);
});
