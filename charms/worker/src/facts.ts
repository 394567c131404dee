/** Reads everything about the machine that decisions take, once a look. Nothing here decides. */
import * as z from 'zod';
import type { Machine } from './machine.ts';
import { type Memory, recall } from './memory.ts';
import { agentDirectory, lxdNames, packages, places, units } from './places.ts';

export type LxdFacts =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable'; readonly why: string }
  | {
      readonly kind: 'there';
      /** Whether a new container gets a disk and a network. */
      readonly setUp: 'whole' | 'bare';
      /** The names of the images that builds can have. */
      readonly images: readonly string[];
      readonly builds: number;
    };

export interface ImagesRun {
  readonly image: string;
  /** From 1. */
  readonly index: number;
  readonly total: number;
}

interface ImagesResult {
  /** Of the recipes that they were made from. */
  readonly digest: string;
  readonly at: number;
  readonly failures: readonly { readonly image: string; readonly why: string }[];
}

export interface Facts {
  readonly distribution: string;
  readonly codename: string;
  readonly architecture: 'amd64' | 'arm64';
  /** Installed versions; nothing for what is not installed. */
  readonly helpers: string | undefined;
  readonly node: string | undefined;
  readonly lxd: LxdFacts;
  readonly worker: 'absent' | 'running' | 'stopped' | 'failed';
  readonly imagesRun: ImagesRun | 'none';
  readonly imagesResult: ImagesResult | undefined;
  /** The files that the charm writes, as they are. */
  readonly aptSource: string | undefined;
  readonly aptKey: string | undefined;
  readonly recipes: string | undefined;
  readonly refresh: string | undefined;
  /** When the worker's settings were last written; nothing when it is not set up. */
  readonly settingsWritten: number | undefined;
  /** Whether there is a program `snap`. */
  readonly hasSnap: boolean;
  /** The unit that the machine belongs to, when it is still there. */
  readonly holder: string | undefined;
  readonly memory: Memory;
  readonly now: number;
}

export async function look(machine: Machine): Promise<Facts> {
  const [
    system,
    dpkg,
    lxd,
    services,
    aptSource,
    aptKey,
    recipes,
    refresh,
    settings,
    snap,
    memory,
    imagesResult,
  ] = await Promise.all([
    machine.readText(places.osRelease),
    machine.readText(places.dpkgStatus),
    lookAtLxd(machine),
    lookAtServices(machine),
    machine.readText(places.aptSource),
    machine.readText(places.aptKey),
    machine.readText(places.recipes),
    machine.readText(places.refresh),
    machine.facts(places.workerSettings),
    machine.facts(places.snap),
    recall(machine),
    readResult(machine),
  ]);
  return {
    distribution: fieldOf('ID', system),
    codename: fieldOf('VERSION_CODENAME', system),
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    helpers: installedVersion(dpkg ?? '', packages.helpers),
    node: installedVersion(dpkg ?? '', packages.node),
    lxd,
    worker: services.worker,
    imagesRun: services.imagesRun,
    imagesResult,
    aptSource,
    aptKey,
    recipes,
    refresh,
    settingsWritten: settings?.modified,
    hasSnap: snap !== undefined,
    holder: await holderOf(machine, memory),
    memory,
    now: machine.now(),
  };
}

/** A unit that was removed by force has left its note behind, but not its agent. */
async function holderOf(machine: Machine, { unit }: Memory): Promise<string | undefined> {
  if (unit === undefined) return undefined;
  return (await machine.facts(agentDirectory(unit))) === undefined ? undefined : unit;
}

/** os-release(5). */
function fieldOf(name: string, text = ''): string {
  return new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
}

/** dpkg's own record (deb822 form); asking dpkg-query for it costs a process in every hook. */
export function installedVersion(status: string, name: string): string | undefined {
  const start = `\n${status}`.indexOf(`\nPackage: ${name}\n`);
  if (start < 0) return undefined;
  const end = status.indexOf('\n\n', start);
  const stanza = status.slice(start, end < 0 ? undefined : end);
  if (!/^Status: \S+ \S+ installed$/m.test(stanza)) return undefined;
  return /^Version: (\S+)$/m.exec(stanza)?.[1];
}

