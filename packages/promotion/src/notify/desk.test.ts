import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Desk, type DeskOptions, mailId } from './desk.ts';
import type { MailMessage, Message } from './outbox.ts';
import type { Outcome } from './sender.ts';

describe('the desk', () => {
  let directory: string;
  let posts: string[];
  let mails: MailMessage[];
  let logged: string[];
  let declined: (channel: string) => Outcome | undefined;
  let desks: Desk[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-desk-'));
    posts = [];
    mails = [];
    logged = [];
    declined = () => undefined;
    desks = [];
  });
  afterEach(async () => {
    for (const desk of desks) await desk.stop();
    await rm(directory, { recursive: true });
  });

  const open = async (change: Partial<DeskOptions> = {}): Promise<Desk> => {
    const desk = await Desk.open({
      directory,
      post: async (channel, text) => {
        const outcome = declined(channel);
        if (outcome === undefined) posts.push(`${channel}: ${text}`);
        return outcome ?? { kind: 'sent' };
      },
      mail: async (mail) => {
        const outcome = declined('mail');
        if (outcome === undefined) mails.push(mail);
        return outcome ?? { kind: 'sent' };
      },
      channels: ['one', 'two'],
      addresses: ['ada@example.org', 'grace@example.org'],
      pauseMs: { mattermost: 0, mail: 0 },
      delayMs: () => 3_600_000,
      now: () => 77,
      log: {
        info: (data, message) => logged.push(`${message} ${JSON.stringify(data)}`),
        warn: (data, message) => logged.push(`${message} ${JSON.stringify(data)}`),
      },
      ...change,
    });
    desks.push(desk);
    return desk;
  };
  const chat = (channel: string, text: string, at = 1): Message => ({
    kind: 'chat',
    key: text,
    at,
    channel,
    text,
  });
  const letter = (key: string, at = 1): Message => ({
    kind: 'mail',
    key,
    at,
    to: ['ada@example.org'],
    subject: key,
    text: key,
    id: mailId(key),
  });
  const away: Outcome = { kind: 'later', why: 'unreachable', reason: 'nobody there' };
  const sent = async (desk: Desk, ...messages: readonly Message[]) => {
    for (const message of messages) await desk.put(message);
    desk.wake();
    await desk.settled();
  };

  it('lets no channel wait for another, and counts what becomes of each', async () => {
    const desk = await open();
    declined = (channel) => (channel === 'one' ? away : undefined);
    await sent(desk, chat('one', 'a', 5), chat('two', 'b'), letter('c'), chat('one', 'd', 6));
    assert.deepEqual(posts, ['two: b']);
    assert.deepEqual(
      mails.map(({ subject }) => subject),
      ['c'],
    );
    const failed = { unreachable: 0, limited: 0, failing: 0, declined: 0, refused: 0 };
    assert.deepEqual(desk.deliveries(), [
      {
        way: 'mattermost',
        sent: 1,
        failed: { ...failed, unreachable: 1 },
        lost: 0,
        waiting: 2,
        oldestAt: 5,
        trouble: { reason: 'nobody there', since: 77 },
      },
      { way: 'mail', sent: 1, failed, lost: 0, waiting: 0, oldestAt: undefined, trouble: undefined },
    ]);
    assert.deepEqual(logged, [
      'news cannot be sent; they are kept and sent later {"way":"mattermost","channel":"one","reason":"nobody there","waiting":2}',
    ]);
  });

  it('sends what an earlier run left, also to a channel that is no longer named', async () => {
    declined = () => away;
    await sent(await open(), chat('one', 'a'), chat('two', 'b'), letter('c'));
    declined = () => undefined;
    const desk = await open({ channels: ['two'] });
    await sent(desk);
    assert.deepEqual(posts.toSorted(), ['one: a', 'two: b']);
    assert.equal(mails.length, 1);
    assert.equal(desk.deliveries()[0]?.waiting, 0);
  });

  it('takes what it has nobody to give to, and keeps nothing of it', async () => {
    const desk = await open({ post: undefined });
    await sent(desk, chat('one', 'a'), letter('c'));
    assert.deepEqual(
      desk.deliveries().map(({ way }) => way),
      ['mail'],
    );
    assert.equal(mails.length, 1);
  });

  it('says what had to go, and to whom', async () => {
    declined = () => away;
    const desk = await open();
    const minute = (number: number) => Date.parse('2026-11-27T10:00:00Z') + number * 60_000;
    for (let number = 0; number < 1005; number += 1) {
      await desk.put(chat('one', `m${number}`, minute(number)));
      if (number < 1002) await desk.put(letter(`m${number}`, minute(number)));
    }
    assert.equal(desk.deliveries()[0]?.lost, 6);
    declined = () => undefined;
    await sent(desk);
    assert.equal(posts.length, 1000);
    assert.deepEqual(posts.slice(0, 2), [
      'one: :wastebasket: 6 messages from 2026-11-27 10:00 UTC to 2026-11-27 10:05 UTC could not be sent for too long, and were dropped.',
      'one: m6',
    ]);
    const [notice] = mails;
    assert.equal(notice?.subject, '[lpbuildbot] 3 mails dropped');
    assert.deepEqual(notice?.to, ['ada@example.org', 'grace@example.org']);
  });
});
