/** What both benchmarks of the charms stand on: the packed charms, and the rig that runs them. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureLxd } from '../../scripts/lib/ensure-lxd.ts';
import { ensurePackTools, ensureTools } from '../../scripts/lib/pack-tools.ts';
import { machinePrefix, setUpCases } from '../deploy/cases.ts';
import { packCharms } from '../deploy/charms.ts';
import { RigModel } from '../deploy/rig-model.ts';
import { removeLeftovers } from '../rig/leftovers.ts';
import { ensureRigImage } from '../rig/machine-image.ts';
import type { Figure } from './figures.ts';

/** No update-status comes by itself while something is measured; in milliseconds. */
const NEVER = 24 * 3_600_000;

export type Say = (line: string) => void;

/** A new model; `log` is told each line of the units' logs, and update-status comes every so many milliseconds, or never. */
export type Open = (name: string, log?: Say, updateStatus?: number) => RigModel;

/** Gives no figures, and one line that says why, where the rig cannot be had. */
export async function withRig(
  say: Say,
  measure: (open: Open, directory: string) => Promise<Figure[]>,
): Promise<Figure[]> {
  const obstacle = await obstacleToRig();
  if (obstacle !== undefined) {
    say(`left out: ${obstacle}`);
    return [];
  }
  const image = await ensureRigImage(say);
  const directory = await mkdtemp(join(tmpdir(), 'bench-charms-'));
  try {
    const packed = await packCharms(directory);
    if (packed.kind === 'failed') throw new Error(packed.reason);
    // Where charm() and workerPackage() of the deployment cases look.
    setUpCases({ driver: 'rig', charms: packed.directory, progress: join(directory, 'progress') });
    return await measure((...words) => openModel(image, ...words), directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function obstacleToRig(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'the charms run in machines of LXD, which needs root';
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
  return undefined;
}

function openModel(image: string, name: string, log: Say = () => undefined, updateStatus = NEVER): RigModel {
  const logs = join(import.meta.dirname, '../../.lpbuildbot/bench');
  mkdirSync(logs, { recursive: true });
  const path = join(logs, `${name}.log`);
  writeFileSync(path, '');
  return new RigModel({
    name: `${machinePrefix}bench-${name}-${process.pid}`,
    image,
    tempo: { updateStatus },
    log: (line) => {
      appendFileSync(path, `${line}\n`);
      log(line);
    },
  });
}
