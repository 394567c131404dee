/**
 * Has the copies read what is to be told of commits and is not known yet. That takes a process, so nobody waits for it longer
 * than a moment: what is there is shown, and the rest when it has come.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import { type Mirror, MirrorError } from './git/mirror.ts';
import { GitError } from './git/run.ts';
import type { PairReport, StateReport } from './state-report.ts';

/** What somebody wants to know of one pair's commits. */
export interface Wanted {
  readonly commits: readonly (Sha | undefined)[];
  /** How many commits of the second the first has not got. */
  readonly count: readonly (readonly [into: Sha, from: Sha])[];
  /** Which of them is the oldest. */
  readonly oldest: readonly (readonly [into: Sha, from: Sha])[];
}

/** Reads something; whether that brought anything new. */
export type Work = () => Promise<boolean>;

interface Missing {
  readonly commits: Set<Sha>;
  readonly works: (() => Promise<void>)[];
}

/** What is to be done to learn what is missing: nothing, when nothing is. */
export function missingCommits(
  report: StateReport,
  mirrorOf: (pair: PairReport['pair']) => Mirror | undefined,
  wantedOf: (pair: PairReport) => Wanted,
): Work[] {
  const missing = new Map<Mirror, Missing>();
  for (const pair of report.projects.flatMap((project) => project.pairs)) {
    const mirror = mirrorOf(pair.pair);
    if (mirror === undefined) continue;
    const { commits, count, oldest } = wantedOf(pair);
    const here = missing.get(mirror) ?? { commits: new Set(), works: [] };
    for (const commit of commits) if (commit !== undefined && !mirror.asked(commit)) here.commits.add(commit);
    for (const [into, from] of count)
      if (mirror.knownAhead(into, from) === undefined) here.works.push(() => mirror.countAhead(into, from));
    for (const [into, from] of oldest)
      if (mirror.knownOldest(into, from) === undefined) here.works.push(() => mirror.findOldest(into, from));
    if (here.commits.size + here.works.length > 0) missing.set(mirror, here);
  }
  return [...missing].map(([mirror, { commits, works }]) => async () => {
    try {
      await mirror.describe([...commits]);
      for (const work of works) await work();
      return true;
    } catch (error) {
      // The copy is being mended, or made; the next look says more.
      if (error instanceof GitError || error instanceof MirrorError) return false;
      throw error;
    }
  });
}

/** How many are done at the same time. */
const TOGETHER = 4;

/** Does all of it; whether something new has come of it. */
export async function doTogether(works: readonly Work[]): Promise<boolean> {
  const queue = [...works];
  let more = false;
  const one = async () => {
    for (let work = queue.shift(); work !== undefined; work = queue.shift()) if (await work()) more = true;
  };
  await Promise.all(Array.from({ length: TOGETHER }, one));
  return more;
}

/** Waits for this, but not longer than so many milliseconds; whether it has come. */
export async function inTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((done) => {
    timer = setTimeout(() => done(false), milliseconds).unref();
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
