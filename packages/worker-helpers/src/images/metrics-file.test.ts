import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Failure } from '../command/failure.ts';
import { writeMetricsFile } from './metrics-file.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metrics-'));
});
after(() => rm(directory, { recursive: true }));

it('is replaced as a whole, readable by everybody, with nothing left beside it', async () => {
  const path = join(directory, 'lpbuildbot.prom');
  assert.equal(await writeMetricsFile(path, 'one 1\n'), 'written');
  assert.equal(await writeMetricsFile(path, 'two 2\n'), 'written');
  assert.equal(await readFile(path, 'utf8'), 'two 2\n');
  assert.equal((await stat(path)).mode & 0o777, 0o644);
  assert.deepEqual(await readdir(directory), ['lpbuildbot.prom']);
});

it('is not there where nobody reads it', async () => {
  assert.equal(await writeMetricsFile(join(directory, 'none', 'lpbuildbot.prom'), ''), 'no-directory');
});

it('that cannot be written is told in a sentence', async () => {
  const path = join(directory, 'taken.prom');
  await mkdir(join(path, 'inside'), { recursive: true });
  await assert.rejects(writeMetricsFile(path, ''), (error) => {
    assert.ok(error instanceof Failure);
    assert.match(error.message, /taken\.prom cannot be written/);
    return true;
  });
  assert.deepEqual((await readdir(directory)).toSorted(), ['lpbuildbot.prom', 'taken.prom']);
});
