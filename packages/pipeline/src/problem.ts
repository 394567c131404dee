/** A mistake on its way: it knows its place by the keys that lead there, and not yet by line and column. */
import leven from 'leven';
import type { Words } from './messages.ts';
import type { Path } from './yaml-tree.ts';

export interface Problem extends Words {
  readonly path: Path;
  readonly part: 'key' | 'value';
}

export function problem(path: Path, part: 'key' | 'value', words: Words): Problem {
  return { path, part, ...words };
}

/** How many mistakes of one kind are told; one more only tells that there are more. */
export const mostMistakes = 100;

/** What is looked at for a slip: enough for people, and a bound on what a hostile file costs. */
const mostCandidates = 500;
const longestName = 40;

/** The candidate that the name is probably a slip of, if one is near enough. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  let left = mostCandidates;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    if (left === 0) break;
    left -= 1;
    const distance = leven(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
