/**
 * `npm run test:deb [-- WORD...]`: the worker's packages on fresh machines, and the commands in them against a real LXD. Needs
 * root; LXD is installed when it is absent. Runs the test files one after the other: each starts machines of its own.
 */
import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import {
  failedFile,
  fileHeader,
  noTestRan,
  nothingMatches,
  stillRunning,
  testOutcome,
} from '../../scripts/lib/messages.ts';
import { ensurePackTools, ensureTools } from '../../scripts/lib/pack-tools.ts';
import { type FileOutcome, runTestFile } from '../../scripts/lib/run-test-file.ts';
import { deleteMachines, RUN } from './lxc.ts';
import { ensureMachineImage } from './machine-image.ts';
import { buildPackages } from './packages.ts';

/** Packages that were built before, when only the tests change. */
const given = process.env.LPBUILDBOT_TEST_PACKAGES;

const root = join(import.meta.dirname, '../..');
const limitMilliseconds = 15 * 60_000;
const heartbeatMilliseconds = 60_000;

const tools = new Map([
  ['lintian', 'lintian'],
  ['apt-ftparchive', 'apt-utils'],
  ['man', 'man-db'],
]);

async function main(patterns: readonly string[]): Promise<number> {
  const files = globSync(['test/deb/*.test.ts', 'packages/worker-helpers/test/*.lxd-test.ts'], { cwd: root })
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .toSorted();
  if (files.length === 0) return fail(nothingMatches(patterns));
  const lxd = await ensureLxd();
  if (lxd.kind === 'failed') return fail(lxd.sentence);
  for (const ready of [await ensurePackTools(), await ensureTools(tools)]) {
    if (ready.kind === 'failed') return fail(ready.reason);
  }
  let packages: string | undefined;
  if (files.some((path) => path.startsWith('test/deb/'))) {
    await ensureMachineImage(console.error);
    if (given === undefined) {
      console.error('packing the packages (about a minute)');
      packages = await buildPackages();
    }
  }
  try {
    return report(await runFiles(files));
  } finally {
    if (packages !== undefined) await rm(packages, { recursive: true, force: true });
  }
}

async function runFiles(files: readonly string[]): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  const run = String(process.pid);
  process.env[RUN] = run;
  for (const [index, path] of files.entries()) {
    const started = performance.now();
    const heartbeat = setInterval(
      () => console.error(stillRunning([path], performance.now() - started)),
      heartbeatMilliseconds,
    );
    const outcome = await runTestFile(root, path, limitMilliseconds);
    clearInterval(heartbeat);
    await deleteMachines(run);
    console.log(fileHeader(index + 1, files.length, path, outcome.milliseconds));
    process.stdout.write(outcome.output);
    outcomes.push(outcome);
  }
  return outcomes;
}

function report(outcomes: readonly FileOutcome[]): number {
  for (const { path, failed } of outcomes) if (failed.length > 0) console.log(failedFile(path, failed));
  const sum = (value: (outcome: FileOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const counts = {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed.length),
    skipped: sum(({ skipped }) => skipped),
  };
  const ran = counts.passed + counts.failed > 0;
  if (!ran) console.log(noTestRan);
  console.log(testOutcome(counts));
  return ran && counts.failed === 0 ? 0 : 1;
}

function fail(sentence: string): number {
  console.error(`lpbuildbot: ${sentence}`);
  return 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
