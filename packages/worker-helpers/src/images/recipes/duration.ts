/** Lengths of time as recipes and options have them: a whole number and one unit, as in the pipeline file. */
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

const pattern = /^([0-9]{1,6})([smhdw])$/;

/** Seconds, or nothing when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = pattern.exec(text) ?? [];
  const size = units[unit ?? ''];
  return number === undefined || size === undefined ? undefined : Number(number) * size;
}
