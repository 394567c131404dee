/** What an image is made from, brought to where LXD can make a container of it. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { bootstrapOf } from './archive.ts';
import { StepFailed } from './guest.ts';
import type { AptEntry } from './host-apt.ts';
import type { Job, Workshop } from './make-image.ts';
import { makingWords } from './messages.ts';
import { metadataFiles } from './metadata.ts';
import { passingProperties } from './properties.ts';
import type { Archive } from './recipes/model.ts';
import type { Origin, Properties, StoredImage } from './store.ts';

export interface Start {
  readonly origin: Origin;
  /** Deletes what was only there for this container. */
  readonly discard: () => Promise<void>;
}

interface Surroundings {
  /** This process's own directory, for root file systems. */
  readonly work: string;
  readonly apt: readonly AptEntry[];
  /** As LXD names it, such as `x86_64`. */
  readonly architecture: string;
  readonly proxies: Readonly<Record<string, string>>;
}

const nothing = async () => {};

export class BaseMaker {
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  async originOf({ recipe, base }: Job, shop: Workshop): Promise<Start> {
    switch (recipe.base.kind) {
      case 'image':
      case 'alias':
        if (base === undefined) throw new StepFailed(makingWords.noBase(recipe.base));
        return { origin: { kind: 'local', fingerprint: base }, discard: nothing };
      case 'remote':
        shop.step(makingWords.downloading(recipe.base.written));
        return { origin: recipe.base, discard: nothing };
      case 'rootfs':
        shop.step(makingWords.importing(recipe.base.path));
        return await this.#passing(recipe.base.path, undefined, shop);
      case 'archive': {
        const { base: archive } = recipe;
        return await this.#withRootfs(archive, 'rootfs.tar', shop, (rootfs) =>
          this.#passing(rootfs, archive.architecture, shop),
        );
      }
    }
  }

  /** An image of nothing but what the archive has: everything else is done in it already. */
  async imageOf(archive: Archive, properties: Properties, shop: Workshop): Promise<StoredImage> {
    return await this.#withRootfs(archive, 'rootfs.tar.zst', shop, async (rootfs) => {
      shop.step(makingWords.publishing);
      return await this.#imported(rootfs, archive.architecture, properties, shop);
    });
  }

  async #withRootfs<Result>(
    archive: Archive,
    file: string,
    shop: Workshop,
    work: (rootfs: string) => Promise<Result>,
  ): Promise<Result> {
    shop.step(makingWords.bootstrapping(archive));
    const rootfs = await this.#bootstrapped(archive, file, shop);
    try {
      return await work(rootfs);
    } finally {
      await rm(dirname(rootfs), { recursive: true, force: true });
    }
  }

  async #passing(rootfs: string, architecture: string | undefined, shop: Workshop): Promise<Start> {
    const { fingerprint } = await this.#imported(rootfs, architecture, passingProperties(shop.owner), shop);
    return { origin: { kind: 'local', fingerprint }, discard: () => shop.store.deleteImage(fingerprint) };
  }

  /** LXD takes a root file system together with a second file that says what it is. */
  async #imported(
    rootfs: string,
    architecture: string | undefined,
    properties: Properties,
    { store }: Workshop,
  ): Promise<StoredImage> {
    const directory = await this.#directory();
    const metadata = join(directory, 'metadata.tar');
    const own = lxdArchitectures[architecture ?? ''] ?? this.#surroundings.architecture;
    for (const [name, text] of metadataFiles(own, Date.now())) {
      const file = join(directory, 'metadata', name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await execa('tar', ['-C', join(directory, 'metadata'), '-cf', metadata, '.']);
    try {
      return await store.importImage(metadata, rootfs, properties);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** In a directory of its own. mmdebstrap(1) packs it as the file's name says. */
  async #bootstrapped(archive: Archive, file: string, { log, signal }: Workshop): Promise<string> {
    const directory = await this.#directory();
    const paths = {
      rootfs: join(directory, file),
      hook: join(directory, 'hook.sh'),
      keyring: join(directory, 'archive'),
    };
    const { keyring } = archive;
    if (keyring !== undefined) await writeFile(`${paths.keyring}.${keyring.extension}`, keyring.content);
    const { args, sources, hook } = bootstrapOf(archive, this.#surroundings.apt, paths);
    if (sources === '') throw new StepFailed(makingWords.noSuchSuite(archive.suite));
    await writeFile(paths.hook, hook);
    log.write(`==> ${makingWords.bootstrapping(archive)}\n${sources}\n`);
    // In a process namespace of its own: when that is killed, or we are, nothing of it is left, and no mount.
    const child = execa('setpriv', [...alone, 'mmdebstrap', ...args], {
      all: true,
      buffer: false,
      cancelSignal: signal,
      killSignal: 'SIGKILL',
      env: { TMPDIR: directory, ...this.#surroundings.proxies },
      input: sources,
      reject: false,
      stdout: 'pipe',
    });
    await pipeline(child.all, async (chunks) => {
      for await (const chunk of chunks) log.write(String(chunk));
    });
    const { exitCode, code } = await child;
    signal.throwIfAborted();
    if (code === 'ENOENT' || exitCode === 127) throw new StepFailed(makingWords.noMmdebstrap);
    if (exitCode !== 0)
      throw new StepFailed(makingWords.failed(makingWords.bootstrapping(archive), exitCode ?? 1));
    return paths.rootfs;
  }

  #count = 0;

  async #directory(): Promise<string> {
    this.#count += 1;
    const directory = join(this.#surroundings.work, String(this.#count));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }
}

const alone = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** LXD's names for Debian's architectures (lxd's shared/osarch). */
const lxdArchitectures: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  armhf: 'armv7l',
  i386: 'i686',
  ppc64el: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
};
