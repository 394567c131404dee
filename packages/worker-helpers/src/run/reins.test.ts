import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Running } from '../lxd/index.ts';
import { exitCodeOf } from './outcome.ts';
import { Interrupted, Reins } from './reins.ts';

class Command implements Running {
  readonly got: number[] = [];
  readonly ended = new Promise<void>(() => undefined);
  readonly exitCode = new Promise<number>(() => undefined);
  signal(number: number): void {
    this.got.push(number);
  }
}

/** Whether the container is to be stopped by now. */
async function isStopped(reins: Reins): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([reins.stopped.then(() => true), later]);
}

test('signals go to the command; those that end it give it ten seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [reins, command] = [new Reins(), new Command()];
  reins.take(command);
  reins.signal('SIGUSR1');
  t.mock.timers.tick(60_000);
  assert.ok(!(await isStopped(reins)), 'SIGUSR1 ends nothing');
  reins.signal('SIGTERM');
  t.mock.timers.tick(9_999);
  assert.ok(!(await isStopped(reins)));
  t.mock.timers.tick(1);
  assert.ok(await isStopped(reins));
  assert.deepEqual(command.got, [10, 15]);
});

test('whoever asks twice does not wait', async () => {
  const [reins, command] = [new Reins(), new Command()];
  reins.take(command);
  reins.signal('SIGINT');
  reins.signal('SIGINT');
  assert.ok(await isStopped(reins));
  assert.deepEqual(command.got, [2, 2]);
  reins.drop();
});

test('time that runs out ends the command with SIGTERM and then its container', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [reins, command] = [new Reins(), new Command()];
  reins.take(command);
  reins.timeOut();
  assert.deepEqual(command.got, [15]);
  t.mock.timers.tick(5_000);
  assert.ok(await isStopped(reins));
});

test('a signal before the command runs ends the preparations', () => {
  const reins = new Reins();
  reins.check();
  reins.signal('SIGHUP');
  assert.throws(() => reins.check(), Interrupted);
  reins.drop();
});

test('a signal while the command is being started reaches it', () => {
  const [reins, command] = [new Reins(), new Command()];
  reins.signal('SIGTERM');
  reins.take(command);
  assert.deepEqual(command.got, [15]);
  reins.drop();
});

test('nobody is waited for once nobody listens', async () => {
  const reins = new Reins();
  reins.take(new Command());
  reins.letGo();
  assert.ok(await isStopped(reins));
  reins.drop();
});

test("the exit code is the command's, unless it was ended from here or nobody knows", () => {
  const exited = (code: number): { kind: 'exited'; code: number } => ({ kind: 'exited', code });
  const byItself = { kind: 'by-itself' } as const;
  const term = { kind: 'signal', number: 15 } as const;
  assert.equal(exitCodeOf(byItself, exited(3), 'left-alone'), 3);
  assert.equal(exitCodeOf(byItself, { kind: 'lost' }, 'left-alone'), 125);
  assert.equal(exitCodeOf(term, exited(0), 'left-alone'), 0, 'it took the signal and ended well');
  assert.equal(exitCodeOf(term, exited(137), 'stopped'), 143, 'it did not, and lost its container');
  assert.equal(exitCodeOf({ kind: 'timeout' }, exited(0), 'left-alone'), 124);
});
