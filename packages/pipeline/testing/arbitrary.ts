/**
 * Random pipelines that every rule accepts, for properties here and for the one that hands them to the real Buildbot.
 * Names are as strange as the rules let them be.
 */
import fc, { type GeneratorValue } from 'fast-check';
import { type Branch, branchSchema } from '../src/brands.ts';
import type { Builder, Image, Merge, Notify, Pipeline, Promotion, Schedule, Step } from '../src/model.ts';
import { stepNamePattern, stepNames } from '../src/step-name.ts';
import { invisible } from '../src/yaml-tree.ts';

/** One configuration: pipelines that are accepted together. */
export function configurations(most = 3): fc.Arbitrary<Pipeline[]> {
  return fc.gen().map((draw) => {
    const taken = new Set<string>();
    return Array.from({ length: draw(fc.integer, { min: 1, max: most }) }, (_, index) =>
      pipeline(draw, index, taken),
    );
  });
}

function pipeline(draw: GeneratorValue, index: number, taken: Set<string>): Pipeline {
  const project = fresh(draw, projectName, taken, (name) => `project ${name}`);
  const repository = draw(address, `repository${index}`);
  const push = draw(fc.boolean) ? repository : draw(address, `push${index}`);
  const branches = draw(branchNames);
  const images = someImages(draw, taken);
  const builders = someBuilders(draw, branches, images, taken);
  const promotions = somePromotions(draw, branches, builders);
  return {
    file: `pipelines/${index}.yaml`,
    project,
    repository,
    push,
    pollSeconds: draw(fc.constantFrom<number[]>, 1, 30, 60, 90, 3600, 86_399, 86_400),
    images,
    builders,
    promotions,
    merges: someMerges(draw, branches, builders, promotions),
    testfix: draw(fc.boolean),
    notify: notify(draw),
  };
}

function notify(draw: GeneratorValue): Notify {
  const mattermost = () => ({
    channel: draw(channel),
    builds: draw(fc.constantFrom<('changes' | 'all')[]>, 'changes', 'all'),
    stuckSeconds: draw(fc.constantFrom<number[]>, 1, 3600, 14_400, 2_592_000),
  });
  const addresses = ['builds@example.org', "o'b+{x}@a-b.c", 'x@localhost'];
  return {
    ...(draw(fc.boolean) ? { mattermost: mattermost() } : {}),
    ...(draw(fc.boolean) ? { mail: { to: draw(shuffled<string>, addresses) } } : {}),
  };
}

function someImages(draw: GeneratorValue, taken: Set<string>): Image[] {
  const images: Image[] = [];
  for (let count = draw(fc.nat, 4); count > 0; count -= 1) {
    const name = fresh(draw, looseName, taken, (text) => `image ${text}`);
    const remotes = ['ubuntu:24.04', 'images:debian/12/cloud', 'local:1.10'];
    const base = draw(pick<string>, [...remotes, ...images.map((image) => image.name)]);
    images.push({ name, base, ...(draw(fc.boolean) ? { flavor: draw(looseName) } : {}) });
  }
  return draw(shuffled<Image>, images);
}

function someBuilders(
  draw: GeneratorValue,
  branches: readonly Branch[],
  images: readonly Image[],
  taken: Set<string>,
): Builder[] {
  return Array.from({ length: draw(fc.integer, { min: 1, max: 5 }) }, () => {
    const image = draw(pick<Image | undefined>, [undefined, ...images]);
    return {
      name: fresh(draw, looseName, taken, (name) => `builder ${name.replaceAll('.', '_')}`),
      branch: draw(pick<Branch>, branches),
      runs: image === undefined ? { on: 'host' } : { on: 'image', image: image.name },
      steps: draw(steps),
    };
  });
}

/** From earlier branches to later ones, and into each at most one. */
function somePromotions(
  draw: GeneratorValue,
  branches: readonly Branch[],
  builders: readonly Builder[],
): Promotion[] {
  return branches.flatMap((to, rank) => {
    const built = branches
      .slice(0, rank)
      .filter((branch) => builders.some((builder) => builder.branch === branch));
    if (built.length === 0 || draw(fc.boolean)) return [];
    const from = draw(pick<Branch>, built);
    const all = builders.filter(({ branch }) => branch === from).map(({ name }) => name);
    return [{ from, to, requires: draw(fc.boolean) ? all : draw(nonEmpty<string>, all) }];
  });
}

