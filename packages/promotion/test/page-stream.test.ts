/** The page's stream under everybody who may connect to it: strangers, a crowd, and a crowd that does not read. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const messageSchema = z.object({
  epoch: z.string(),
  version: z.int(),
  parts: z.record(z.string(), z.object({ html: z.string() }).nullable()),
});
type Message = z.infer<typeof messageSchema>;

/** A client that remembers what it is told. */
class Listener {
  readonly heard: Message[] = [];
  readonly socket: WebSocket;

  constructor(stage: PromotionStage, query = '', headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${stage.port}/ws${query}`, { headers });
    this.socket.on('message', (data) => this.heard.push(messageSchema.parse(JSON.parse(data.toString()))));
  }

  async hears(what: string): Promise<void> {
    await waitUntil(`the stream to tell of ${what}`, () =>
      this.heard.some(({ parts }) => Object.values(parts).some((part) => part?.html.includes(what))),
    );
  }

  async greeted(): Promise<void> {
    await waitUntil('the first message', () => this.heard.length > 0);
  }
}

test('a stranger with another origin gets no stream', async () => {
  await using stage = await PromotionStage.create();
  await stage.start();
  const asks = async (path: string, headers: Readonly<Record<string, string>>) => {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}${path}`, { headers });
    const status = await new Promise<number>((answered, failed) => {
      socket.on('open', () => answered(101));
      socket.on('unexpected-response', (_request, response) => answered(response.statusCode ?? 0));
      socket.on('error', failed);
    });
    socket.on('error', () => {});
    socket.terminate();
    return status;
  };
  const own = `http://127.0.0.1:${stage.port}`;
  for (const origin of ['https://evil.example', 'null', `${own}.evil.example`, 'http://127.0.0.1:1', 'x'])
    assert.equal(await asks('/ws', { origin }), 403, origin);
  assert.equal(await asks('/ws', { origin: own }), 101);
  assert.equal(await asks('/ws', {}), 101, 'a program, which no other site can make ask');
  assert.equal(await asks('/other', { origin: own }), 404);
});

test('whoever was away is told what is new, and only that', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const first = new Listener(stage);
  await first.hears('Begin');
  const all = first.heard.find(({ parts }) => Object.keys(parts).length > 4);
  assert.ok(all !== undefined, 'a page that nobody knows is told everything');
  const { epoch } = all;
  first.socket.terminate();

  const revision = await stage.commit('master', 'While it was away', 'success');
  await stage.arrives('stable', revision);
  await stage.says('master', 'stable', 'up to date', ({ verdict }) => verdict?.kind === 'up-to-date');
  const version = first.heard.at(-1)?.version ?? 0;
  const second = new Listener(stage, `?epoch=${epoch}&version=${version}`);
  await second.hears('While it was away');
  for (const query of [
    '?epoch=other&version=7',
    `?epoch=${epoch}&version=999999999`,
    '?version=-1',
    '?version=x',
  ]) {
    const other = new Listener(stage, query);
    await other.hears('While it was away');
    assert.ok(Object.keys(other.heard[0]?.parts ?? {}).length > 4, `${query} is told everything`);
    other.socket.terminate();
  }
  // It is no place to say anything.
  const closed = once(second.socket, 'close');
  second.socket.send('{"cmd":"hold"}');
  const [code] = await closed;
  assert.equal(code, 1008);
});

test('a thousand clients that never read cost little, and keep nobody waiting', {
  timeout: 300_000,
}, async () => {
  await using stage = await PromotionStage.create();
  const daemon = await stage.startListening();
  const crowd: Socket[] = [];
  for (let n = 0; n < 1000; n += 1) crowd.push(await slow(stage.port));
  try {
    const quick = new Listener(stage);
    await quick.greeted();
    const before = await memory(daemon.pid);
    for (let n = 1; n <= 15; n += 1) {
      const revision = await stage.commit(
        'master',
        { message: `Commit ${n}`, files: { 'n.txt': `${n}\n` } },
        'success',
      );
      await stage.arrives('stable', revision);
      await quick.hears(`stable moved to ${revision.slice(0, 7)}`);
    }
    const grown = (await memory(daemon.pid)) - before;
    assert.ok(grown < 120, `${grown} MB more`);
    assert.match(await stage.get('healthz'), /"status":"ok"/);
    quick.socket.terminate();
  } finally {
    for (const socket of crowd) socket.destroy();
  }
  // And when they leave, it goes on.
  const after = new Listener(stage);
  await after.greeted();
  after.socket.terminate();
});

/** A client that shakes hands and never reads. */
async function slow(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await once(socket, 'readable');
  return socket;
}

/** Resident, in megabytes. */
async function memory(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
}
