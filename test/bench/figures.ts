/** What the benchmarks measure, and how it is shown beside its limit. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'x' | 'kB' | 'MB' | '%' | 'calls' | 'containers';
  /** The largest value that is good enough. */
  readonly limit: number;
  /** What the value was made from. */
  readonly detail: string;
}

/** The value below which that part of the samples lies (nearest rank). */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.value <= figure.limit ? 'ok' : 'OVER',
    figure.name,
    number(figure.value, figure.unit),
    `at most ${number(figure.limit, figure.unit)}`,
    figure.detail,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function number(value: number, unit: Figure['unit']): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits).replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))} ${unit}`;
}
