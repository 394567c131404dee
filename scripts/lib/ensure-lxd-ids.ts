/**
 * The lines that /etc/subuid and /etc/subgid need (subuid(5)): a range of ids for the containers of root's LXD, and the
 * ids of this machine that a container may be given as they are (raw.idmap), so that a build can own its directory.
 */

/** Containers get 65536 ids each, from here. */
const RANGE = { first: 1_000_000, count: 1_000_000_000 };

/** The whole file with what is missing added, or undefined when nothing is. */
export function withSubordinateIds(text: string, ownIds: readonly number[]): string | undefined {
  const ranges = text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter(
      ([user, first, count]) =>
        (user === 'root' || user === '0') && first !== undefined && count !== undefined,
    )
    .map(([, first, count]) => ({ first: Number(first), count: Number(count) }));
  const has = (id: number): boolean => ranges.some(({ first, count }) => first <= id && id < first + count);
  const missing = [
    ...(ranges.some(({ count }) => count >= 65_536) ? [] : [`root:${RANGE.first}:${RANGE.count}`]),
    ...[...new Set(ownIds)].filter((id) => id !== 0 && !has(id)).map((id) => `root:${id}:1`),
  ];
  if (missing.length === 0) return undefined;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${missing.join('\n')}\n`;
}
