/** The Python environment: made from the lock, with a network or without one, whole or not at all. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { ensureVenv } from '../src/index.ts';
import { processesIn, testPython } from './world.ts';

const python = process.env.LPBUILDBOT_PYTHON ?? 'python3.11';
const masterLock = join(import.meta.dirname, '../python/requirements.txt');
/** Whatever asks an index fails at once, as it would without a network. */
const NO_NETWORK = { PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' };

let directory: string;
let wheels: string;
/** A lock of one small package, for the stories that are not about Buildbot. */
let smallLock: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-venv-'));
  wheels = join(directory, 'wheels');
  smallLock = join(directory, 'small.txt');
  await execa(await testPython(), [
    ...[
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
    ],
    ...['--require-hashes', '--requirement', masterLock, '--dest', wheels],
  ]);
  const wheel = (await readdir(wheels)).find((name) => name.startsWith('constantly-'));
  assert.ok(wheel);
  const hash = createHash('sha256')
    .update(await readFile(join(wheels, wheel)))
    .digest('hex');
  await writeFile(smallLock, `constantly==${wheel.split('-')[1]} --hash=sha256:${hash}\n`);
});
after(() => rm(directory, { recursive: true }));

/** Does something as if the network were away. */
async function offline<T>(work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, NO_NETWORK);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(NO_NETWORK)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test('Buildbot is installed from a folder of wheels without a network, and all of it fits together', async () => {
  const told: string[] = [];
  const options = {
    python,
    directory: join(directory, 'full'),
    wheels,
    onProgress: (line: string) => told.push(line),
  };
  const made = await offline(() => ensureVenv(options));
  if (made.kind === 'failed') assert.fail(made.reason);
  assert.deepEqual(told, ['making a Python environment for Buildbot', `installing Buildbot from ${wheels}`]);
  const run = (...args: string[]) => execa(made.python, args);
  assert.match((await run('-m', 'pip', 'check')).stdout, /No broken requirements found/);
  const { stdout } = await run('-c', 'from buildbot.scripts.runner import run; run()', '--version');
  assert.match(stdout, /Buildbot version: 4\.3\.0/);

  told.length = 0;
  assert.deepEqual(await offline(() => ensureVenv(options)), made);
  assert.deepEqual(told, []);
});

test('every package of the lock is a wheel with a hash', async () => {
  const lock = await readFile(masterLock, 'utf8');
  const requirements = lock.split('\n').filter((line) => /^[a-z]/.test(line));
  assert.equal((await readdir(wheels)).filter((name) => name.endsWith('.whl')).length, requirements.length);
  for (const requirement of requirements) assert.match(requirement, /^[a-z0-9-]+==[^ ]+ \\$/);
});

test('a wheel that is not the locked one is refused, in one sentence', async () => {
  const forged = join(directory, 'forged');
  await mkdir(forged);
  const [wheel] = (await readdir(wheels)).filter((name) => name.startsWith('constantly-'));
  assert.ok(wheel);
  await copyFile(join(wheels, wheel), join(forged, wheel));
  const content = await readFile(join(forged, wheel));
  content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
  await writeFile(join(forged, wheel), content);
  const outcome = await ensureVenv({
    python,
    directory: join(directory, 'a'),
    lock: smallLock,
    wheels: forged,
  });
  assert.equal(outcome.kind, 'failed');
  assert.match(reasonOf(outcome), /^Buildbot cannot be installed: THESE PACKAGES DO NOT MATCH THE HASHES/);
});

test('what is missing is said in one sentence', async () => {
  const empty = join(directory, 'empty');
  await mkdir(empty);
  const from = (options: object) =>
    ensureVenv({ python, directory: join(directory, 'b'), lock: smallLock, ...options });
  const missingWheel = reasonOf(await from({ wheels: empty }));
  assert.match(missingWheel, /^Buildbot cannot be installed: No matching distribution found for constantly/);
  assert.ok(missingWheel.endsWith(`${empty} must hold every wheel of the lock.`), missingWheel);
  assert.equal(
    reasonOf(await from({ python: 'python9.9' })),
    'Python is missing: python9.9 cannot be run. Install Python 3.11, 3.12 or 3.14.',
  );
});

test('two processes that want the same environment at once make it once', async () => {
  const root = join(directory, 'shared');
  const told: string[][] = [[], []];
  const outcomes = await Promise.all(
    told.map((lines) =>
      ensureVenv({
        python,
        directory: root,
        lock: smallLock,
        wheels,
        onProgress: (line) => lines.push(line),
      }),
    ),
  );
  assert.deepEqual(outcomes[0], outcomes[1]);
  assert.deepEqual(told.map((lines) => lines.length).sort(), [1, 2]);
});

test('an environment whose making was killed is made again by the next who wants it', async () => {
  const root = join(directory, 'killed');
  const options = JSON.stringify({ python, directory: root, lock: smallLock, wheels });
  const program = `import { ensureVenv } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
    await ensureVenv({ ...${options}, onProgress: (line) => console.log(line) });`;
  for (const [phase, killed] of [
    ['making', 'everything'],
    ['installing', 'the caller alone'],
  ]) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    await new Promise<void>((done) => {
      child.stdout.on('data', (text) => {
        if (String(text).includes(phase ?? '')) done();
      });
    });
    if (killed === 'everything') process.kill(-(child.pid ?? 0), 'SIGKILL');
    else child.kill('SIGKILL');
    assert.equal((await readdir(root)).includes('complete'), false);
  }
  const made = await ensureVenv({ python, directory: root, lock: smallLock, wheels });
  if (made.kind === 'failed') assert.fail(made.reason);
  await execa(made.python, ['-c', 'import constantly']);
  assert.deepEqual(await processesIn(root), []);
});

test('beside a new environment only the newest old one is kept', async () => {
  const root = join(directory, 'several');
  for (const [name, day] of Object.entries({ older: 1, newest: 3, oldest: 2 })) {
    await mkdir(join(root, name), { recursive: true });
    await utimes(join(root, name), day * 86_400, day * 86_400);
  }
  const made = await ensureVenv({ python, directory: root, lock: smallLock, wheels });
  if (made.kind === 'failed') assert.fail(made.reason);
  const own = basename(join(made.python, '../..'));
  assert.deepEqual((await readdir(root)).sort(), [own, 'lock', 'newest'].sort());
});

function reasonOf(outcome: Awaited<ReturnType<typeof ensureVenv>>): string {
  return outcome.kind === 'failed' ? outcome.reason : 'it did not fail';
}
