/** A mistake in a file of the spec: where it is, what was found there, and what to write instead. */

export interface Problem {
  /** Relative to the spec. */
  readonly file: string;
  readonly line: number;
  readonly found: string;
  readonly write: string;
}

export function showProblem({ file, line, found, write }: Problem): string {
  return `${file}:${line}: found ${found}; ${write}`;
}

/** The known name that a slip most likely meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const close = known
    .map((each) => ({ each, distance: distance(name.toLowerCase().replaceAll('_', '-'), each) }))
    .toSorted((one, other) => one.distance - other.distance)[0];
  return close !== undefined && close.distance <= Math.max(2, close.each.length / 3) ? close.each : undefined;
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const now = [row + 1];
    for (const [column, against] of [...other].entries()) {
      now.push(
        Math.min(
          (now[column] ?? 0) + 1,
          (before[column + 1] ?? 0) + 1,
          (before[column] ?? 0) + (letter === against ? 0 : 1),
        ),
      );
    }
    before = now;
  }
  return before.at(-1) ?? 0;
}
