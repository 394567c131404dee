/**
 * From the text of all recipe files to their meaning, or to everything that is wrong with them. A wrong value in one place
 * does not hide a wrong reference in another: references are judged on a draft that takes what can be taken.
 */
import * as z from 'zod';
import { expected, recipeWords, type Words } from '../messages.ts';
import type { Mistake } from './mistake.ts';
import type { Recipe } from './model.ts';
import { nearest, shapeMistakes } from './problems.ts';
import { type Companions, type Parts, resolveImage } from './resolve.ts';
import {
  addressPattern,
  fileSchema,
  flavorSchema,
  imageSchema,
  isVariableName,
  namePattern,
} from './schema.ts';
import { type Path, readYaml, type YamlSource } from './yaml-source.ts';

export interface RecipeText {
  /** The absolute path: what the recipe names is looked for beside it. */
  readonly file: string;
  readonly text: string;
}

/** By name, in the order of the files. */
export type Recipes = ReadonlyMap<string, Recipe>;

export type Reading =
  | { readonly kind: 'accepted'; readonly recipes: Recipes }
  | { readonly kind: 'refused'; readonly mistakes: readonly Mistake[] };

/** The remotes that every LXD knows (`lxc remote list`) and that have images for containers. */
const knownRemotes: Readonly<Record<string, string>> = {
  images: 'https://images.lxd.canonical.com',
  ubuntu: 'https://cloud-images.ubuntu.com/releases',
  'ubuntu-daily': 'https://cloud-images.ubuntu.com/daily',
  'ubuntu-minimal': 'https://cloud-images.ubuntu.com/minimal/releases',
  'ubuntu-minimal-daily': 'https://cloud-images.ubuntu.com/minimal/daily',
};

/**
 * Reads all files together, since images, flavors and remotes of one may be used in another. `some` says that there are
 * files whose text is not known: what those may have is not missed.
 */
export async function readRecipes(
  texts: readonly RecipeText[],
  companions: Companions,
  known: 'all' | 'some' = 'all',
): Promise<Reading> {
  const sources = texts.map(({ file, text }) => readYaml(file, text));
  const drafts = sources.filter(({ mistakes }) => mistakes.length === 0).map(draftOf);
  const mistakes = [
    ...sources.flatMap((source) => source.mistakes),
    ...drafts.flatMap(({ source }) =>
      shapeMistakes(fileSchema.safeParse(source.value).error?.issues ?? [], source),
    ),
    ...[...nameRules(drafts), ...repetitions(drafts)],
    // In a file that is no YAML there may be what the others refer to.
    ...(known === 'all' && drafts.length === sources.length
      ? [...references(drafts), ...cycles(drafts)]
      : []),
  ];
  const { recipes, missing } = await resolveAll(drafts, companions);
  const all = [...mistakes, ...missing];
  return all.length > 0 ? { kind: 'refused', mistakes: all } : { kind: 'accepted', recipes };
}

interface Draft {
  readonly source: YamlSource;
  readonly images: ReadonlyMap<string, DraftImage>;
  readonly flavors: ReadonlySet<string>;
  readonly remotes: ReadonlyMap<string, string>;
}

interface DraftImage {
  readonly base: string | undefined;
  readonly flavor: string | undefined;
}

const anyMap = z.record(z.string(), z.unknown());
const mapIn = (value: unknown) => anyMap.safeParse(value).data ?? {};
const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined);

function draftOf(source: YamlSource): Draft {
  const { images, flavors, remotes } = mapIn(source.value);
  return {
    source,
    images: new Map(
      Object.entries(mapIn(images)).map(([name, value]) => {
        const { base, flavor } = mapIn(value);
        return [name, { base: textIn(base), flavor: textIn(flavor) }];
      }),
    ),
    flavors: new Set(Object.keys(mapIn(flavors))),
    remotes: new Map(
      Object.entries(mapIn(remotes)).flatMap(([name, url]) => (typeof url === 'string' ? [[name, url]] : [])),
    ),
  };
}

function* nameRules(drafts: readonly Draft[]): Generator<Mistake> {
  for (const { source } of drafts) {
    const top = mapIn(source.value);
    for (const section of ['images', 'flavors', 'remotes']) {
      yield* badNames(source, [section], (name) => namePattern.test(name), expected.name);
      if (section === 'remotes') continue;
      for (const name of Object.keys(mapIn(top[section]))) {
        yield* badNames(source, [section, name, 'environment'], isVariableName, expected.variableName);
        yield* badNames(
          source,
          [section, name, 'sources'],
          (key) => /^[a-z0-9][a-z0-9_-]*$/.test(key),
          expected.sourceName,
        );
      }
    }
  }
}

