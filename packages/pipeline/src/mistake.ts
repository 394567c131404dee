/**
 * What is wrong in a pipeline file, told so that it can be mended without reading anything else: where, what was found
 * there, and what to write instead.
 */
export interface Mistake {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in characters. */
  readonly column: number;
  /** Reads on after "found". */
  readonly found: string;
  /** Reads on after "write". */
  readonly write: string;
}

/** One line a mistake, sorted by file and position, without a newline at the end. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  return mistakes
    .toSorted(
      (a, b) =>
        compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.found, b.found),
    )
    .map(
      ({ file, line, column, found, write }) => `${file}:${line}:${column}: found ${found}; write ${write}`,
    )
    .join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
