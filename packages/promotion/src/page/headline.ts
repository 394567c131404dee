/** The answer to the one look: is every stable branch fresh, and if not, why? Pure. */
import { pageMessages as messages } from './messages.ts';
import { type HeadlineView, type PairView, type Tone, tones } from './view.ts';

/** How many branches of a kind are spoken of one by one. */
const NAMED = 3;

/** The tones of a merge that is not as it should be. A merge that waits for its time is. */
const MERGE_NEEDS: readonly Tone[] = ['broken', 'held', 'unknown'];

/** @param pairs those that need somebody first. */
export function headline(pairs: readonly PairView[]): HeadlineView {
  const promoted = pairs.filter((pair) => pair.kind === 'promotion');
  const stale = promoted.filter((pair) => pair.tone !== 'fresh');
  const merges = pairs.filter((pair) => pair.kind === 'merge' && MERGE_NEEDS.includes(pair.tone));
  const several = new Set(pairs.map((pair) => pair.project)).size > 1;
  const named = ({ project, to }: Pick<PairView, 'project' | 'to'>) =>
    several ? `${project}: ${to.branch}` : to.branch;
  const worst = Math.min(...[...stale, ...merges].map((pair) => tones.indexOf(pair.tone)));
  return {
    tone: pairs.length === 0 ? 'unknown' : (tones[worst] ?? 'fresh'),
    title: title(promoted, stale, merges),
    sentences: [
      ...stale.slice(0, NAMED).map((pair) => ({
        name: named(pair),
        text: following(pair.to.branch, pair.why),
      })),
      ...merges.slice(0, NAMED).map((pair) => ({
        name: `${named({ ...pair, to: pair.from })} → ${pair.to.branch}`,
        text: following('', [...pair.why, ...conflict(pair)]),
      })),
    ],
  };
}

function conflict({ conflict: files }: PairView): string[] {
  return files.length === 0 ? [] : [messages.conflictIn(files)];
}

/** The reason after the name of what it is about, which may be what it begins with by itself. */
function following(branch: string, why: readonly string[]): string {
  const text = why.join(' ');
  return branch !== '' && text.startsWith(`${branch} `) ? text.slice(branch.length) : `: ${text}`;
}

function title(
  promoted: readonly PairView[],
  stale: readonly PairView[],
  merges: readonly PairView[],
): string {
  if (promoted.length + merges.length === 0) return messages.noPairs;
  const [only] = stale;
  const parts: string[] = [];
  if (only === undefined) parts.push(promoted.length === 1 ? messages.oneFresh : messages.allFresh);
  else if (stale.length === 1) parts.push(messages.oneStale(only.to.branch));
  else if (stale.length === promoted.length) parts.push(messages.noneFresh(stale.length));
  else parts.push(messages.someStale(stale.length, promoted.length));
  if (merges.length > 0) parts.push(messages.mergesNeed(merges.length));
  return parts.join('; ');
}
