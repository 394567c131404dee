/** From what is seen to what is new, and what is then remembered of it. Pure: the place for the rules of telling. */
import type { AuditEntry } from '../state/audit.ts';
import type { PairReport } from '../state-report.ts';
import { buildNews, type Ended } from './build-news.ts';
import { entryNews } from './entry-news.ts';
import type { Fact } from './facts.ts';
import type { NewsMemory } from './memory.ts';
import { stuckNews } from './stuck-news.ts';
import type { Watch } from './watched.ts';

export interface Seen {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Entries of the audit log that have not been considered yet, in its order. */
  readonly entries: readonly AuditEntry[];
  /** Builds that have ended, without those that had a patch on top; undefined while not all of them are known. */
  readonly finished: readonly Ended[] | undefined;
  readonly reports: readonly PairReport[];
}

/** @returns the facts in the order in which they came about; the same memory when nothing of it has changed. */
export function news(
  seen: Seen,
  memory: NewsMemory,
  watch: Watch,
): { readonly facts: readonly Fact[]; readonly memory: NewsMemory } {
  const watched = seen.reports.map(({ pair }) => pair).filter(({ project }) => watch.projects.has(project));
  const pairs = new Map(watched.map((pair) => [pair.id, pair] as const));
  const builds =
    seen.finished === undefined ? { facts: [], memory } : buildNews(memory, seen.finished, watch);
  const entries = entryNews(builds.memory, seen.entries, pairs);
  const stuck = stuckNews(entries.memory, seen.at, seen.reports, watch);
  const facts = [...builds.facts, ...entries.facts, ...stuck.facts];
  // Stable, so that what belongs together stays so.
  return { facts: facts.toSorted((a, b) => a.at - b.at), memory: stuck.memory };
}
