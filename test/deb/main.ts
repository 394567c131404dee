/**
 * `npm run test:deb [-- WORD...]`: the worker's packages on fresh machines, and the commands in them against a real LXD. Needs
 * root; LXD is installed when it is absent. Runs the test files one after the other: each starts machines of its own.
 */
import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import { nothingMatches } from '../../scripts/lib/messages.ts';
import { ensurePackTools, ensureTools } from '../../scripts/lib/pack-tools.ts';
import { reportOutcomes } from '../../scripts/lib/report-outcomes.ts';
import { runInTurn } from '../../scripts/lib/run-in-turn.ts';
import type { FileOutcome } from '../../scripts/lib/run-test-file.ts';
import { deleteMachines, RUN } from './lxc.ts';
import { ensureMachineImage } from './machine-image.ts';
import { buildPackages } from './packages.ts';

/** Packages that were built before, when only the tests change. */
const given = process.env.LPBUILDBOT_TEST_PACKAGES;

const root = join(import.meta.dirname, '../..');
const limitMilliseconds = 15 * 60_000;

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
    return reportOutcomes(await runFiles(files));
  } finally {
    if (packages !== undefined) await rm(packages, { recursive: true, force: true });
  }
}

async function runFiles(files: readonly string[]): Promise<FileOutcome[]> {
  const run = String(process.pid);
  process.env[RUN] = run;
  return await runInTurn({ root, files, limitMilliseconds, afterEach: () => deleteMachines(run) });
}

function fail(sentence: string): number {
  console.error(`lpbuildbot: ${sentence}`);
  return 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
