import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { outputTo } from './output.ts';

test('all of it arrives through a pipe that takes little at a time, and nothing more once nobody reads', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'output-'));
  const pipe = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  // Both ends, so that neither waits for the other; one that does not block is what a terminal or another program may leave us.
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  let gone = 0;
  const sink = outputTo(writer, () => {
    gone += 1;
  });
  const chunk = Buffer.alloc(300_000, 'x');
  const reading = promisify(execFile)('sh', ['-c', `head -c ${chunk.length} <"$1" | wc -c`, 'sh', pipe]);
  await sink(chunk);
  assert.equal(Number((await reading).stdout), chunk.length);
  assert.equal(gone, 0);

  closeSync(reader);
  await sink(chunk);
  await sink(chunk);
  assert.equal(gone, 1);
  closeSync(writer);
  await rm(directory, { recursive: true });
});