/** By hand in any direction, by themselves only from earlier branches to later ones. */
function someMerges(
  draw: GeneratorValue,
  branches: readonly Branch[],
  builders: readonly Builder[],
  promotions: readonly Promotion[],
): Merge[] {
  const built = new Set(builders.map(({ branch }) => branch));
  const promoted = new Set(promotions.map(({ to }) => to));
  const merges = branches.flatMap((from, start) =>
    branches.flatMap((into, end): Merge[] => {
      const possible = from !== into && built.has(into) && !promoted.has(into);
      if (!possible || !(built.has(from) || promoted.has(from)) || draw(fc.boolean)) return [];
      const automatic: Schedule[] = [
        {
          kind: 'cron',
          expression: draw(pick<string>, ['*/10 * * * *', '0 4 * * MON-FRI', '59 23 31 12 *']),
        },
        ...(promoted.has(from) ? [{ kind: 'promotion' } as const] : []),
      ];
      const schedule = draw(pick<Schedule>, [{ kind: 'manual' }, ...(start < end ? automatic : [])]);
      return [{ from, into, schedule }];
    }),
  );
  return draw(shuffled<Merge>, merges);
}

/** Draws until the name is one that no other thing of its kind has. */
function fresh(
  draw: GeneratorValue,
  names: () => fc.Arbitrary<string>,
  taken: Set<string>,
  kind: (name: string) => string,
): string {
  for (;;) {
    const name = draw(names);
    if (taken.has(kind(name))) continue;
    taken.add(kind(name));
    return name;
  }
}

function projectName(): fc.Arbitrary<string> {
  return fc.oneof(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,69}$/), awkwardName());
}

function looseName(): fc.Arbitrary<string> {
  return fc.oneof(fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,69}$/), awkwardName());
}

/** Words that YAML or JavaScript take for something else. */
function awkwardName(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'null',
    'True',
    'yes',
    'n',
    'constructor',
    'toString',
    'hasOwnProperty',
    'NaN',
    'e1',
    'x-',
  );
}

function channel(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/),
    fc.constantFrom('0', '1.10', '0x1', 'null', '1e3'),
  );
}

function address(name: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    `https://git.example.org/~team/+git/${name}`,
    `http://git.example.org:8080/${name}.git`,
    `ssh://bot@[::1]:2222/${name}`,
    `git+ssh://bot@git.example.org/${name}`,
    `git://git.example.org/${name}`,
    `git@git.example.org:${name}.git`,
    `file:///srv/git/${name}`,
    `/srv/git/with space # and: colon/${name}`,
  );
}

function branchNames(): fc.Arbitrary<Branch[]> {
  const awkward = fc.constantFrom(
    'master',
    'null',
    '1.10',
    'true',
    '0x1',
    "it's",
    '#1',
    '!tag',
    '&a',
    '%p',
    '{}',
    'ü/日本',
    '"',
  );
  const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const usable = fc
    .oneof(awkward, any)
    .filter(
      (name) =>
        !/[\p{C}\p{Zl}\p{Zp}]/u.test(name) &&
        !name.startsWith('refs/') &&
        branchSchema.safeParse(name).success,
    )
    .map((name) => branchSchema.parse(name));
  return fc.uniqueArray(usable, { minLength: 1, maxLength: 6 });
}

function steps(): fc.Arbitrary<Step[]> {
  const awkward = fc.constantFrom(
    'make check',
    'true',
    '- x',
    '#!',
    'a: b',
    '123',
    '|\n',
    ' x ',
    'a\n\n\nb\n\n',
    '\tx',
    '~',
  );
  const any = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    .map((text) => text.replace(invisible, ' '));
  const run = fc.oneof(awkward, any).filter((text) => text.trim() !== '' && !text.includes('\r'));
  const name = fc
    .oneof(fc.constantFrom('test', 'make check', 'make check 2', 'null', '1'), fc.string({ maxLength: 50 }))
    .filter((text) => stepNamePattern.test(text));
  const timeoutSeconds = fc.constantFrom(1, 59, 60, 90, 3600, 7200, 86_400, 30 * 86_400);
  const step = fc.record({ run, name, timeoutSeconds }, { requiredKeys: ['run'] });
  return fc
    .array(step, { minLength: 1, maxLength: 6 })
    .filter(
      (all) =>
        new Set(all.flatMap((one) => one.name ?? [])).size === all.flatMap((one) => one.name ?? []).length,
    )
    .map((all) => {
      const names = stepNames(all);
      return all.map((one, index) => ({ ...one, name: names[index] ?? '' }));
    });
}

function pick<Value>(values: readonly Value[]): fc.Arbitrary<Value> {
  return fc.constantFrom(...values);
}

function shuffled<Value>(values: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.shuffledSubarray([...values], { minLength: values.length });
}

function nonEmpty<Value>(values: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.shuffledSubarray([...values], { minLength: 1 });
}
