/** A log is read to its end, across rotations. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFollower } from './log-follower.ts';

test('what was there before is not read, what comes is read once, also around a rotation', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'twistd.log');
  await writeFile(path, 'before\n');
  const log = await LogFollower.atEnd(path);
  assert.equal(await log.read(), '');
  await appendFile(path, 'one\n');
  assert.equal(await log.read(), 'one\n');
  assert.equal(await log.read(), '');
  await appendFile(path, 'two\n');
  await rename(path, `${path}.1`);
  await writeFile(path, 'three\n');
  assert.equal(await log.read(), 'two\nthree\n');
});

test('a log that is not there yet is read from its beginning', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'twistd.log');
  const log = await LogFollower.atEnd(path);
  assert.equal(await log.read(), '');
  await writeFile(path, 'first\n');
  assert.equal(await log.read(), 'first\n');
});
