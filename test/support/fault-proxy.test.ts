import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { FaultProxy } from './fault-proxy.ts';
import { freePort, listen } from './ports.ts';
import { waitUntil } from './wait.ts';

/** A server that answers every line with the same line. */
async function echoServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  const port = await freePort();
  assert.equal(await listen(server, port), 'listening');
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Says something and tells what came back until the answer is complete or the connection ends. */
async function say(port: number, text: string): Promise<{ heard: string; end: string }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ heard, end: error.code ?? '' }));
    socket.on('close', () => resolve({ heard, end: 'closed' }));
    socket.on('data', (data) => {
      heard += data.toString();
      if (heard === text) socket.end();
    });
    socket.write(text);
  });
}

test('a line through the proxy comes back, is refused, cut, delayed, and comes back again', async () => {
  await using server = await echoServer();
  await using proxy = await FaultProxy.before(server.port);
  assert.deepEqual(await say(proxy.port, 'hello'), { heard: 'hello', end: 'closed' });

  await proxy.set({ kind: 'down' });
  assert.deepEqual(await say(proxy.port, 'hello'), { heard: '', end: 'ECONNREFUSED' });

  await proxy.set({ kind: 'cut', afterBytes: 3 });
  const cut = await say(proxy.port, 'hello');
  assert.ok('hel'.startsWith(cut.heard), cut.heard);
  assert.equal(cut.end, 'ECONNRESET');

  await proxy.set({ kind: 'slow', milliseconds: 100 });
  const before = performance.now();
  assert.deepEqual(await say(proxy.port, 'hello'), { heard: 'hello', end: 'closed' });
  assert.ok(performance.now() - before >= 200, 'each direction is delayed');

  await proxy.set({ kind: 'none' });
  assert.deepEqual(await say(proxy.port, 'hello'), { heard: 'hello', end: 'closed' });
  await waitUntil('all connections to be closed', () => proxy.connections.open === 0);
});

test('a hanging connection never answers, not even when the fault is gone, and others then do', async () => {
  await using server = await echoServer();
  await using proxy = await FaultProxy.before(server.port);
  await proxy.set({ kind: 'hanging' });
  let ended = false;
  const hanging = say(proxy.port, 'hello').finally(() => {
    ended = true;
  });
  await waitUntil('the connection', () => proxy.connections.open === 1);
  await proxy.set({ kind: 'none' });
  assert.deepEqual(await say(proxy.port, 'me too'), { heard: 'me too', end: 'closed' });
  assert.equal(ended, false);
  await proxy.set({ kind: 'down' });
  assert.equal((await hanging).heard, '');
});
