import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readHolds, removeHold, writeHold } from './holds.ts';

describe('holds', () => {
  let state: string;
  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'lpbuildbot-holds-'));
  });
  after(() => rm(state, { recursive: true }));

  const hold = { pair: 'demo: feature/x -> stable', who: 'ada', why: 'freeze "now"', since: 5 };

  it('are none at first', async () => {
    assert.equal((await readHolds(state)).size, 0);
  });

  it('are read as they were written', async () => {
    await writeHold(state, hold);
    assert.deepEqual((await readHolds(state)).get(hold.pair), hold);
  });

  it('still hold when their file was cut in half', async () => {
    const [name = ''] = await readdir(join(state, 'holds'));
    await truncate(join(state, 'holds', name), 10);
    assert.equal((await readHolds(state)).get(hold.pair)?.why, 'the file of this hold is damaged');
    await truncate(join(state, 'holds', name), 0);
    assert.equal((await readHolds(state)).has(hold.pair), true);
  });

  it('end', async () => {
    await removeHold(state, hold.pair);
    await removeHold(state, hold.pair);
    assert.equal((await readHolds(state)).size, 0);
  });
});
