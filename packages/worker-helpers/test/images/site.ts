/** A site with recipes of its own on this machine's LXD: its images have names that no other test has, and all go at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { defaultPlaces } from '../../src/images/places.ts';
import {
  aliasTarget,
  deleteImage,
  deleteInstance,
  imageAlias,
  type Lxd,
  listImages,
  listInstances,
  openLxd,
  stopInstance,
} from '../../src/lxd/index.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs; what it says can be waited for. */
export class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #out = '';
  #err = '';

  constructor(name: string, args: readonly string[]) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, name, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => {
      this.#out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.#err += chunk;
    });
    this.process = child;
    this.ended = once(child, 'close').then(() => ({
      code: child.exitCode,
      signal: child.signalCode,
      out: this.#out,
      err: this.#err,
    }));
  }

  async says(words: RegExp): Promise<void> {
    await until(() => words.test(this.#err) || this.process.exitCode !== null, `it says ${words}`);
    if (!words.test(this.#err)) throw new Error(`it ended without saying ${words}:\n${this.#err}`);
  }
}

export class Site {
  readonly lxd: Lxd = openLxd(process.env);
  readonly directory: string;
  /** What the names of all its images begin with. */
  readonly prefix = `lxdtest-${randomBytes(3).toString('hex')}`;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Site> {
    const site = new Site(await mkdtemp(join(tmpdir(), 'lpbuildbot-images-')));
    await mkdir(site.recipes);
    return site;
  }

  get recipes(): string {
    return join(this.directory, 'images.d');
  }

  /** Replaces all recipes. */
  async write(recipes: object): Promise<void> {
    await writeFile(join(this.recipes, 'test.yaml'), stringify(recipes));
  }

  start(command: string, ...args: readonly string[]): Running {
    return new Running(command, ['--recipes', this.recipes, ...args]);
  }

  async run(command: string, ...args: readonly string[]): Promise<Ended> {
    return await this.start(command, ...args).ended;
  }

  async create(...args: readonly string[]): Promise<Ended> {
    return await this.run('lpbuildbot-create-image', ...args);
  }

  async current(name: string): Promise<string | undefined> {
    return await aliasTarget(this.lxd, imageAlias(name));
  }

  /** Fingerprints of all images of that name. */
  async images(name: string): Promise<string[]> {
    const images = await listImages(this.lxd);
    return images
      .filter(({ properties }) => properties?.['lpbuildbot.name'] === name)
      .map(({ fingerprint }) => fingerprint);
  }

  async logs(name: string): Promise<string[]> {
    const files = (await readdir(defaultPlaces.logs))
      .filter((file) => file.startsWith(`${name}-2`))
      .toSorted();
    return await Promise.all(files.map((file) => readFile(join(defaultPlaces.logs, file), 'utf8')));
  }

  async close(): Promise<void> {
    const images = (await listImages(this.lxd)).filter(({ properties }) =>
      properties?.['lpbuildbot.name']?.startsWith(this.prefix),
    );
    const ours = new Set(images.map(({ fingerprint }) => fingerprint));
    for (const { name, status, config } of await listInstances(this.lxd)) {
      if (!ours.has(config['volatile.base_image'] ?? '')) continue;
      if (status === 'Running') await stopInstance(this.lxd, name, 'force');
      await deleteInstance(this.lxd, name);
    }
    for (const fingerprint of ours) await deleteImage(this.lxd, fingerprint);
    for (const file of await readdir(defaultPlaces.logs).catch(() => []))
      if (file.startsWith(this.prefix)) await rm(join(defaultPlaces.logs, file));
    for (const file of await readdir(defaultPlaces.locks).catch(() => []))
      if (file.startsWith(this.prefix)) await rm(join(defaultPlaces.locks, file));
    await rm(this.directory, { recursive: true });
    this.lxd.agent.destroy();
  }
}

/** Waits for a condition; a minute and a half is for a machine that does much else. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}
