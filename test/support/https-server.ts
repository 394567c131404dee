/**
 * Git's own HTTP server program (git-http-backend(1)) behind a Node HTTPS server with a certificate from an authority
 * made for the test and with basic authentication, as hosts of git repositories have it.
 */
import { spawn } from 'node:child_process';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { basename } from 'node:path';
import { execa } from 'execa';
import { FaultProxy } from './fault-proxy.ts';
import type { GitServer } from './git-servers.ts';
import type { GitWorld } from './git-world.ts';
import { freePort, listen } from './ports.ts';

const username = 'promoter';

export async function httpsServer(world: GitWorld): Promise<GitServer> {
  const directory = world.path('https');
  await mkdir(directory, { mode: 0o700 });
  const file = (name: string): string => `${directory}/${name}`;
  await makeCertificates(directory);
  const password = randomBytes(18).toString('hex');
  await writeFile(file('password'), `${password}\n`, { mode: 0o600 });

  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const server = createServer(
    { key: await readFile(file('server.key')), cert: await readFile(file('server.pem')) },
    (request, response) => {
      if (!equal(request.headers.authorization ?? '', expected)) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?\n');
        return;
      }
      runBackend(world, request, response);
    },
  );
  const port = await freePort();
  if ((await listen(server, port)) === 'in use') throw new Error(`port ${port} was taken`);
  const proxy = await FaultProxy.before(port);
  return {
    transport: 'https',
    credentials: { kind: 'https', username, passwordFile: file('password'), caFile: file('ca.pem') },
    secrets: [password, expected.slice('Basic '.length)],
    proxy,
    url: (repository) => `https://127.0.0.1:${proxy.port}/${basename(repository.path)}`,
    set: (fault) => proxy.set(fault),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await close(server);
    },
  };
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

export async function makeCertificates(directory: string): Promise<void> {
  const openssl = (args: readonly string[]): Promise<unknown> => execa('openssl', args, { cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const ca = ['-subj', '/CN=test authority', '-addext', 'basicConstraints=critical,CA:TRUE'];
  await openssl(['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', ...ca]);
  await openssl(['req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1']);
  await writeFile(`${directory}/names`, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  await openssl(['x509', '-req', '-in', 'server.csr', ...sign, '-out', 'server.pem']);
}

/** One request by CGI (RFC 3875), streamed both ways. */
export function runBackend(
  world: GitWorld,
  request: IncomingMessage,
  response: ServerResponse,
  url = new URL(request.url ?? '/', 'https://127.0.0.1'),
): void {
  const header = (name: string): string => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  };
  const child = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      ...world.env(),
      GIT_PROJECT_ROOT: world.directory,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header('git-protocol'),
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      // What makes git-http-backend take pushes.
      REMOTE_USER: username,
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  response.on('close', () => child.stdout.destroy());

  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', onHead);
    answer(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', onHead);
  child.on('close', () => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
}

function answer(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name === 'Status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
