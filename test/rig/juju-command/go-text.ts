/** Text as the Go libraries of the `juju` client write it: tables, YAML, JSON, times, and the order of names. */
import { stringify } from 'yaml';

/** A line of a table: cells that end with a tab, and what stands behind the last one. */
export interface Row {
  readonly cells: readonly string[];
  readonly rest: string;
}

/** What `Print(a, b)` and then `Println(c, d)` makes: all but the last end with a tab. */
export function row(...texts: readonly string[]): Row {
  return { cells: texts.slice(0, -1), rest: texts.at(-1) ?? '' };
}

/**
 * text/tabwriter with a padding of two spaces: a column is as wide as the widest of its cells in lines that follow each other.
 * `right`: the columns that are aligned to the right.
 */
export function table(rows: readonly Row[], right: readonly number[] = []): string {
  const lines = rows.map(() => '');
  const most = Math.max(0, ...rows.map(({ cells }) => cells.length));
  for (let column = 0; column < most; column += 1) {
    for (const block of blocks(rows, column)) {
      const width = Math.max(...block.map((index) => rows[index]?.cells[column]?.length ?? 0));
      for (const index of block) {
        const cell = rows[index]?.cells[column] ?? '';
        const padded = right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
        lines[index] += `${padded}  `;
      }
    }
  }
  return rows.map(({ rest }, index) => `${lines[index]}${rest}\n`).join('');
}

/** Runs of lines that have that column. */
function blocks(rows: readonly Row[], column: number): number[][] {
  const found: number[][] = [];
  for (const [index, { cells }] of rows.entries()) {
    if (cells.length <= column) continue;
    const last = found.at(-1);
    if (last?.at(-1) === index - 1) last.push(index);
    else found.push([index]);
  }
  return found;
}

/** `b/10` after `b/9`. */
export function naturally(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true, caseFirst: 'upper' });
}

/** Keys in the order that they have: give a map of Go's sorted. */
export function goYaml(value: unknown): string {
  return stringify(value, { indentSeq: false, lineWidth: 0, version: '1.1', aliasDuplicateObjects: false });
}

export function goJson(value: unknown): string {
  return `${JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)}\n`;
}

/** A map of Go: sorted by its keys, all the way down. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** `2026-11-23 02:36:30.130521622 +0000 UTC`. */
export function goTime(milliseconds: number): string {
  const [, day, time, fraction = ''] =
    /^(.*)T(.*?)(?:\.(\d+))?Z$/.exec(new Date(milliseconds).toISOString()) ?? [];
  const short = fraction.replace(/0+$/, '');
  return `${day} ${time}${short === '' ? '' : `.${short}`} +0000 UTC`;
}
