import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type FileOutcome, runTestFile } from './run-test-file.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-test-file-'));
});
after(() => rm(directory, { recursive: true }));

async function run(name: string, text: string, limitMilliseconds = 60_000): Promise<FileOutcome> {
  await writeFile(
    join(directory, name),
    `import { test } from 'node:test';
     import { spawn } from 'node:child_process';
     import { tmpdir } from 'node:os';
     import { writeFileSync } from 'node:fs';
     ${text}`,
  );
  return await runTestFile(directory, name, limitMilliseconds);
}

test('passed, failed and skipped tests are counted, and the failed ones named with their reasons', async () => {
  const outcome = await run(
    'mixed.test.ts',
    `test('green', () => {});
     test('outer', async (t) => { await t.test('inner', () => { throw new Error('red'); }); });
     test('not now', { skip: true }, () => {});
     test('one day', { todo: true }, () => { throw new Error('expected'); });`,
  );
  assert.deepEqual(
    { passed: outcome.passed, skipped: outcome.skipped, failed: outcome.failed },
    { passed: 1, skipped: 2, failed: ['inner: red', 'outer: 1 subtest failed'] },
  );
  assert.match(outcome.output, /✔ green/);
  assert.doesNotMatch(outcome.output, /duration_ms/, 'the numbers of a single file are not told');
});

test('a file that throws before any test has failed', async () => {
  const outcome = await run('broken.test.ts', `throw new Error('broken');`);
  assert.equal(outcome.passed, 0);
  assert.equal(outcome.failed.length, 1);
  assert.match(outcome.output, /broken/);
});

test('a file that leaves by its own exit has failed, whatever code it gave', async () => {
  const outcome = await run('leaves.test.ts', `test('leaves', () => process.exit(0));`);
  assert.deepEqual(outcome.failed, ['it ended without a report (exit code 0).']);
});

test('a file that never ends is killed with everything it started, and told', async () => {
  const outcome = await run(
    'hangs.test.ts',
    `test('waits', async () => {
       const child = spawn('sleep', ['600'], { stdio: 'inherit', detached: true });
       writeFileSync('${directory}/pid', String(child.pid));
       await new Promise((resolve) => setTimeout(resolve, 600_000));
     });`,
    1_500,
  );
  assert.match(outcome.failed.join('\n'), /did not end within .* and was killed/);
  assert.match(outcome.failed.join('\n'), /left processes running, now killed: \d+ sleep 600/);
  assert.ok(!(await isRunning(Number(await readFile(join(directory, 'pid'), 'utf8')))));
});

test('a daemon and a file that are left behind are failures, and do not stay', async () => {
  const outcome = await run(
    'leaves-things.test.ts',
    `test('untidy', () => {
       writeFileSync(tmpdir() + '/forgotten', '');
       spawn('sleep', ['500'], { stdio: 'ignore', detached: true }).unref();
     });`,
  );
  assert.equal(outcome.passed, 1);
  assert.match(outcome.failed.join('\n'), /left processes running, now killed: \d+ sleep 500/);
  assert.match(outcome.failed.join('\n'), /left files in the temporary directory: forgotten/);
});

test('nothing of the runner itself stays in the temporary directory', async () => {
  const before = await readdir(tmpdir());
  await run('tidy.test.ts', `test('tidy', () => {});`);
  const added = (await readdir(tmpdir())).filter((name) => name.startsWith('lpb-') && !before.includes(name));
  assert.deepEqual(added, []);
});

async function isRunning(pid: number): Promise<boolean> {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
}
