import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ChatMessage, type Letter, Outbox } from './outbox.ts';

describe('the outbox', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-outbox-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const opened = async (limit?: number): Promise<Outbox> => {
    const outbox = new Outbox(directory, limit);
    await outbox.load();
    return outbox;
  };
  const message = (text: string, at = 1): ChatMessage => ({
    kind: 'chat',
    key: text,
    at,
    channel: 'builds',
    text,
  });
  const say = (letter: Letter): string =>
    letter.kind === 'dropped' ? `${letter.count} until ${letter.until}` : letter.text;
  /** Everything that waits, as it would be sent. */
  const emptied = async (outbox: Outbox): Promise<string[]> => {
    const texts: string[] = [];
    outbox.release();
    for (let letter = outbox.take(); letter !== undefined; letter = outbox.take()) {
      texts.push(say(letter));
      await outbox.done();
    }
    return texts;
  };

  it('gives in order what was put in, also to the next run', async () => {
    const outbox = await opened();
    for (const text of ['a', 'b', 'c']) await outbox.add(message(text));
    assert.equal(outbox.take(), undefined, 'not before it is released');
    outbox.release();
    assert.equal(outbox.take()?.key, 'a');
    assert.equal(outbox.take()?.key, 'a', 'until it is done');
    await outbox.done();
    const next = await opened();
    await next.add(message('d'));
    assert.deepEqual(await emptied(next), ['b', 'c', 'd']);
    assert.deepEqual(await readdir(directory), []);
  });

  it('takes nothing twice that waits', async () => {
    const outbox = await opened();
    await outbox.add(message('a'));
    await outbox.add(message('a'));
    const next = await opened();
    await next.add(message('a'));
    assert.deepEqual(await emptied(next), ['a']);
  });

  it('loses what was cut short, and nothing beside it', async () => {
    const outbox = await opened();
    for (const text of ['a', 'b', 'c']) await outbox.add(message(text));
    const [, second = ''] = (await readdir(directory)).toSorted();
    await truncate(join(directory, second), 9);
    await writeFile(join(directory, '000000000009.json.77.new'), '{"ki');
    assert.deepEqual(await emptied(await opened()), ['a', 'c']);
  });

  it('lets the oldest go when it is full, and says how many in one notice', async () => {
    const outbox = await opened(4);
    for (let at = 1; at <= 7; at += 1) await outbox.add(message(`m${at}`, at));
    assert.equal(outbox.size, 4);
    assert.equal((await readdir(directory)).length, 4);
    assert.deepEqual(await emptied(await opened(4)), ['4 until 4', 'm5', 'm6', 'm7']);
  });

  it('leaves alone what is being sent', async () => {
    const outbox = await opened(3);
    await outbox.add(message('m0', 0));
    outbox.release();
    assert.equal(outbox.take()?.key, 'm0');
    for (let at = 1; at <= 5; at += 1) await outbox.add(message(`m${at}`, at));
    await outbox.done();
    assert.deepEqual(await emptied(outbox), ['4 until 4', 'm5']);
  });

  it('keeps what the disk does not take, and writes it when there is room', async () => {
    const outbox = await opened();
    await outbox.add(message('a'));
    // A file in the place of the directory stands for a disk that takes nothing.
    await rm(directory, { recursive: true });
    await writeFile(directory, '');
    await outbox.add(message('b'));
    assert.equal(outbox.unwritten, 1);
    await rm(directory);
    await outbox.add(message('c'));
    assert.equal(outbox.unwritten, 0);
    assert.deepEqual(
      await emptied(await opened()),
      ['b', 'c'],
      'a was written before, and is gone with the disk',
    );
    assert.deepEqual(await emptied(outbox), ['a', 'b', 'c']);
  });
});
