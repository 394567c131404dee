import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { type Holder, takeLock } from './lock.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-lock-'));
});
after(() => rm(directory, { recursive: true }));

const nobody = () => assert.fail('nobody else has it');
const never = new AbortController().signal;

it('lets one in at a time, and tells the second who the first is', async () => {
  const first = await takeLock(directory, 'focal', nobody, never);
  const told = Promise.withResolvers<Holder | undefined>();
  let entered = false;
  const second = takeLock(directory, 'focal', told.resolve, never).then((lock) => {
    entered = true;
    return lock;
  });
  assert.equal((await told.promise)?.pid, process.pid);
  assert.equal(entered, false);
  await first.release();
  await (await second).release();
});

it('does not hold up another image', async () => {
  const focal = await takeLock(directory, 'focal', nobody, never);
  const jammy = await takeLock(directory, 'jammy', nobody, never);
  await focal.release();
  await jammy.release();
});

it('stops waiting when it is told to', async () => {
  const first = await takeLock(directory, 'focal', nobody, never);
  const abort = new AbortController();
  const second = takeLock(directory, 'focal', () => abort.abort(new Error('enough')), abort.signal);
  await assert.rejects(second, /enough/);
  await first.release();
  await (await takeLock(directory, 'focal', nobody, never)).release();
});

it('is free again once its holder was killed', async () => {
  const module = join(import.meta.dirname, 'lock.ts');
  const script = `
    const { takeLock } = await import(${JSON.stringify(module)});
    await takeLock(${JSON.stringify(directory)}, 'focal', () => {}, new AbortController().signal);
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const told = Promise.withResolvers<Holder | undefined>();
  const waiting = takeLock(directory, 'focal', told.resolve, never);
  assert.equal((await told.promise)?.pid, holder.pid);
  holder.kill('SIGKILL');
  await (await waiting).release();
});
