/** What the test files of a deployment share: which driver, which charms, and how they tell what they are doing. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packDeb } from '../../scripts/lib/pack-deb.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import type { Tempo } from '../rig/core/world.ts';
import { startJujuCommand } from '../rig/juju-command/start.ts';
import { ensureRigImage } from '../rig/machine-image.ts';
import { JujuModel } from './juju-model.ts';
import type { Client, Model } from './model.ts';
import { RigModel } from './rig-model.ts';

export type Driver = 'rig' | 'juju';

/** Everything that the rig makes on LXD begins with it. */
export const machinePrefix = 'lpbuildbot-rig-';

const names = {
  driver: 'LPBUILDBOT_DEPLOY_ON',
  charms: 'LPBUILDBOT_DEPLOY_CHARMS',
  progress: 'LPBUILDBOT_DEPLOY_PROGRESS',
} as const;

export interface Setup {
  readonly driver: Driver;
  /** The directory of the packed charms. */
  readonly charms: string;
  /** The file that lines about progress are added to. */
  readonly progress: string;
}

/** For the processes of the test files. */
export function setUpCases(setup: Setup): void {
  process.env[names.driver] = setup.driver;
  process.env[names.charms] = setup.charms;
  process.env[names.progress] = setup.progress;
}

export function tell(line: string): void {
  const path = process.env[names.progress];
  if (path === undefined) console.error(line);
  else appendFileSync(path, `${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

/** The directory of the packed charms and packages. */
export function packed(): string {
  return process.env[names.charms] ?? join(import.meta.dirname, '../../dist');
}

export function charm(name: 'master' | 'worker'): string {
  return join(packed(), `lpbuildbot-${name}_${thisArchitecture}.charm`);
}

/** The package that the worker's charm is given as a resource. */
export async function workerPackage(): Promise<string> {
  const [name] = (await readdir(packed())).filter((file) => /^lpbuildbot-worker_.*\.deb$/.test(file));
  if (name === undefined)
    throw new Error(`there is no lpbuildbot-worker package in ${packed()}: npm run pack`);
  return join(packed(), name);
}

/** The same package with a higher version, made in that directory. */
export async function newerWorkerPackage(
  directory: string,
): Promise<{ readonly file: string; readonly version: string }> {
  const version = '99.0.0';
  const outcome = await packDeb({
    out: directory,
    architecture: thisArchitecture,
    packages: 'helpers',
    version,
  });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return { file: join(directory, `lpbuildbot-worker_${version}_all.deb`), version };
}

/** The release that machines run: the rig's have one, a controller takes the charms' first base. */
export function machineSeries(): 'bookworm' | 'noble' {
  return process.env[names.driver] === 'juju' ? 'noble' : 'bookworm';
}

/** A new model of that name, on the driver that was asked for. */
export async function openModel(name: string, tempo: Partial<Tempo> = {}): Promise<Model> {
  if (process.env[names.driver] === 'juju')
    return await JujuModel.open(`lpbuildbot-${name}-${process.pid}`, tell);
  const image = await ensureRigImage(tell);
  const log = logFile(name);
  return new RigModel({
    name: `${machinePrefix}${name}-${process.pid}`,
    image,
    tempo: { updateStatus: 20_000, ...tempo },
    log,
    tell,
  });
}

/**
 * The `juju` client of somebody who is logged in to a controller and has no model yet, on the driver that was asked for. The model that this
 * client makes is to be destroyed with it; closing it ends what is left on the rig.
 */
export async function openClient(name: string): Promise<Client> {
  if (process.env[names.driver] === 'juju')
    return { environment: { PATH: process.env.PATH ?? '' }, close: async () => {} };
  const model = await openModel(name);
  if (!(model instanceof RigModel)) throw new Error('the driver is the rig');
  const command = await startJujuCommand(model.rig, { model: 'none' });
  return {
    environment: { PATH: `${command.directory}:${process.env.PATH}` },
    close: async () => {
      await command.close();
      await model.destroy();
    },
  };
}

/** The units' logs are kept, for whoever wants to know why a case failed. */
function logFile(name: string): (line: string) => void {
  const directory = join(import.meta.dirname, '../../.lpbuildbot/deploy');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${name}.log`);
  writeFileSync(path, '');
  return (line) => appendFileSync(path, `${line}\n`);
}
