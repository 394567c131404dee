/**
 * Names for steps that have none. Buildbot shows them on its pages and keeps at most 50 characters
 * (buildbot/db/model_config.py), and no two steps of a builder may share one.
 */
const longestStepName = 50;

/** A name that can stand on one line, is not empty, and cannot be taken for an option. */
export const stepNamePattern = /^(?=.{1,50}$)[^\s\p{C}-]([^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u;

export interface MaybeNamed {
  readonly name?: string | undefined;
  readonly run: string;
}

/**
 * One name for each step of a builder, in order. Given names stay; a missing one is the beginning of the command, with a
 * number behind it where that is taken.
 */
export function stepNames(steps: readonly MaybeNamed[]): string[] {
  const taken = new Set(steps.flatMap(({ name }) => (name === undefined ? [] : [name])));
  const counts = new Map<string, number>();
  return steps.map(({ name, run }) => {
    if (name !== undefined) return name;
    const wanted = nameFor(run);
    let free = wanted;
    let count = counts.get(wanted) ?? 1;
    while (taken.has(free)) {
      count += 1;
      const number = ` ${count}`;
      free = cut(wanted, longestStepName - number.length) + number;
    }
    counts.set(wanted, count);
    taken.add(free);
    return free;
  });
}

function nameFor(run: string): string {
  const lines = run.split('\n').map((line) =>
    line
      .replace(/[\s\p{C}]+/gu, ' ')
      .replace(/^[\s-]+/, '')
      .trim(),
  );
  const telling =
    lines.find((line) => line !== '' && !line.startsWith('#')) ?? lines.find((line) => line !== '');
  return cut(telling ?? 'step', longestStepName);
}

/** At most so many UTF-16 units, whole words where that leaves any. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const start = text.slice(0, length + 1);
  const space = start.lastIndexOf(' ');
  return (
    space > 0 ? start.slice(0, space) : start.slice(0, length).replace(/[\ud800-\udbff]$/, '')
  ).trimEnd();
}
