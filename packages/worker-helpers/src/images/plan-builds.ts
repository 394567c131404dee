/** Which images are to be made, in which order, and why: pure, so that every rule has its test beside it. */
import type { OwnImage } from './model.ts';
import type { Recipe } from './recipes/model.ts';
import type { Recipes } from './recipes/read-recipes.ts';

export interface BuildInputs {
  readonly recipes: Recipes;
  readonly hashes: ReadonlyMap<string, string>;
  /** What the aliases of our images lead to, by name. */
  readonly current: ReadonlyMap<string, OwnImage>;
  /** The fingerprints of images that recipes name by a local alias. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly wanted: readonly string[];
  /** Whether those that are wanted are made whatever their state; their bases are not. */
  readonly force: boolean;
  /** Instead of what the recipes say. */
  readonly maxAgeSeconds: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Why = 'never made' | 'forced' | 'recipe changed' | 'base changed' | 'too old';

export type PlannedImage =
  | { readonly kind: 'make'; readonly recipe: Recipe; readonly hash: string; readonly why: Why }
  | { readonly kind: 'fresh'; readonly recipe: Recipe; readonly image: OwnImage };

/** The wanted images and all images below them, bases first; each once. */
export function planBuilds(inputs: BuildInputs): PlannedImage[] {
  const planned = new Map<string, PlannedImage>();
  const visit = (name: string): void => {
    const recipe = inputs.recipes.get(name);
    if (recipe === undefined || planned.has(name)) return;
    if (recipe.base.kind === 'image') visit(recipe.base.name);
    planned.set(name, judge(recipe, inputs, planned));
  };
  for (const name of inputs.wanted) visit(name);
  return [...planned.values()];
}

function judge(
  recipe: Recipe,
  inputs: BuildInputs,
  planned: ReadonlyMap<string, PlannedImage>,
): PlannedImage {
  const hash = inputs.hashes.get(recipe.name) ?? '';
  const image = inputs.current.get(recipe.name);
  const make = (why: Why): PlannedImage => ({ kind: 'make', recipe, hash, why });
  if (image === undefined) return make('never made');
  if (inputs.force && inputs.wanted.includes(recipe.name)) return make('forced');
  if (image.recipe !== hash) return make('recipe changed');
  if (baseChanged(recipe, image, inputs, planned)) return make('base changed');
  const oldest = inputs.maxAgeSeconds ?? recipe.maxAgeSeconds;
  if (inputs.now - image.madeAt > oldest * 1000) return make('too old');
  return { kind: 'fresh', recipe, image };
}

function baseChanged(
  { base }: Recipe,
  image: OwnImage,
  { current, aliases }: BuildInputs,
  planned: ReadonlyMap<string, PlannedImage>,
): boolean {
  if (base.kind === 'alias') return image.base !== aliases.get(base.alias);
  if (base.kind !== 'image') return false;
  return planned.get(base.name)?.kind === 'make' || image.base !== current.get(base.name)?.fingerprint;
}
