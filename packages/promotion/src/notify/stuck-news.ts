/**
 * Which pairs stand still for too long: their branch has not moved although it should, for whatever reason. It is told once
 * for as long as that lasts, and once when it is over. Pure.
 */
import type { PairReport } from '../state-report.ts';
import type { Fact } from './facts.ts';
import type { NewsMemory, Wait } from './memory.ts';
import type { Watch } from './watched.ts';

/**
 * @param at milliseconds since the epoch.
 * @returns the same memory when nothing of it has changed.
 */
export function stuckNews(
  memory: NewsMemory,
  at: number,
  reports: readonly PairReport[],
  watch: Watch,
): { readonly facts: readonly Fact[]; readonly memory: NewsMemory } {
  const facts: Fact[] = [];
  const waits = new Map<string, Wait>();
  for (const report of reports) {
    const { pair } = report;
    const limit = watch.projects.get(pair.project)?.notify.mattermost?.stuckSeconds;
    if (limit === undefined) continue;
    const before = memory.waits[pair.id];
    const after = waitOf(report, before, at, limit * 1000);
    const begun = after?.since;
    const common = { project: pair.project, at, pair, report };
    if (before?.told && begun !== before.since) {
      const { since } = before;
      facts.push({ kind: 'unstuck', key: `unstuck ${since} ${pair.id}`, since, ...common });
    }
    if (after?.told && !(before?.told && begun === before.since)) {
      const { since } = after;
      facts.push({ kind: 'stuck', key: `stuck ${since} ${pair.id}`, since, ...common });
    }
    if (after !== undefined) waits.set(pair.id, after);
  }
  const next = Object.fromEntries(waits);
  const isSame = JSON.stringify(next) === JSON.stringify(memory.waits);
  return { facts, memory: isSame ? memory : { ...memory, waits: next } };
}

function waitOf(report: PairReport, before: Wait | undefined, at: number, limitMs: number): Wait | undefined {
  const { verdict, trouble, to } = report;
  // Not looked at since the start: it is as it was.
  if (verdict === undefined && trouble === undefined) return before;
  if (!standsStill(report)) return undefined;
  const isWhereItWas = before !== undefined && (to === undefined || to === before.to);
  if (!isWhereItWas) return { since: at, to: to ?? null, told: false };
  // A clock that was wrong, or is now.
  if (before.since > at) return { ...before, since: at };
  return { ...before, told: before.told || at - before.since >= limitMs };
}

/** Whether the branch is not where it should be. A merge that waits for its time, or for somebody to say so, is. */
function standsStill({ verdict, trouble }: PairReport): boolean {
  if (trouble !== undefined) return true;
  return verdict !== undefined && verdict.kind !== 'up-to-date' && verdict.kind !== 'scheduled';
}
