/** What is wrong with a recipe, where, and what to write instead; printed as compilers print, so that editors find it. */
import type { Words } from '../messages.ts';

export interface Mistake extends Words {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units, as editors count. */
  readonly column: number;
}

/** One line a mistake, by file and position, each only once, without a newline at the end. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  const sorted = mistakes.toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.found, b.found),
  );
  const lines = sorted.map(
    ({ file, line, column, found, write }) => `${file}:${line}:${column}: found ${found}; write ${write}`,
  );
  return [...new Set(lines)].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
