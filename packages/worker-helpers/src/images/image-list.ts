/** What lpbuildbot-list-images shows: images of recipes, older ones, and recipes that have none yet. Pure. */

import { listWords } from './messages.ts';
import type { OwnImage } from './model.ts';
import { moment, short, size, span } from './words.ts';

export interface Row {
  readonly name: string;
  /** `missing`: there is a recipe and no image; `old`: its name leads to another image by now. */
  readonly state: 'current' | 'old' | 'in the making' | 'left over' | 'missing';
  readonly fingerprint: string | null;
  /** ISO 8601. */
  readonly made: string | null;
  readonly ageSeconds: number | null;
  readonly sizeBytes: number | null;
  /** Whether the image is what its recipe says now; `none` when there is no recipe any more. */
  readonly recipe: 'current' | 'changed' | 'none' | 'unknown';
  /** How many containers were made from it. */
  readonly usedBy: number;
  /** Whether builds in it start from a copy at once. */
  readonly prepared: boolean;
}

export interface ListInputs {
  readonly images: readonly OwnImage[];
  /** By the name of the recipe; nothing when the recipes cannot be read. */
  readonly hashes: ReadonlyMap<string, string> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** By name; of one name the current image first, and the others from new to old. */
export function imageRows({ images, hashes, now }: ListInputs): Row[] {
  const sorted = images.toSorted(
    (a, b) => compare(a.name, b.name) || Number(b.current) - Number(a.current) || b.madeAt - a.madeAt,
  );
  const rows = sorted.map((image): Row => {
    const wanted = hashes?.get(image.name);
    return {
      name: image.name,
      state: image.current ? 'current' : image.state === 'whole' ? 'old' : image.state,
      fingerprint: image.fingerprint,
      made: new Date(image.madeAt).toISOString(),
      ageSeconds: Math.max(0, Math.round((now - image.madeAt) / 1000)),
      sizeBytes: image.size,
      recipe:
        hashes === undefined
          ? 'unknown'
          : wanted === undefined
            ? 'none'
            : wanted === image.recipe
              ? 'current'
              : 'changed',
      usedBy: image.users,
      prepared: image.prepared.length > 0,
    };
  });
  const made = new Set(images.filter(({ current }) => current).map(({ name }) => name));
  const missing = [...(hashes?.keys() ?? [])].filter((name) => !made.has(name)).map(missingRow);
  return [...rows, ...missing].toSorted((a, b) => compare(a.name, b.name));
}

function missingRow(name: string): Row {
  return {
    name,
    state: 'missing',
    fingerprint: null,
    made: null,
    ageSeconds: null,
    sizeBytes: null,
    recipe: 'current',
    usedBy: 0,
    prepared: false,
  };
}

/** A line for each image under a line of titles. */
export function imageTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.state,
    row.fingerprint === null ? '-' : short(row.fingerprint),
    row.made === null ? '-' : moment(Date.parse(row.made)),
    row.ageSeconds === null ? '-' : span(row.ageSeconds * 1000),
    row.sizeBytes === null ? '-' : size(row.sizeBytes),
    row.recipe,
    String(row.usedBy),
    row.prepared ? 'yes' : 'no',
  ]);
  const table = [[...listWords.titles], ...cells];
  const widths = listWords.titles.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
