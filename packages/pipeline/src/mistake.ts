/**
 * What is wrong in a pipeline file, told so that it can be mended without reading anything else: where, what was found
 * there, and what to write instead.
 */
import { plain } from './show.ts';

export interface Mistake {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units, as editors count. */
  readonly column: number;
  /** Reads on after "found". */
  readonly found: string;
  /** Reads on after "write". */
  readonly write: string;
}

/** One line a mistake, sorted by file and position, without a newline at the end. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  return sortMistakes(mistakes).map(formatMistake).join('\n');
}

/** By file and position, and each only once: what an alias repeats is wrong in one place. */
export function sortMistakes(mistakes: readonly Mistake[]): Mistake[] {
  const byText = new Map(mistakes.map((mistake) => [formatMistake(mistake), mistake]));
  return [...byText.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.found, b.found),
  );
}

function formatMistake({ file, line, column, found, write }: Mistake): string {
  return `${plain(file)}:${line}:${column}: found ${found}; write ${write}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
