/** What operators ask for, in one place for the HTTP side and for the commands that work without the service. */
import { colour } from './buildbot/build-store.ts';
import { explain } from './explain.ts';
import { messages } from './messages.ts';
import { type MergePair, matchPairs, type PairWords } from './pairs.ts';
import type { Service } from './service.ts';
import { wordAndText } from './status-text.ts';

export async function explainPairs(
  service: Service,
  words: PairWords,
): Promise<{ readonly kind: 'explained' | 'unknown'; readonly text: string }> {
  const pairs = matchPairs(service.pairs, words);
  if (pairs.length === 0) {
    const said = words.from === undefined ? words.branch : `${words.from} ${words.branch}`;
    return { kind: 'unknown', text: `${messages.noSuchPair(said, service.pairs)}\n` };
  }
  const { at, projects } = await service.state();
  const reports = projects.flatMap((project) => project.pairs);
  const pending = await service.pendingRequests();
  const texts: string[] = [];
  for (const pair of pairs) {
    const report = reports.find((candidate) => candidate.pair.id === pair.id);
    if (report === undefined) continue;
    const last =
      pair.kind === 'promotion' ? pair.requires.flatMap((name) => service.builds.last(name) ?? []) : [];
    const red = last.filter((build) => colour(build) === 'red');
    texts.push(explain({ report, red, pending, now: at }));
  }
  return { kind: 'explained', text: texts.join('\n') };
}

/** Merges a pair and says what came of it. */
export async function mergePair(
  service: Service,
  pair: MergePair,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  await service.mergeNow(pair);
  const { at, mode, projects } = await service.state();
  const report = projects
    .flatMap((project) => project.pairs)
    .find((candidate) => candidate.pair.id === pair.id);
  if (report === undefined) return { ok: false, text: pair.id };
  const ok = report.trouble === undefined && report.verdict?.kind === 'up-to-date';
  if (!ok && mode === 'shadow') return { ok, text: messages.shadowMergesNothing(pair.id) };
  return { ok, text: `${pair.id}: ${wordAndText(report, at).join('; ')}` };
}
