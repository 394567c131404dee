/** One pipeline file by itself: its value, its draft, and everything that is wrong with it alone. */
import { type Draft, draftOf } from './draft.ts';
import { files, type Words } from './messages.ts';
import type { Mistake } from './mistake.ts';
import { positionsIn } from './positions.ts';
import { mostMistakes, type Problem } from './problem.ts';
import { fileRules } from './rules.ts';
import { type FileValue, fileSchema } from './schema.ts';
import { shapeProblems } from './shape-problems.ts';
import { plain } from './show.ts';
import { readYaml } from './yaml-text.ts';
import type { Flaw, Path } from './yaml-tree.ts';

export interface Sheet {
  readonly file: string;
  /** Undefined when a value has a wrong shape. */
  readonly value: FileValue | undefined;
  /** Undefined when the file is not YAML. */
  readonly draft: Draft | undefined;
  readonly mistakes: readonly Mistake[];
  /** How many YAML tokens were read. */
  readonly tokens: number;
  locate(problem: Problem): Mistake;
}

/** What may still be read, when all files of a configuration share one allowance. */
export interface Allowance {
  readonly characters: number;
  readonly tokens: number;
}

export function readSheet(file: string, given: string, allowance: Allowance): Sheet {
  // An editor's byte order mark is no character of the first line.
  const text = given.startsWith('\ufeff') ? given.slice(1) : given;
  const position = positionsIn(text.length > allowance.characters ? '' : text);
  const mistakeAt = ({ offset, found, write }: Flaw): Mistake => ({
    file,
    ...position(offset),
    found,
    write,
  });
  const unreadable = (flaws: readonly Flaw[], tokens: number): Sheet => {
    const mistakes = [...some(flaws)].map(mistakeAt);
    return {
      file,
      value: undefined,
      draft: undefined,
      mistakes,
      tokens,
      locate: (problem) => mistakeAt({ ...problem, offset: 0 }),
    };
  };
  if (text.length > allowance.characters) return unreadable([{ offset: 0, ...files.tooLarge() }], 0);
  const { tree, flaws, tokens } = readYaml(text, allowance.tokens);
  if (tree === undefined) return unreadable(flaws, tokens);
  const flawOf = ({ path, part, ...words }: Problem): Flaw => ({
    offset: tree.offsetOf(path, part),
    ...words,
  });
  const where = (path: Path) => `${plain(file)}:${position(tree.offsetOf(path, 'key')).line}`;
  const draft = draftOf(tree, where);
  const shape = fileSchema.safeParse(tree.value);
  const problems = [shapeProblems(shape.error?.issues ?? [], tree), ...fileRules.map((rule) => rule(draft))];
  const broken = new Set(flaws.map(({ offset }) => offset));
  // What follows from something that is no value at all, such as an alias of nothing, is not said again.
  const further = problems
    .flatMap((found) => [...some(found)].map(flawOf))
    .filter(({ offset }) => !broken.has(offset));
  return {
    file,
    value: shape.data,
    draft,
    mistakes: [...some(flaws), ...further].map(mistakeAt),
    tokens,
    locate: (problem) => mistakeAt(flawOf(problem)),
  };
}

/** The first mistakes of one kind; the last of them tells that there are more. */
export function* some<Kind extends Words>(found: Iterable<Kind>): Generator<Kind> {
  let count = 0;
  for (const one of found) {
    count += 1;
    yield count > mostMistakes ? { ...one, ...files.manyMore() } : one;
    if (count > mostMistakes) return;
  }
}
