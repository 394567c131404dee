/**
 * One hash for everything that decides what an image becomes: its recipe with the content of every file that it names, the
 * apt sources that it takes from this machine, and the recipes below it. How long it stays fresh and how many are kept do
 * not change an image, so they are not in it.
 */
import { createHash } from 'node:crypto';
import type { AptEntry } from './host-apt.ts';
import type { KeyFile, Layer, Recipe } from './recipes/model.ts';
import type { Recipes } from './recipes/read-recipes.ts';

/** To be raised when this package makes another image from the same recipe. */
const generation = 1;

/** What lies outside of the recipe files. */
export interface Surroundings {
  /** The SHA-256 of root file systems, by path. */
  readonly rootfs: ReadonlyMap<string, string>;
  /** What images from the archive take over of this machine's apt sources, by the name of the recipe. */
  readonly apt: ReadonlyMap<string, readonly AptEntry[]>;
}

/** The hashes of all recipes, by name: 64 hexadecimal digits each. */
export function hashRecipes(recipes: Recipes, surroundings: Surroundings): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  const hash = (recipe: Recipe): string => {
    const known = hashes.get(recipe.name);
    if (known !== undefined) return known;
    const below = recipe.base.kind === 'image' ? recipes.get(recipe.base.name) : undefined;
    const text = JSON.stringify([
      generation,
      baseFacts(recipe, below && hash(below), surroundings),
      recipe.upgrade,
      recipe.layers.filter((layer) => !isEmpty(layer)).map(layerFacts),
    ]);
    const digest = createHash('sha256').update(text).digest('hex');
    hashes.set(recipe.name, digest);
    return digest;
  };
  for (const recipe of recipes.values()) hash(recipe);
  return hashes;
}

function baseFacts(
  { name, base }: Recipe,
  below: string | undefined,
  { rootfs, apt }: Surroundings,
): unknown {
  switch (base.kind) {
    case 'image':
      return ['image', below];
    case 'remote':
      return ['remote', base.server, base.alias];
    case 'alias':
      return ['alias', base.alias];
    case 'rootfs':
      return ['rootfs', rootfs.get(base.path)];
    case 'archive': {
      const { suite, mirror, components, pockets, keyring, variant, architecture } = base;
      const entries = (apt.get(name) ?? []).map((entry) => [
        entry.uris,
        entry.suites,
        entry.components,
        entry.signedBy,
      ]);
      return [
        'archive',
        suite,
        mirror,
        components,
        pockets,
        keyFacts(keyring),
        variant,
        architecture,
        entries,
      ];
    }
  }
}

function isEmpty({ environment, files, sources, packages, commands, smoke }: Layer): boolean {
  return [Object.keys(environment), files, sources, packages, commands, smoke].every(
    ({ length }) => length === 0,
  );
}

function layerFacts({ environment, files, sources, packages, commands, smoke }: Layer): unknown {
  return [
    Object.entries(environment).toSorted(),
    files.map(({ path, mode, owner, content }) => [path, mode, owner, digestOf(content)]),
    sources.map(({ name, url, suites, components, key }) => [name, url, suites, components, keyFacts(key)]),
    packages.toSorted(),
    commands,
    smoke,
  ];
}

function keyFacts(key: KeyFile | undefined): unknown {
  return key && [key.extension, digestOf(key.content)];
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
