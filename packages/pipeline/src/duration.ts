/**
 * Lengths of time as people write them in a pipeline file: a whole number and one unit. Reading and printing stand
 * together, so that each undoes the other.
 */
const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Matches every text that `parseDuration` takes. */
export const durationPattern = /^[0-9]{1,9}[smhd]$/;

/** Seconds, or nothing when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  const factor = units.find(([unit]) => text.endsWith(unit))?.[1];
  return factor === undefined ? undefined : Number(text.slice(0, -1)) * factor;
}

/** The shortest text for this many whole seconds. */
export function printDuration(seconds: number): string {
  const [unit, factor] = units.find(([, size]) => seconds > 0 && seconds % size === 0) ?? (['s', 1] as const);
  return `${seconds / factor}${unit}`;
}
