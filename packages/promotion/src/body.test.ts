import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { bodyOf } from './body.ts';

/** Answers ten bytes; below /cut it breaks off in the middle of them, below /endless it never ends. */
const server = createServer(({ url }, response) => {
  response.writeHead(200, { 'content-length': url === '/endless' ? 1e9 : 10 });
  response.write('01234');
  if (url === '/cut') setImmediate(() => response.destroy());
  else if (url !== '/endless') response.end('56789');
  else {
    const more = setInterval(() => response.write('x'.repeat(1000)), 1);
    response.on('close', () => clearInterval(more));
  }
});

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(path: string): Promise<IncomingMessage> {
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return await new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path }, resolve).on('error', reject);
  });
}

test('a body is read to its end, up to the very limit', async () => {
  assert.equal((await bodyOf(await ask('/'), 10)).toString(), '0123456789');
});

test('a body that is longer than the limit is refused before it is whole', async () => {
  await assert.rejects(bodyOf(await ask('/'), 9), /too large/);
  const endless = await ask('/endless');
  await assert.rejects(bodyOf(endless, 5000), /too large/);
  assert.ok(endless.destroyed);
});

test('a body that breaks off is no body', async () => {
  await assert.rejects(bodyOf(await ask('/cut'), 10), /aborted/);
});
