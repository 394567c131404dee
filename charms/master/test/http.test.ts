/** What the charm asks its own services, of real servers. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { realHttp } from '../src/machine/http.ts';

async function serving(context: TestContext, server: Server): Promise<string> {
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil));
  context.after(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function web(context: TestContext, answer: RequestListener): Promise<string> {
  return await serving(context, createServer(answer));
}

async function raw(context: TestContext, text: string): Promise<string> {
  return await serving(
    context,
    createTcpServer((socket) => socket.on('error', () => undefined).end(text)),
  );
}

test('a plain question gets status and text, with its path and query', async (context) => {
  const url = await web(context, (request, response) => {
    response.statusCode = 404;
    response.end(`${request.method} ${request.url} of ${request.headers.host}`);
  });
  const answer = await realHttp.ask({ url: `${url}/api/v2/workers?field=name&field=connected_to` });
  const host = url.replace('http://', '');
  const text = `GET /api/v2/workers?field=name&field=connected_to of ${host}`;
  assert.deepEqual(answer, { status: 404, text, cookies: [] });
});

test('a long answer in parts comes whole, wherever a character was cut', async (context) => {
  const long = 'é😀'.repeat(100_000);
  const url = await web(context, (_request, response) => {
    const bytes = Buffer.from(long);
    response.write(bytes.subarray(0, 33_333));
    setTimeout(() => response.end(bytes.subarray(33_333)), 20);
  });
  assert.equal((await realHttp.ask({ url: `${url}/` }))?.text, long);
});

test('a question with a body goes with its headers, and brings cookies', async (context) => {
  const url = await web(context, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      response.setHeader('set-cookie', ['session=1; Path=/']);
      response.end(`${request.method} ${request.headers.authorization} ${body}`);
    });
  });
  const headers = { authorization: 'Bearer token' };
  const answer = await realHttp.ask({ url: `${url}/`, method: 'POST', headers, body: 'said' });
  assert.deepEqual(answer, { status: 200, text: 'POST Bearer token said', cookies: ['session=1'] });
});

for (const [what, text] of Object.entries({
  'that is cut off': 'HTTP/1.1 200 OK\r\nContent-Le',
  'that is none': 'SSH-2.0-OpenSSH\r\n\r\n',
  'that is empty': '',
})) {
  test(`an answer ${what} counts as no answer`, async (context) => {
    assert.equal(await realHttp.ask({ url: `${await raw(context, text)}/` }), undefined);
  });
}

test('nobody there, and nobody who answers in time, are no answers either', async (context) => {
  assert.equal(await realHttp.ask({ url: 'http://127.0.0.1:1/' }), undefined);
  const url = await web(context, () => undefined);
  assert.equal(await realHttp.ask({ url: `${url}/`, patienceSeconds: 0.05 }), undefined);
});
