import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { type Letter, Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import { type Outcome, Sender, type SenderOptions } from './sender.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe('a sender', () => {
  let directory: string;
  let outbox: Outbox;
  /** What the server says next to each message; undefined when it takes it. */
  let server: (text: string) => Outcome | undefined;
  let received: string[];
  let attempts: number[];
  let told: string[];
  let senders: Sender[];
  beforeEach(async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-sender-'));
    outbox = new Outbox(directory);
    await outbox.load();
    server = () => undefined;
    received = [];
    attempts = [];
    told = [];
    senders = [];
  });
  afterEach(async () => {
    mock.timers.reset();
    for (const sender of senders) await sender.stop();
    await rm(directory, { recursive: true });
  });

  const text = (letter: Letter) => (letter.kind === 'dropped' ? `${letter.count} dropped` : letter.text);
  const newSender = (change: Partial<SenderOptions> = {}): Sender => {
    const sender = new Sender({
      outbox,
      send: async (letter) => {
        attempts.push(Date.now());
        const declined = server(text(letter));
        if (declined !== undefined) return declined;
        received.push(text(letter));
        return { kind: 'sent' };
      },
      pace: new Pace(0, Date.now),
      delayMs: (failures) => Math.min(MINUTE, SECOND * 2 ** (failures - 1)),
      now: Date.now,
      onSent: () => {},
      onFailed: (why, reason, isNews) => isNews && told.push(`${why}: ${reason}`),
      onGivenUp: (reason) => told.push(`given up: ${reason}`),
      ...change,
    });
    senders.push(sender);
    return sender;
  };
  const put = async (sender: Sender, ...texts: readonly string[]) => {
    for (const one of texts) {
      await outbox.add({ kind: 'chat', key: one, at: Date.now(), channel: 'builds', text: one });
    }
    outbox.release();
    sender.wake();
    await sender.settled();
  };
  const pass = async (sender: Sender, milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += SECOND) {
      mock.timers.tick(SECOND);
      await sender.settled();
    }
  };
  const away: Outcome = { kind: 'later', why: 'unreachable', reason: 'connection refused' };

  it('sends everything in order, once, after a server was away for an hour', async () => {
    server = () => away;
    const sender = newSender();
    const all = Array.from({ length: 60 }, (_, minute) => `m${minute}`);
    for (const one of all) {
      await put(sender, one);
      await pass(sender, MINUTE);
    }
    assert.deepEqual(received, []);
    assert.ok(attempts.length < 80, `${attempts.length} attempts: it knocks ever more seldom`);
    assert.deepEqual(told, ['unreachable: connection refused'], 'told once');
    assert.equal(sender.trouble?.since, 0);
    server = () => undefined;
    await pass(sender, MINUTE);
    assert.deepEqual(received, all);
    assert.equal(sender.trouble, undefined);
  });

  it('goes on where the one before it was killed', async () => {
    server = () => away;
    await put(newSender(), 'a', 'b');
    const next = new Outbox(directory);
    await next.load();
    next.release();
    server = () => undefined;
    const sender = newSender({ outbox: next });
    sender.wake();
    await sender.settled();
    assert.deepEqual(received, ['a', 'b']);
    assert.equal(next.size, 0);
  });

  it('leaves a server alone for as long as it asks', async () => {
    const limited: Outcome = { kind: 'later', why: 'limited', reason: '429', afterMs: 5 * MINUTE };
    server = (message) => (message === 'a' && Date.now() < 5 * MINUTE ? limited : undefined);
    const sender = newSender();
    await put(sender, 'a', 'b');
    await pass(sender, 5 * MINUTE - SECOND);
    assert.equal(attempts.length, 1);
    await pass(sender, SECOND);
    assert.deepEqual(received, ['a', 'b']);
  });

  it('is not put to sleep for ever', async () => {
    server = () => ({ kind: 'later', why: 'limited', reason: '429', afterMs: 1e15 });
    const sender = newSender();
    await put(sender, 'a');
    server = () => undefined;
    await pass(sender, 60 * MINUTE);
    assert.deepEqual(received, ['a']);
  });

  it('gives up a message that is refused again and again, and no other', async () => {
    server = (message) => (message === 'bad' ? { kind: 'refused', reason: 'too long' } : undefined);
    const sender = newSender();
    await put(sender, 'a', 'bad', 'b');
    await pass(sender, 10 * SECOND);
    assert.deepEqual(received, ['a', 'b']);
    assert.deepEqual(told, ['refused: too long', 'given up: too long']);
    assert.equal(attempts.length, 5);
  });

  it('never gives up when the server takes nothing at all', async () => {
    server = () => ({ kind: 'later', why: 'declined', reason: 'the webhook was deleted' });
    const sender = newSender();
    await put(sender, 'a');
    await pass(sender, 30 * MINUTE);
    server = () => undefined;
    await pass(sender, MINUTE);
    assert.deepEqual(received, ['a']);
  });

  it('ends when the service does, whatever the server does', async () => {
    const sender = newSender({
      send: async (_letter, signal) => {
        await new Promise((stop) => signal.addEventListener('abort', stop));
        return away;
      },
    });
    await outbox.add({ kind: 'chat', key: 'a', at: 0, channel: 'builds', text: 'a' });
    outbox.release();
    sender.wake();
    const stopped = sender.stop();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    mock.timers.tick(2 * SECOND);
    await stopped;
    assert.equal(outbox.size, 1);
  });
});

describe('the pace to one server', () => {
  const never = new AbortController().signal;

  it('is kept by all who speak to it', async () => {
    const pace = new Pace(60);
    const begun = performance.now();
    await Promise.all([pace.turn(never), pace.turn(never), pace.turn(never)]);
    // Timers may be a millisecond early.
    assert.ok(performance.now() - begun >= 118);
  });

  it('rests for all when it has asked one of them to', async () => {
    const pace = new Pace(0);
    const begun = performance.now();
    pace.rest(100);
    await pace.turn(never);
    assert.ok(performance.now() - begun >= 98);
  });

  it('holds nobody who is told to stop', async () => {
    const pace = new Pace(0);
    pace.rest(3_600_000);
    const stop = new AbortController();
    const turn = pace.turn(stop.signal);
    stop.abort();
    await turn;
    await pace.turn(stop.signal);
  });
});
