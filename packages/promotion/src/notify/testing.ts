/** Values for the tests of what is told. */
import type { Notify } from '@lpbuildbot/pipeline';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { Pair } from '../pairs.ts';
import type { PairReport } from '../state-report.ts';
import { branch, promotionPair, sha } from '../testing.ts';
import { emptyMemory, parseNewsMemory, printNewsMemory } from './memory.ts';
import { news, type Seen } from './news.ts';
import type { Watch } from './watched.ts';

export const HOUR = 3_600_000;

export function watch(change: Partial<Notify['mattermost']> = {}, testfix = true): Watch {
  const mattermost = { channel: 'builds', builds: 'changes', stuckSeconds: 4 * 3600, ...change } as const;
  const notify = { mattermost, mail: { to: ['ada@example.org'] } };
  const place = { branch: branch('master'), project: 'demo' };
  return {
    projects: new Map([['demo', { project: 'demo', testfix, notify }]]),
    builders: new Map(['tests', 'docs'].map((name) => [name, { name, ...place }])),
  };
}

export function pairReport(pair: Pair = promotionPair(), change: Partial<PairReport> = {}): PairReport {
  return {
    pair,
    verdict: { kind: 'up-to-date', tip: sha(1) },
    from: sha(1),
    to: sha(1),
    lookedAt: 0,
    refusal: undefined,
    hold: undefined,
    lastMove: undefined,
    trouble: undefined,
    ...change,
  };
}

/** Somebody who tells everything from the start on, and is told of it one look after the other. */
export function teller(watched: Watch = watch(), begun = 0) {
  let memory = emptyMemory(begun);
  return {
    look({
      finished = [],
      ...seen
    }: Partial<Omit<Seen, 'finished'>> & { finished?: readonly KnownBuild[] | 'unknown' }) {
      const ended =
        finished === 'unknown' ? undefined : finished.map((build) => ({ build, heardAt: undefined }));
      const looked = news(
        { at: begun, entries: [], finished: ended, reports: [pairReport()], ...seen },
        memory,
        watched,
      );
      memory = looked.memory;
      return looked.facts;
    },
    get memory() {
      return memory;
    },
    /** The next one begins with the memory of this one, as it was written down. */
    restart(): void {
      const read = parseNewsMemory(printNewsMemory(memory));
      if (read === undefined) throw new Error('what was written cannot be read');
      memory = read;
    },
  };
}
