/** Reads everything about images that decisions take, once: recipes' surroundings from this machine, our images from LXD. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type Image,
  type Instance,
  imageAlias,
  instanceKeys,
  isAlive,
  kindOf,
  type Lxd,
  listAliases,
  listImages,
  listInstances,
  parseOwner,
} from '../lxd/index.ts';
import { archiveEntries } from './archive.ts';
import { type AptEntry, type AptFile, parseAptSources } from './host-apt.ts';
import type { OwnImage } from './model.ts';
import { readProperties } from './properties.ts';
import { hashRecipes } from './recipe-hash.ts';
import type { Recipes } from './recipes/read-recipes.ts';

/** This machine's apt sources. */
export async function hostApt(directory = '/etc/apt'): Promise<AptEntry[]> {
  const parts = await readdir(join(directory, 'sources.list.d')).catch(() => []);
  const paths = [
    'sources.list',
    ...parts.filter((name) => /\.(list|sources)$/.test(name)).map((name) => `sources.list.d/${name}`),
  ];
  const files = await Promise.all(
    paths.map(async (name): Promise<AptFile[]> => {
      const text = await readFile(join(directory, name), 'utf8').catch(() => undefined);
      return text === undefined ? [] : [{ name, text }];
    }),
  );
  return parseAptSources(files.flat());
}

/** The hashes of all recipes, by name. */
export async function recipeHashes(
  recipes: Recipes,
  apt: readonly AptEntry[],
): Promise<ReadonlyMap<string, string>> {
  const rootfs = new Map<string, string>();
  const entries = new Map<string, readonly AptEntry[]>();
  for (const { name, base } of recipes.values()) {
    if (base.kind === 'rootfs' && !rootfs.has(base.path)) rootfs.set(base.path, await digestOf(base.path));
    if (base.kind === 'archive' && base.mirror === undefined)
      entries.set(name, archiveEntries(base, apt, ''));
  }
  return hashRecipes(recipes, { rootfs, apt: entries });
}

export interface Observed {
  readonly images: readonly OwnImage[];
  /** Images that were only there for a run that is over. */
  readonly passing: readonly string[];
  /** Fingerprints by alias, of all images. */
  readonly aliases: ReadonlyMap<string, string>;
}

export async function observeImages(lxd: Lxd): Promise<Observed> {
  const [images, aliasList, instances] = await Promise.all([
    listImages(lxd),
    listAliases(lxd),
    listInstances(lxd),
  ]);
  const aliases = new Map(aliasList.map(({ name, target }) => [name, target]));
  const own: OwnImage[] = [];
  const passing: string[] = [];
  for (const image of images) {
    const properties = readProperties(image.properties ?? {});
    if (properties === undefined) continue;
    const state = await stateOf(properties.owner);
    if (properties.name === undefined) {
      if (state === 'left over') passing.push(image.fingerprint);
      continue;
    }
    const { name, recipe, base } = properties;
    const current = aliases.get(imageAlias(name)) === image.fingerprint;
    own.push({
      name,
      recipe,
      base,
      ...factsOf(image),
      state,
      current,
      ...usesOf(image.fingerprint, instances),
    });
  }
  return { images: own, passing, aliases };
}

/** An image says whose it is until it is whole. */
async function stateOf(ownerText: string | undefined): Promise<OwnImage['state']> {
  if (ownerText === undefined) return 'whole';
  const owner = parseOwner(ownerText);
  return owner !== undefined && (await isAlive(owner)) ? 'in the making' : 'left over';
}

function factsOf({ fingerprint, size, created_at }: Image) {
  return { fingerprint, size, madeAt: Date.parse(created_at) };
}

function usesOf(fingerprint: string, instances: readonly Instance[]) {
  const made = instances.filter((instance) => originOf(instance) === fingerprint);
  const prepared = made.filter((instance) => kindOf(instance) === 'prepared').map(({ name }) => name);
  return { users: made.length - prepared.length, prepared };
}

/** LXD's own note of what a container was made from; a copy of a prepared one says it in ours. */
function originOf({ config }: Instance): string | undefined {
  return config[instanceKeys.image] ?? config['volatile.base_image'];
}

/** The SHA-256 of a file. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
