import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, rmdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { AuditLog } from './audit.ts';

describe('the audit log', () => {
  let state: string;
  let log: AuditLog;
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'lpbuildbot-audit-'));
    log = new AuditLog(state, () => Date.parse('2026-11-23T02:10:00Z'));
  });
  afterEach(() => rm(state, { recursive: true }));

  const file = () => join(state, 'audit.jsonl');
  const held = (pair: string) => ({ event: 'held', pair, who: 'ada', why: 'freeze' }) as const;
  const pairs = async () => (await log.tail()).map((entry) => entry.pair);

  it('has a line an entry, with its time', async () => {
    assert.equal(await log.add(held('a')), true);
    assert.equal(
      await readFile(file(), 'utf8'),
      '{"at":"2026-11-23T02:10:00.000Z","event":"held","pair":"a","who":"ada","why":"freeze"}\n',
    );
  });

  it('loses one entry, and no other, to a line cut short', async () => {
    for (const pair of ['a', 'b']) await log.add(held(pair));
    const { length } = await readFile(file());
    await truncate(file(), length - 9);
    await log.add(held('c'));
    assert.deepEqual(await pairs(), ['a', 'c']);
  });

  it('passes over what is not an entry', async () => {
    await appendFile(file(), '\0\0\0\n{"event":"sold"}\n');
    await log.add(held('a'));
    assert.deepEqual(await pairs(), ['a']);
  });

  it('tells what others have added, once, and nothing of its own', async () => {
    const news = async () => (await log.news()).map((entry) => entry.pair);
    const other = new AuditLog(state, () => 0);
    await log.add(held('a'));
    assert.deepEqual(await log.tail(), await other.tail());
    await other.add(held('b'));
    await log.add(held('c'));
    await appendFile(file(), '{"at":"2026-11-23T02:11:00Z","event":"res');
    assert.deepEqual(await news(), ['b']);
    await appendFile(file(), 'umed","pair":"d","who":"ada","why":""}\n');
    assert.deepEqual(await news(), ['d'], 'a line counts when it is whole');
    await rm(file());
    await other.add(held('e'));
    assert.deepEqual(await news(), ['e'], 'the file was put away');
    assert.deepEqual(await news(), []);
  });

  it('keeps entries that cannot be written, in order, until they can', async () => {
    // A directory in the file's place stands for a disk that takes nothing.
    await mkdir(file());
    assert.equal(await log.add(held('a')), false);
    assert.equal(await log.add(held('b')), false);
    await rmdir(file());
    assert.equal(await log.add(held('c')), true);
    assert.deepEqual(await pairs(), ['a', 'b', 'c']);
  });
});
