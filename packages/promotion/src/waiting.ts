/** How many commits a branch has not got yet: one answer for everybody who shows it. Pure. */
import type { Sha } from '@lpbuildbot/pipeline';
import type { Pair } from './pairs.ts';
import type { Verdict } from './plan.ts';
import type { PairReport } from './state-report.ts';

/** How many commits a merge would bring, where that has been counted. */
export type Ahead = (pair: Pair, into: Sha, from: Sha) => number | undefined;

/** Undefined when it is not known, or when the branches are so that there is no such number. */
export function waitingCommits({ pair, verdict, from, to }: PairReport, ahead: Ahead): number | undefined {
  const moving = withoutHold(verdict);
  switch (moving?.kind) {
    case 'up-to-date':
      return 0;
    case 'waiting':
    case 'builds-unknown':
      return moving.behind;
    case 'move':
      return moving.gains + moving.left;
    case 'conflict':
    case 'scheduled':
    case 'merge':
      return from === undefined || to === undefined ? undefined : ahead(pair, to, from);
    default:
      return undefined;
  }
}

/** What would be the case if nobody held the pair. */
export function withoutHold(verdict: Verdict | undefined): Verdict | undefined {
  return verdict?.kind === 'held' ? verdict.would : verdict;
}
