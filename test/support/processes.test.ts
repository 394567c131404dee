import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Child } from './processes.ts';
import { waitUntil } from './wait.ts';

const shell = (script: string): Promise<Child> => Child.start('sh', ['-c', script]);

test('a line is waited for, and the end of a program that never writes it is told with its words', async () => {
  await using child = await shell('echo starting; echo listening on 4711 >&2; sleep 600');
  assert.equal((await child.waitFor(/listening on (\d+)/))[1], '4711');

  await using broken = await shell('echo no such file; exit 3');
  await assert.rejects(broken.waitFor(/listening/), /ended \(exit code 3\).*no such file/s);
  assert.deepEqual(await broken.wait(), { code: 3, signal: null });
});

test('kill -9 of a process alone leaves its children, which are found and ended with it in the end', async () => {
  const child = await shell('setsid sh -c "echo stray \\$\\$; exec sleep 600" & echo ready; wait');
  try {
    const stray = Number((await child.waitFor(/stray (\d+)/))[1]);
    await child.kill9('alone');
    assert.equal(child.running, false);
    const left = await child.family();
    assert.deepEqual(
      left.map(({ pid }) => pid),
      [stray],
    );
  } finally {
    await child[Symbol.asyncDispose]();
  }
  assert.deepEqual(await child.family(), []);
});

test('a program can end in its own way', async () => {
  await using child = await shell('trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done');
  await child.waitFor(/ready/);
  assert.deepEqual(await child.stop(), { code: 0, signal: null });
  assert.match(child.output, /bye/);
});

test('a condition that never holds ends with what was seen instead', async () => {
  await assert.rejects(
    waitUntil('rain', () => false, { timeout: 30, seen: () => 'only sun' }),
    /waiting for rain; seen:\nonly sun/,
  );
});
