import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLxd } from './connection.ts';
import { aliasTarget, setAlias } from './images.ts';
import { claimInstance, getInstance, startInstance } from './instances.ts';
import { LxdError } from './problem.ts';
import { serverInfo } from './surroundings.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lxd-'));
});
after(() => rm(directory, { recursive: true }));

/** An LXD that answers as the handler says; only the protocol's outside is looked at here. */
async function answering(
  handler: RequestListener,
): Promise<AsyncDisposable & { env: Record<string, string> }> {
  const socket = join(directory, 'unix.socket');
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { env: { LXD_SOCKET: socket }, [Symbol.asyncDispose]: close };
}

const error = (code: number, words: string): string =>
  JSON.stringify({ type: 'error', error: words, error_code: code });

async function sentence(work: Promise<unknown>): Promise<string> {
  const caught = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(caught instanceof LxdError, String(caught));
  return caught.message;
}

test('who has no LXD running is told how to start it', async () => {
  const lxd = openLxd({ LXD_SOCKET: '/proc/version' });
  assert.match(await sentence(serverInfo(lxd)), /does not answer on \/proc\/version .*systemctl start lxd/);
});

test('a full disk is told with what frees space, whatever code LXD gives it', async () => {
  await using lxd = await answering((_, response) =>
    response.end(error(500, 'Failed to run: btrfs subvolume snapshot: No space left on device')),
  );
  const words = await sentence(startInstance(openLxd(lxd.env), 'one'));
  assert.match(words, /storage is full .*lpbuildbot-prune-images/);
});

test("anything else is told in LXD's own words", async () => {
  await using lxd = await answering((_, response) => response.end(error(400, 'Invalid devices')));
  assert.equal(await sentence(startInstance(openLxd(lxd.env), 'one')), 'LXD refused: Invalid devices');
});

test('an answer that makes no sense is told with what was asked', async () => {
  await using lxd = await answering((_, response) => response.end('<html>'));
  assert.match(await sentence(serverInfo(openLxd(lxd.env))), /its answer to GET \/1.0 makes no sense/);
});

test('what is not there is no mistake to those that ask whether it is', async () => {
  await using lxd = await answering((_, response) => response.end(error(404, 'Instance not found')));
  assert.equal(await getInstance(openLxd(lxd.env), 'one'), undefined);
  assert.equal(await aliasTarget(openLxd(lxd.env), 'one'), undefined);
});

test('an alias that another process makes at the same moment is moved instead', async () => {
  const asked: string[] = [];
  await using lxd = await answering((request, response) => {
    asked.push(request.method ?? '');
    const answers = [error(404, 'Image alias not found'), error(409, 'Alias already exists')];
    response.end(answers[asked.length - 1] ?? JSON.stringify({ type: 'sync', metadata: {} }));
  });
  await setAlias(openLxd(lxd.env), 'lpbuildbot/focal', 'abc');
  assert.deepEqual(asked, ['PUT', 'POST', 'PUT']);
});

test('an instance that another process claims at the same moment is left to that one', async () => {
  const there = {
    name: 'spare',
    status: 'Stopped',
    ephemeral: true,
    config: {},
    devices: {},
    created_at: '',
  };
  const refusals = [
    error(412, 'Precondition failed'),
    error(
      500,
      'Failed to create instance update operation: A matching non-reusable operation has now succeeded',
    ),
  ];
  for (const refusal of refusals) {
    await using lxd = await answering(({ method }, response) =>
      response.end(method === 'GET' ? JSON.stringify({ type: 'sync', metadata: there }) : refusal),
    );
    assert.equal(await claimInstance(openLxd(lxd.env), 'spare', {}, { config: {}, devices: {} }), false);
  }
});
