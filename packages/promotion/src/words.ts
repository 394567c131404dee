/** How times, lengths of time, commits and counts are written for people. Pure. */
import type { Sha } from '@lpbuildbot/pipeline';

/** The first seven digits, as git itself abbreviates. */
export function short(revision: Sha): string {
  return revision.slice(0, 7);
}

/** `1 commit`, `3 commits`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A length of time in one unit: `0.2 s`, `40 s`, `14 min`, `3 h`, `2 d`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 0.1) return `${seconds.toFixed(2)} s`;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A moment in UTC: the time of day for the last 24 hours, else with its date. */
export function moment(time: number, now: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  const minutes = clock.slice(0, 5);
  return Math.abs(now - time) < 24 * 3_600_000 ? `${minutes} UTC` : `${date} ${minutes} UTC`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
