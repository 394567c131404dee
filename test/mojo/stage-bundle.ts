/** Reads a rendered bundle as Juju would, with the charms that the build phase makes at hand. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readBundle } from '../../scripts/lib/juju-bundle.ts';
import { bundleProblems, type KnownCharm } from '../../scripts/lib/juju-bundle-problems.ts';
import { BundleError } from '../../scripts/lib/juju-bundle-schema.ts';
import { charmYaml } from '../../scripts/lib/pack-charm-yaml.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import { packedCharm } from '../rig/core/charm-file.ts';
import { messages } from './messages.ts';

export interface CheckedBundle {
  /** As JSON, with paths as the template has them, so that those of two bundles can be compared. */
  readonly applications: ReadonlyMap<string, string>;
  readonly slips: readonly { readonly found: string; readonly write: string }[];
}

const root = join(import.meta.dirname, '../..');

/** By the name of the file that `build` puts beside the bundle. */
type Charms = ReadonlyMap<string, KnownCharm>;

/**
 * What a bundle names besides is made empty: charms and packages, which the build phase makes, and the files of secrets that it
 * includes, as far as they lie in `local`.
 */
export async function checkBundle(
  path: string,
  text: string,
  local: string,
  gitServer: string,
): Promise<CheckedBundle> {
  const charms = await knownCharms(gitServer);
  for (const [, file = ''] of text.matchAll(/^\s*(?:charm|worker-deb): (\.\/\S+)$/gm)) {
    await touch(join(dirname(path), file));
  }
  for (const [, file = ''] of text.matchAll(/include-(?:file|base64):\/\/(\S+)/g)) {
    if (file.startsWith(`${local}/`)) await touch(file);
  }
  try {
    const bundle = readBundle(path);
    const problems = bundleProblems(
      bundle,
      new Map(
        Object.values(bundle.applications).flatMap(({ charm }) => {
          const known = charms.get(basename(charm ?? ''));
          return known === undefined ? [] : [[charm ?? '', known] as const];
        }),
      ),
    );
    const strangers = Object.entries(bundle.applications).flatMap(([name, { charm }]) =>
      charm?.startsWith('/') === true && !charms.has(basename(charm))
        ? [`charm ${basename(charm)} of ${name}, which build does not make`]
        : [],
    );
    return {
      applications: new Map(
        Object.entries(bundle.applications).map(([name, application]) => [
          name,
          JSON.stringify(application).replaceAll(dirname(path), '.'),
        ]),
      ),
      slips: [...problems, ...strangers].map((found) => refused(found, path)),
    };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { applications: new Map(), slips: [refused(error.message, path)] };
  }
}

function refused(found: string, path: string): CheckedBundle['slips'][number] {
  return { found: found.replaceAll(dirname(path), '.'), write: messages.jujuRefuses };
}

async function touch(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
}

async function knownCharms(gitServer: string): Promise<Charms> {
  const own = await Promise.all(
    (['master', 'worker'] as const).map(async (name) => {
      const file = join(root, 'charms', name, 'charmcraft.yaml');
      const yaml = charmYaml(file, await readFile(file, 'utf8'), thisArchitecture);
      if (yaml.kind === 'wrong') throw new Error(yaml.reason);
      return [`lpbuildbot-${name}.charm`, known((each) => yaml.files.get(each))] as const;
    }),
  );
  const texts = new Map<string, string>();
  for (const name of ['metadata.yaml', 'config.yaml']) {
    texts.set(name, await readFile(join(gitServer, name), 'utf8'));
  }
  return new Map([...own, ['lpbuildbot-git-server.charm', known((name) => texts.get(name))]]);
}

function known(read: (name: string) => string | undefined): KnownCharm {
  const { charmcraft, storage, resources } = packedCharm('', read);
  return {
    options: Object.fromEntries(Object.entries(charmcraft.options).map(([name, { type }]) => [name, type])),
    endpoints: [...charmcraft.endpoints.keys()],
    storage: Object.keys(storage),
    resources: Object.keys(resources),
  };
}
