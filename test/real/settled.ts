/** When a push has had all its consequences, and the next one may come. Pure. */
import type { Sha } from '@lpbuildbot/pipeline';
import type { PairView } from './system.ts';

/** What can be seen of the system at one moment. */
export interface View {
  readonly tips: ReadonlyMap<string, Sha>;
  /** The colour of each revision's build, by development branch. */
  readonly built: ReadonlyMap<string, ReadonlyMap<Sha, 'green' | 'red'>>;
  readonly pairs: readonly PairView[];
}

/** What is still to come, in words; nothing when everything is settled. */
export function outstanding({ tips, built, pairs }: View): string[] {
  const missing = [...built].flatMap(([branch, colours]) => {
    const tip = tips.get(branch);
    return tip !== undefined && colours.has(tip) ? [] : [`a build of ${branch} at ${tip}`];
  });
  return [
    ...missing,
    ...pairs
      .filter((pair) => pair.pair.from !== 'db-stable' && !isDone(pair, tips))
      .map(({ pair, verdict }) => `promotion to look at ${pair.from} -> ${pair.to} (${verdict?.kind})`),
  ];
}

function isDone({ pair, from, to, verdict }: PairView, tips: ReadonlyMap<string, Sha>): boolean {
  if (verdict === undefined || from !== tips.get(pair.from)) return false;
  // What has been merged stays merged, whatever else comes to the other branch.
  if (pair.kind === 'merge') return verdict.kind === 'up-to-date';
  if (to !== tips.get(pair.to)) return false;
  if (verdict.kind === 'up-to-date') return true;
  const red = verdict.blockers?.some(({ state }) => state === 'red') ?? false;
  return verdict.kind === 'waiting' && verdict.candidate === from && red;
}
