/**
 * Packs a charm without charmcraft, which needs LXD or snaps and gives other bytes each time: the files that Juju reads, made from charmcraft.yaml,
 * and everything that the charm runs.
 *
 *     dispatch                 what Juju starts
 *     lib/node                 Node.js, as the lock file has it
 *     lib/charm.mjs            the charm, one file; other programs beside it
 *     lib/NOTICES, LICENSE     licences
 *     python/, wheels/         the master's: Buildbot's configuration and everything that pip installs
 *     systemd/                 units
 *     monitoring/              the master's: what people give to their Prometheus and Grafana
 *     metadata.yaml, config.yaml, actions.yaml, manifest.yaml, version
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { bundle } from './bundle.ts';
import { charmTooLarge, compressingCharm } from './pack-charm-messages.ts';
import { charmWheels } from './pack-charm-wheels.ts';
import { charmYaml } from './pack-charm-yaml.ts';
import { type ArchiveFile, zip } from './pack-charm-zip.ts';
import type { PackOutcome } from './pack-deb.ts';
import { type Architecture, nodeDirectory } from './pack-node.ts';
import { noticesOf } from './pack-notices.ts';

export interface CharmRequest {
  readonly charm: 'master' | 'worker';
  /** Where the charm goes; made when it is not there. */
  readonly out: string;
  readonly architecture: Architecture;
}

interface Contents {
  /** From the file's name in lib/ to what is bundled into it. */
  readonly programs: ReadonlyMap<string, string>;
  readonly buildbot: 'carried' | 'none';
  /** In monitoring/, as they are here. */
  readonly monitoring: readonly string[];
  /** What the charm may be at most, in bytes. */
  readonly most: number;
}

const root = join(import.meta.dirname, '../..');

const contents: Readonly<Record<CharmRequest['charm'], Contents>> = {
  master: {
    programs: new Map([
      ['charm.mjs', 'charms/master/src/main.ts'],
      ['promotion.mjs', 'packages/promotion/src/main.ts'],
    ]),
    buildbot: 'carried',
    monitoring: ['alerts.yml', 'dashboard.json'],
    most: 120e6,
  },
  worker: {
    programs: new Map([['charm.mjs', 'charms/worker/src/main.ts']]),
    buildbot: 'none',
    monitoring: [],
    most: 60e6,
  },
};

export async function packCharm({ charm, out, architecture }: CharmRequest): Promise<PackOutcome> {
  const source = join(root, 'charms', charm);
  const description = join(source, 'charmcraft.yaml');
  const yaml = charmYaml(description, await readFile(description, 'utf8'), architecture);
  if (yaml.kind === 'wrong') return { kind: 'failed', reason: yaml.reason };

  const { programs, buildbot, monitoring, most } = contents[charm];
  const files = [
    ...[...yaml.files].map(([path, text]) => plain(path, text)),
    plain('version', `${await versionOf(source)}\n`),
    plain('LICENSE', await readFile(join(root, 'LICENSE'))),
    program('dispatch', await readFile(join(root, 'packages/juju/bin/dispatch'))),
    ...(await nodeFiles(architecture)),
    ...(await bundles(programs)),
    ...(await tree(join(source, 'systemd'), 'systemd')),
    ...(await Promise.all(
      monitoring.map(async (name) =>
        plain(`monitoring/${name}`, await readFile(join(root, 'packages/promotion/monitoring', name))),
      ),
    )),
  ];
  if (buildbot === 'carried') {
    const wheels = await charmWheels(root, architecture);
    if (wheels.kind === 'failed') return wheels;
    files.push(...(await tree(wheels.directory, 'wheels')));
    const python = await tree(join(root, 'packages/buildbot/python'), 'python');
    files.push(...python.filter(({ path }) => runs(path)));
  }

  const name = `${yaml.name}_${architecture}.charm`;
  console.log(compressingCharm(name));
  const parts = await zip(files);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > most) return { kind: 'failed', reason: charmTooLarge(name, size, most) };
  await mkdir(out, { recursive: true });
  // Whoever reads it meanwhile gets the old one or the new one.
  await writeFile(join(out, `.${name}.new`), parts);
  await rename(join(out, `.${name}.new`), join(out, name));
  return { kind: 'packed', files: [join(out, name)] };
}

/** Of packages/buildbot/python what a master needs; not what checks and tests it. */
function runs(path: string): boolean {
  if (/\/(tests|__pycache__)\//.test(path) || path.endsWith('.pyc')) return false;
  return path.endsWith('.py') || path.endsWith('.cfg') || path === 'python/requirements.txt';
}

async function nodeFiles(architecture: Architecture): Promise<ArchiveFile[]> {
  const directory = await nodeDirectory(root, architecture);
  return [
    program('lib/node', await readFile(join(directory, 'bin/node'))),
    plain('lib/LICENSE.node', await readFile(join(directory, 'LICENSE'))),
  ];
}

async function bundles(programs: Contents['programs']): Promise<ArchiveFile[]> {
  const temporary = await mkdtemp(join(tmpdir(), 'pack-charm-'));
  try {
    const files: ArchiveFile[] = [];
    const inputs = new Set<string>();
    for (const [name, entry] of programs) {
      const outfile = join(temporary, name);
      for (const input of await bundle(join(root, entry), outfile)) inputs.add(input);
      // Executable, because charmcraft's linter asks that of what dispatch ends with.
      files.push(program(`lib/${name}`, await readFile(outfile)));
    }
    return [...files, plain('lib/NOTICES', await noticesOf(root, [...inputs].toSorted()))];
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A directory's files, modes apart; none when it is not there. */
async function tree(directory: string, prefix: string): Promise<ArchiveFile[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return plain(join(prefix, path.slice(directory.length)), await readFile(path));
    }),
  );
}

async function versionOf(source: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

function plain(path: string, content: string | Uint8Array): ArchiveFile {
  return { path, mode: 0o644, content: typeof content === 'string' ? Buffer.from(content) : content };
}

function program(path: string, content: Uint8Array): ArchiveFile {
  return { path, mode: 0o755, content };
}
