/** What the pipeline package accepts, the real Buildbot loads: `buildbot checkconfig` on random configurations. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConfigureOutcome, configureMaster, ensureVenv } from '@lpbuildbot/buildbot';
import { type Compiled, compile } from '@lpbuildbot/pipeline';
import { configurations } from '@lpbuildbot/pipeline/testing';
import fc from 'fast-check';

const pipelinesAtOnce = 6;
const runs = 12;

test('what compiles is loadable by the real Buildbot', async () => {
  const venv = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3.11',
    directory: join(import.meta.dirname, '../.lpbuildbot/venv'),
  });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  const { python } = venv;
  await fc.assert(
    fc.asyncProperty(configurations(pipelinesAtOnce), fc.boolean(), async (pipelines, manned) => {
      const compiled = compile(pipelines);
      assert.deepEqual(await checked(python, compiled, manned), { kind: 'applied', restart: 'not-needed' });
    }),
    // Each run is a Buildbot's start; to look on for a smaller example would take minutes.
    { numRuns: runs, endOnFailure: true },
  );
});

/** With a worker for everything, or with none, as before the first one has joined. */
async function checked(python: string, pipeline: Compiled, manned: boolean): Promise<ConfigureOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'lpbuildbot-checkconfig-'));
  const images = pipeline.projects.flatMap(({ builders }) => builders.flatMap(({ image }) => image ?? []));
  try {
    return await configureMaster({
      python,
      directory,
      pipeline,
      site: {
        title: 'checked',
        url: 'http://127.0.0.1:8010/',
        web: { host: '127.0.0.1', port: 8010 },
        workers: { host: '127.0.0.1', port: 9989 },
        loginsFile: join(directory, 'logins.json'),
        logRetentionDays: 30,
      },
      workers: manned ? [{ name: 'worker', password: 'password', images, capacity: 1 }] : [],
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}
