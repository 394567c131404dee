/**
 * What the parts of one file mean to each other. Each rule is one function that tells all its mistakes, and tells them
 * one at a time, so that nobody pays for more of them than are shown.
 */
import type { Branch } from './brands.ts';
import type { Draft, DraftBuilder } from './draft.ts';
import { expected, references } from './messages.ts';
import { namePattern } from './name-pattern.ts';
import { nearest, type Problem, problem } from './problem.ts';
import type { Path } from './yaml-tree.ts';

export type Rule = (draft: Draft) => Generator<Problem>;

export const fileRules: readonly Rule[] = [
  badNames,
  badBases,
  imageCycles,
  placesToRun,
  unknownImages,
  sameStepNames,
  badRequirements,
];

function* badNames({ images, builders }: Draft): Generator<Problem> {
  for (const [section, named] of Object.entries({ images, builders })) {
    for (const name of named?.keys() ?? []) {
      if (!namePattern.test(name))
        yield problem([section, name], 'key', references.badName(name, expected.name));
    }
  }
}

function* badBases({ images = new Map() }: Draft): Generator<Problem> {
  for (const [name, { base }] of images) {
    if (base === undefined || !namePattern.test(base) || images.has(base)) continue;
    const words = references.unknownBase(base, nearest(base, images.keys()));
    yield problem(['images', name, 'base'], 'value', words);
  }
}

/** One mistake for each circle. */
function* imageCycles({ images = new Map() }: Draft): Generator<Problem> {
  const finished = new Set<string>();
  for (const first of images.keys()) {
    const chain = new Set<string>();
    let name = first;
    while (images.has(name) && !finished.has(name) && !chain.has(name)) {
      chain.add(name);
      name = images.get(name)?.base ?? '';
    }
    if (chain.has(name)) {
      const names = [...chain];
      const circle = [...names.slice(names.indexOf(name)), name];
      yield problem(['images', name, 'base'], 'value', references.imageCycle(circle));
    }
    for (const seen of chain) finished.add(seen);
  }
}

function* placesToRun({ builders = new Map() }: Draft): Generator<Problem> {
  for (const [name, { runs }] of builders) {
    if (runs?.length === 0) yield problem(['builders', name], 'key', references.nowhereToRun());
    if (runs?.length === 2) yield problem(['builders', name, 'host'], 'key', references.twoPlacesToRun());
  }
}

function* unknownImages({ images, builders = new Map() }: Draft): Generator<Problem> {
  if (images === undefined) return;
  for (const [name, { image }] of builders) {
    if (image === undefined || images.has(image)) continue;
    const words = references.unknownImage(image, nearest(image, images.keys()));
    yield problem(['builders', name, 'image'], 'value', words);
  }
}

function* sameStepNames({ builders = new Map() }: Draft): Generator<Problem> {
  for (const [builder, { stepNames }] of builders) {
    const seen = new Set<string>();
    for (const [index, name] of stepNames.entries()) {
      if (name === undefined) continue;
      if (seen.has(name)) {
        yield problem(['builders', builder, 'steps', index, 'name'], 'value', references.sameStepName(name));
      }
      seen.add(name);
    }
  }
}

function* badRequirements({ promotions, builders }: Draft): Generator<Problem> {
  if (builders === undefined) return;
  for (const [index, { from, requires }] of promotions.entries()) {
    const seen = new Set<string>();
    for (const [position, name] of requires.entries()) {
      if (name === undefined) continue;
      const here: Path = ['promotions', index, 'requires', position];
      const builder = builders.get(name);
      if (builder === undefined) {
        const near = nearest(name, buildersOf(from, builders));
        yield problem(here, 'value', references.unknownBuilder(name, near));
      } else if (seen.has(name)) {
        yield problem(here, 'value', references.sameBuilderTwice(name));
      } else if (from !== undefined && builder.branch !== undefined && builder.branch !== from) {
        yield problem(here, 'value', references.builderOfOtherBranch(name, builder.branch, from));
      }
      seen.add(name);
    }
  }
}

function* buildersOf(
  wanted: Branch | undefined,
  builders: ReadonlyMap<string, DraftBuilder>,
): Generator<string> {
  for (const [name, { branch }] of builders) if (branch === wanted || branch === undefined) yield name;
}
