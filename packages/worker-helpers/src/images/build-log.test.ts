import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { BuildLog } from './build-log.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-log-'));
});
after(() => rm(directory, { recursive: true }));

it('keeps the ten newest logs of each image', async () => {
  await BuildLog.open(directory, 'focal-postgres', 0);
  for (let day = 0; day < 12; day += 1) await BuildLog.open(directory, 'focal', day * 86_400_000);
  const names = (await readdir(directory)).toSorted();
  assert.equal(names.length, 11);
  assert.equal(names[0], 'focal-19700103T000000Z.log');
  assert.ok(names.includes('focal-postgres-19700101T000000Z.log'));
});

it('holds everything, and the end of it at hand', async () => {
  const log = await BuildLog.open(directory, 'jammy', 0);
  log.write('one\n\ntwo');
  log.write(' and a half\nthree\n');
  assert.equal(await readFile(log.file, 'utf8'), 'one\n\ntwo and a half\nthree\n');
  assert.deepEqual(log.lastLines(2), ['two and a half', 'three']);
});
