import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BuildInputs, planBuilds } from './plan-builds.ts';
import { byName, image, recipe } from './testing.ts';

const day = 86_400_000;
const focal = recipe('focal', {
  kind: 'remote',
  server: 'https://x',
  alias: '20.04',
  written: 'ubuntu:20.04',
});
const flavor = recipe('focal-pg', 'focal');
const local = recipe('local', { kind: 'alias', alias: 'mine' });
const recipes = byName([flavor, focal, local]);
const hashes = new Map([...recipes.keys()].map((name) => [name, `${name}-hash`]));
const fresh = byName([
  image('focal'),
  image('focal-pg', { base: 'focal-print' }),
  image('local', { base: 'mine-print' }),
]);

function plan(inputs: Partial<BuildInputs>): string[] {
  const planned = planBuilds({
    recipes,
    hashes,
    current: fresh,
    aliases: new Map([['mine', 'mine-print']]),
    wanted: [...recipes.keys()],
    force: false,
    maxAgeSeconds: undefined,
    now: day,
    ...inputs,
  });
  return planned.map((one) => `${one.recipe.name}: ${one.kind === 'make' ? one.why : 'fresh'}`);
}

describe('which images are made', () => {
  it('none when nothing changed', () => {
    assert.deepEqual(plan({}), ['focal: fresh', 'focal-pg: fresh', 'local: fresh']);
  });

  it('all on a new worker, bases first', () => {
    assert.deepEqual(plan({ current: new Map() }), [
      'focal: never made',
      'focal-pg: never made',
      'local: never made',
    ]);
  });

  it('a flavor together with the base that it needs', () => {
    assert.deepEqual(plan({ current: new Map(), wanted: ['focal-pg'] }), [
      'focal: never made',
      'focal-pg: never made',
    ]);
  });

  it('only the flavor when the flavor is forced', () => {
    assert.deepEqual(plan({ wanted: ['focal-pg'], force: true }), ['focal: fresh', 'focal-pg: forced']);
  });

  it('what stands on an image that is made', () => {
    assert.deepEqual(plan({ hashes: new Map([...hashes, ['focal', 'new']]) }), [
      'focal: recipe changed',
      'focal-pg: base changed',
      'local: fresh',
    ]);
  });

  it('what stands on an image that somebody else made anew', () => {
    const current = new Map([...fresh, ['focal', image('focal', { fingerprint: 'other' })]]);
    assert.deepEqual(plan({ current, wanted: ['focal-pg'] }), ['focal: fresh', 'focal-pg: base changed']);
    assert.deepEqual(plan({ aliases: new Map([['mine', 'other']]), wanted: ['local'] }), [
      'local: base changed',
    ]);
  });

  it('what is older than its recipe lets it be, or than was asked for', () => {
    assert.deepEqual(plan({ now: 7 * day, wanted: ['focal'] }), ['focal: fresh']);
    assert.deepEqual(plan({ now: 7 * day + 1, wanted: ['focal'] }), ['focal: too old']);
    assert.deepEqual(plan({ now: day, maxAgeSeconds: 3600, wanted: ['focal'] }), ['focal: too old']);
    assert.deepEqual(plan({ now: 30 * day, maxAgeSeconds: 60 * 86_400, wanted: ['focal'] }), [
      'focal: fresh',
    ]);
  });
});

describe('whatever the recipes', () => {
  /** Each image stands on an earlier one or on a remote; their order in the files is any. */
  const catalog = fc
    .array(fc.nat(), { minLength: 1, maxLength: 8 })
    .chain((bases) =>
      fc.shuffledSubarray(
        bases.map((base, index) =>
          recipe(`i${index}`, base % (index + 1) === index ? focal.base : `i${base % (index + 1)}`),
        ),
        { minLength: bases.length },
      ),
    )
    .map(byName);

  const inputsOf = (recipes: BuildInputs['recipes']): BuildInputs => ({
    recipes,
    hashes: new Map([...recipes.keys()].map((name) => [name, `${name}-hash`])),
    current: new Map(),
    aliases: new Map(),
    wanted: [...recipes.keys()],
    force: false,
    maxAgeSeconds: undefined,
    now: 0,
  });

  it('bases come before what stands on them, and nothing twice', () => {
    fc.assert(
      fc.property(catalog, (recipes) => {
        const names = planBuilds(inputsOf(recipes)).map((one) => one.recipe.name);
        assert.equal(new Set(names).size, recipes.size);
        for (const { name, base } of recipes.values())
          if (base.kind === 'image') assert.ok(names.indexOf(base.name) < names.indexOf(name));
      }),
    );
  });

  it('once what was planned is made, there is nothing left to do', () => {
    fc.assert(
      fc.property(catalog, (recipes) => {
        const inputs = inputsOf(recipes);
        const current = byName(
          planBuilds(inputs).map(({ recipe: { name, base } }) =>
            image(name, { base: base.kind === 'image' ? `${base.name}-print` : undefined }),
          ),
        );
        assert.ok(planBuilds({ ...inputs, current }).every(({ kind }) => kind === 'fresh'));
      }),
    );
  });
});
