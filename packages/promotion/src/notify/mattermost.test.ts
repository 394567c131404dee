import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeMattermost, type MattermostFault } from '../../../../test/support/fake-mattermost.ts';
import { createFetch } from '../transport.ts';
import { createMattermost, restOf } from './mattermost.ts';
import type { Outcome } from './sender.ts';

describe('Mattermost', () => {
  let directory: string;
  let webhookFile: string;
  let server: FakeMattermost;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-mattermost-'));
    webhookFile = join(directory, 'webhook');
    server = await FakeMattermost.start('builds');
    await writeFile(webhookFile, `${server.webhook}\n`);
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const never = new AbortController().signal;
  const post = async (text = 'hello', channel = 'builds', user?: string): Promise<Outcome> => {
    const fetch = createFetch(undefined, {});
    const send = createMattermost({ webhookFile, user, timeoutMs: 300, fetch, now: Date.now });
    const outcome = await send(channel, text, never);
    const secret = new URL(server.webhook).pathname.slice('/hooks/'.length);
    assert.equal(JSON.stringify(outcome).includes(secret), false, 'the address is a secret');
    return outcome;
  };
  const host = () => `127.0.0.1:${server.port}`;
  const later = (why: string, reason: string, afterMs?: number) => ({ kind: 'later', why, reason, afterMs });

  it('takes a text for a channel, under a name', async () => {
    assert.deepEqual(await post('**hello**', 'builds', 'lpbuildbot'), { kind: 'sent' });
    const [{ channel, username, text } = {}] = server.posts;
    assert.deepEqual([channel, username, text], ['builds', 'lpbuildbot', '**hello**']);
  });

  const faults: readonly (readonly [string, MattermostFault, (host: string) => object])[] = [
    ['fails', 'failing', (at) => later('failing', `${at} fails (500)`)],
    ['is behind a proxy and away', 'bad gateway', (at) => later('failing', `${at} fails (502)`)],
    ['limits', { limitedFor: 7 }, (at) => later('limited', `${at} takes no more for now (429)`, 7000)],
    [
      'hangs',
      'hanging',
      (at) => ({ kind: 'later', why: 'unreachable', reason: `${at} cannot be reached: no answer in time` }),
    ],
    [
      'is a page to log in',
      'a page',
      (at) => later('declined', `${at} answers, and not as Mattermost does: is it the address of a webhook?`),
    ],
    ['has moved', 'moved', (at) => later('declined', `${at} does not take it (302)`)],
    [
      'refuses a text',
      { refuses: 'hell' },
      (at) => ({
        kind: 'refused',
        reason: `${at} does not take this message (400 model.post.is_valid.message_length.app_error)`,
      }),
    ],
  ];
  for (const [what, fault, outcome] of faults) {
    it(`that ${what} is told for what it is`, async () => {
      server.setFault(fault);
      const got = await post();
      assert.deepEqual(got, outcome(host()));
      assert.equal(server.posts.length, 0);
    });
  }

  it('that nobody listens at is away', async () => {
    await server.down();
    const outcome = await post();
    assert.ok(outcome.kind === 'later' && outcome.why === 'unreachable');
    assert.match(outcome.reason, /ECONNREFUSED/);
  });

  it('whose webhook was deleted, or has no such channel, or another one, keeps what waits', async () => {
    assert.deepEqual(
      await post('hello', 'nowhere'),
      later('declined', `${host()} knows no channel nowhere in the webhook's team`),
    );
    server.lockedTo = 'town-square';
    assert.deepEqual(
      await post(),
      later(
        'declined',
        `${host()} does not let the webhook post to the channel builds: it may be locked to another one`,
      ),
    );
    const old = server.webhook;
    server.replaceWebhook();
    assert.deepEqual(
      await post(),
      later('declined', `${host()} does not know the webhook: it was deleted, or its address is wrong`),
    );
    // A new address counts as soon as it is in the file.
    server.lockedTo = undefined;
    assert.notEqual(old, server.webhook);
    await writeFile(webhookFile, server.webhook);
    assert.deepEqual(await post(), { kind: 'sent' });
  });

  it('whose address is not in the file is told so', async () => {
    await writeFile(webhookFile, 'to be done');
    assert.deepEqual(await post(), {
      kind: 'later',
      why: 'declined',
      reason: `${webhookFile} has no address of a webhook in it`,
    });
    await rm(webhookFile);
    const outcome = await post();
    assert.ok(outcome.kind === 'later' && outcome.why === 'declined');
    assert.match(outcome.reason, /cannot be read \(ENOENT/);
  });

  it('says how long it wants to be left alone, in one way or another', () => {
    const rest = (headers: Readonly<Record<string, string>>) =>
      restOf(new Map(Object.entries(headers)), Date.parse('2026-11-27T10:00:00Z'));
    assert.equal(rest({ 'retry-after': '3' }), 3000);
    assert.equal(rest({ 'x-ratelimit-reset': '1' }), 1000);
    assert.equal(rest({ 'retry-after': 'Fri, 27 Nov 2026 10:01:00 GMT' }), 60_000);
    const date = 'Fri, 27 Nov 2026 12:00:30 GMT';
    assert.equal(rest({ 'retry-after': 'Fri, 27 Nov 2026 12:01:00 GMT', date }), 30_000);
    assert.equal(rest({ 'retry-after': 'soon' }), undefined);
    assert.equal(rest({}), undefined);
  });
});