function* badNames(
  source: YamlSource,
  path: Path,
  isRight: (name: string) => boolean,
  write: string,
): Generator<Mistake> {
  const map = path.reduce<unknown>((value, step) => mapIn(value)[String(step)], source.value);
  for (const name of Object.keys(mapIn(map))) {
    if (!isRight(name)) yield source.mistakeAt([...path, name], 'key', recipeWords.badName(name, write));
  }
}

function* repetitions(drafts: readonly Draft[]): Generator<Mistake> {
  const first = { images: new Map<string, string>(), flavors: new Map<string, string>() };
  const remotes = new Map<string, { where: string; url: string }>();
  for (const draft of drafts) {
    const { source } = draft;
    for (const section of ['images', 'flavors'] as const) {
      for (const name of draft[section].keys()) {
        const earlier = first[section].get(name);
        const path = [section, name];
        if (earlier === undefined) first[section].set(name, source.where(path));
        else {
          const words = section === 'images' ? recipeWords.secondImage : recipeWords.secondFlavor;
          yield source.mistakeAt(path, 'key', words(name, earlier));
        }
      }
    }
    for (const [name, url] of draft.remotes) {
      const path = ['remotes', name];
      const earlier = remotes.get(name);
      if (earlier === undefined) remotes.set(name, { where: source.where(path), url });
      else if (earlier.url !== url)
        yield source.mistakeAt(path, 'key', recipeWords.secondRemote(name, earlier.where));
    }
  }
}

function* references(drafts: readonly Draft[]): Generator<Mistake> {
  const images = new Set(drafts.flatMap((draft) => [...draft.images.keys()]));
  const flavors = new Set(drafts.flatMap((draft) => [...draft.flavors]));
  const remotes = remotesOf(drafts);
  for (const { source, images: own } of drafts) {
    for (const [name, { base, flavor }] of own) {
      const at = (key: string, words: Words) => source.mistakeAt(['images', name, key], 'value', words);
      const remote = addressPattern.exec(base ?? '')?.[1];
      if (remote !== undefined && !remotes.has(remote))
        yield at('base', recipeWords.unknownRemote(remote, nearest(remote, remotes.keys())));
      if (base !== undefined && namePattern.test(base) && !images.has(base))
        yield at('base', recipeWords.unknownBase(base, nearest(base, images)));
      if (flavor !== undefined && namePattern.test(flavor) && !flavors.has(flavor))
        yield at('flavor', recipeWords.unknownFlavor(flavor, nearest(flavor, flavors)));
    }
  }
}

/** One mistake for each circle. */
function* cycles(drafts: readonly Draft[]): Generator<Mistake> {
  const images = new Map(
    drafts.flatMap(({ source, images }) => [...images].map(([name, { base }]) => [name, { source, base }])),
  );
  const finished = new Set<string>();
  for (const first of images.keys()) {
    const chain = new Set<string>();
    let name = first;
    while (images.has(name) && !finished.has(name) && !chain.has(name)) {
      chain.add(name);
      name = images.get(name)?.base ?? '';
    }
    const image = images.get(name);
    if (chain.has(name) && image !== undefined) {
      const names = [...chain];
      const circle = [...names.slice(names.indexOf(name)), name];
      yield image.source.mistakeAt(['images', name, 'base'], 'value', recipeWords.cycle(circle));
    }
    for (const seen of chain) finished.add(seen);
  }
}

function remotesOf(drafts: readonly Draft[]): Map<string, string> {
  return new Map([...Object.entries(knownRemotes), ...drafts.flatMap(({ remotes }) => [...remotes])]);
}

/** Whatever is right by itself, so that a file that it names and that is not there is told beside other mistakes. */
async function resolveAll(
  drafts: readonly Draft[],
  companions: Companions,
): Promise<{ recipes: Recipes; missing: Mistake[] }> {
  const parts: Parts = {
    flavors: new Map(
      drafts.flatMap(({ source }) =>
        entriesOf(source, 'flavors', flavorSchema).map(([name, layer]) => [name, { source, layer }]),
      ),
    ),
    remotes: remotesOf(drafts),
    companions,
    missing: [],
  };
  const recipes = new Map<string, Recipe>();
  for (const { source } of drafts) {
    for (const [name, image] of entriesOf(source, 'images', imageSchema)) {
      recipes.set(name, await resolveImage(name, image, source, parts));
    }
  }
  return { recipes, missing: parts.missing };
}

function entriesOf<T extends z.ZodType>(
  source: YamlSource,
  section: string,
  schema: T,
): [string, z.output<T>][] {
  return Object.entries(mapIn(mapIn(source.value)[section])).flatMap(([name, value]) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [[name, parsed.data]] : [];
  });
}
