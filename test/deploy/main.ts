/**
 * `npm run test:deploy [-- [--on juju] [WORD...]]`: the charms, deployed. By itself on a rig, which runs their hooks in machines of this
 * machine's LXD as Juju does (it needs root; LXD is installed when it is absent); with `--on juju` the same cases on the controller
 * that the `juju` client is logged in to.
 */
import { globSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import { nothingMatches } from '../../scripts/lib/messages.ts';
import { ensurePackTools, ensureTools } from '../../scripts/lib/pack-tools.ts';
import { reportOutcomes } from '../../scripts/lib/report-outcomes.ts';
import { runInTurn } from '../../scripts/lib/run-in-turn.ts';
import type { FileOutcome } from '../../scripts/lib/run-test-file.ts';
import { removeLeftovers } from '../rig/leftovers.ts';
import { ensureRigImage } from '../rig/machine-image.ts';
import { type Driver, machinePrefix, setUpCases } from './cases.ts';
import { packCharms } from './charms.ts';

const root = join(import.meta.dirname, '../..');
const limitMilliseconds = 40 * 60_000;

/** These are about the rig itself. */
const rigOnly = /\/rig[^/]*\.test\.ts$/;
/** It packs the charms itself, as its reader would. */
const packsItself = /\/tutorial\.test\.ts$/;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { on: { type: 'string', default: 'rig' } },
  });
  if (values.on !== 'rig' && values.on !== 'juju')
    return fail(`--on takes "rig" or "juju", not "${values.on}".`);
  const driver: Driver = values.on;
  const files = globSync('test/deploy/*.test.ts', { cwd: root })
    .filter((path) => positionals.length === 0 || positionals.some((word) => path.includes(word)))
    .filter((path) => driver === 'rig' || !rigOnly.test(path))
    .toSorted();
  if (files.length === 0) return fail(nothingMatches(positionals));
  const obstacle = driver === 'rig' ? await ensureRig() : undefined;
  if (obstacle !== undefined) return fail(obstacle);
  const temporary = await mkdtemp(join(tmpdir(), 'deploy-'));
  try {
    const charms = files.every((path) => rigOnly.test(path) || packsItself.test(path))
      ? undefined
      : await packCharms(temporary);
    if (charms?.kind === 'failed') return fail(charms.reason);
    setUpCases({ driver, charms: charms?.directory ?? '', progress: join(temporary, 'progress') });
    return reportOutcomes(await runFiles(files, join(temporary, 'progress')));
  } finally {
    await rm(temporary, { recursive: true, force: true });
    // Of a file that did not end and was killed.
    if (driver === 'rig') await removeLeftovers(machinePrefix);
  }
}

/** Everything that the rig needs; gives a sentence when it cannot be had. */
async function ensureRig(): Promise<string | undefined> {
  const lxd = await ensureLxd();
  if (lxd.kind === 'failed') return lxd.sentence;
  const tools = new Map([
    ['unzip', 'unzip'],
    ['ssh-keygen', 'openssh-client'],
  ]);
  for (const ready of [await ensurePackTools(), await ensureTools(tools)]) {
    if (ready.kind === 'failed') return ready.reason;
  }
  await removeLeftovers(machinePrefix);
  await ensureRigImage(console.error);
  return undefined;
}

async function runFiles(files: readonly string[], progress: string): Promise<FileOutcome[]> {
  const follower = await follow(progress);
  const outcomes = await runInTurn({ root, files, limitMilliseconds });
  await follower.stop();
  return outcomes;
}

/** Prints the lines of the file that the cases tell their progress in, as they come. */
async function follow(path: string): Promise<{ stop(): Promise<void> }> {
  const file = await open(path, 'a+');
  let seen = 0;
  const print = async (): Promise<void> => {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - seen), 0, size - seen, seen);
    seen += bytesRead;
    process.stderr.write(buffer.subarray(0, bytesRead));
  };
  const timer = setInterval(() => void print(), 1000);
  return {
    stop: async () => {
      clearInterval(timer);
      await print();
      await file.close();
    },
  };
}

function fail(sentence: string): number {
  console.error(`lpbuildbot: ${sentence}`);
  return 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