/** The names of all installed packages. */
export function installedPackages(status: string): string[] {
  return status.split('\n\n').flatMap((stanza) => {
    const [, name] = /^Package: (\S+)$/m.exec(stanza) ?? [];
    return name !== undefined && /^Status: \S+ \S+ installed$/m.test(stanza) ? [name] : [];
  });
}

const profileSchema = z.object({ devices: z.record(z.string(), z.record(z.string(), z.string())) });
const aliasesSchema = z.array(z.object({ name: z.string() }));
const instancesSchema = z.array(z.object({ status: z.string(), config: z.record(z.string(), z.string()) }));

export async function lookAtLxd(machine: Machine): Promise<LxdFacts> {
  const [profile, aliases, instances] = await Promise.all([
    machine.lxd('/1.0/profiles/default'),
    machine.lxd('/1.0/images/aliases?recursion=1'),
    machine.lxd('/1.0/instances?recursion=1'),
  ]);
  if (profile.kind === 'absent') return profile;
  for (const answer of [profile, aliases, instances]) {
    if (answer.kind !== 'answer') {
      return { kind: 'unreachable', why: answer.kind === 'absent' ? 'it is gone' : answer.why };
    }
  }
  const { devices } = profileSchema.parse(answered(profile));
  const types = Object.values(devices).map((device) => device.type);
  const images = aliasesSchema
    .parse(answered(aliases))
    .filter(({ name }) => name.startsWith(lxdNames.aliasPrefix))
    .map(({ name }) => name.slice(lxdNames.aliasPrefix.length));
  const builds = instancesSchema
    .parse(answered(instances))
    .filter(({ status, config }) => status === 'Running' && config[lxdNames.instanceKind] === 'run');
  return {
    kind: 'there',
    setUp: types.includes('disk') && types.includes('nic') ? 'whole' : 'bare',
    images: images.toSorted(),
    builds: builds.length,
  };
}

function answered(answer: Awaited<ReturnType<Machine['lxd']>>): unknown {
  return answer.kind === 'answer' ? answer.metadata : undefined;
}

/** systemctl(1): `Name=value` lines, a blank line between units. */
async function lookAtServices(machine: Machine): Promise<Pick<Facts, 'worker' | 'imagesRun'>> {
  const properties = '--property=Id,LoadState,ActiveState';
  const { stdout } = await machine.run(['systemctl', 'show', properties, units.worker, units.images]);
  const blocks = new Map(
    stdout.split('\n\n').map((block) => {
      const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
      return [value('Id'), { load: value('LoadState'), active: value('ActiveState') }];
    }),
  );
  const worker = blocks.get(units.worker);
  const isLoaded = worker?.load === 'loaded';
  const images = blocks.get(units.images);
  const isMaking = images !== undefined && ['active', 'activating', 'deactivating'].includes(images.active);
  return {
    worker: !isLoaded
      ? 'absent'
      : worker.active === 'failed'
        ? 'failed'
        : worker.active === 'inactive'
          ? 'stopped'
          : 'running',
    imagesRun: isMaking ? await readProgress(machine) : 'none',
  };
}

/** `2 3 jammy`: the second of three. Before the first one begins there is nothing to read. */
async function readProgress(machine: Machine): Promise<ImagesRun> {
  const text = (await machine.readText(places.imagesProgress)) ?? '';
  const [, index = '0', total = '0', image = ''] = /^(\d+) (\d+) (\S+)\n$/.exec(text) ?? [];
  return { image, index: Number(index), total: Number(total) };
}

/** The digest of the recipes, then a line `NAME<tab>reason` for each image that could not be made. */
async function readResult(machine: Machine): Promise<ImagesResult | undefined> {
  const text = await machine.readText(places.imagesResult);
  if (text === undefined) return undefined;
  const [digest = '', ...lines] = text.trimEnd().split('\n');
  const failures = lines.map((line) => {
    const [image = '', why = ''] = line.split('\t');
    return { image, why };
  });
  return { digest, at: (await machine.facts(places.imagesResult))?.modified ?? 0, failures };
}
