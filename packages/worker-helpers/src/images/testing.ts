/** Recipes and images for tests, with what a test does not care about filled in. */
import type { OwnImage } from './model.ts';
import type { Base, Layer, Recipe } from './recipes/model.ts';

export const noLayer: Layer = {
  environment: {},
  files: [],
  sources: [],
  packages: [],
  commands: [],
  smoke: [],
};

export function recipe(name: string, base: Base | string, more: Partial<Recipe> = {}): Recipe {
  return {
    name,
    file: '/etc/lpbuildbot/images.d/test.yaml',
    description: undefined,
    base: typeof base === 'string' ? { kind: 'image', name: base } : base,
    layers: [noLayer],
    upgrade: true,
    maxAgeSeconds: 7 * 86_400,
    keep: 2,
    ...more,
  };
}

export function byName<Named extends { readonly name: string }>(
  items: readonly Named[],
): ReadonlyMap<string, Named> {
  return new Map(items.map((item) => [item.name, item]));
}

export function image(name: string, more: Partial<OwnImage> = {}): OwnImage {
  return {
    name,
    fingerprint: `${name}-print`,
    recipe: `${name}-hash`,
    base: undefined,
    madeAt: 0,
    size: 100,
    state: 'whole',
    current: true,
    users: 0,
    prepared: [],
    ...more,
  };
}
