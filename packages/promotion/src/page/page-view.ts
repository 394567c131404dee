/** Everything that is known, as the page shows it: failing first. Pure. */
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { StateReport } from '../state-report.ts';
import { flowView } from './flow.ts';
import { headline } from './headline.ts';
import { anchorOf, type PairSources, pairView } from './pair-view.ts';
import { timelineView } from './timeline.ts';
import { type PageView, type PairView, type Tone, tones } from './view.ts';

export interface PageSources extends Omit<PairSources, 'now' | 'mode'> {
  readonly report: StateReport;
  /** Where people find Buildbot. */
  readonly buildbotUrl: string;
  /** Those of the pairs' builders, newest first. */
  readonly recent: readonly KnownBuild[];
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
}

export function pageView(sources: PageSources): PageView {
  const { report, recent, entries, buildUrl, buildbotUrl } = sources;
  const { at, mode, buildbot } = report;
  const projects = report.projects.map(({ project, pairs }) => {
    const views = pairs.map((pair) => pairView(pair, { ...sources, now: at, mode }));
    return { project, anchor: anchorOf('project', project), flow: flowView(views), pairs: views };
  });
  const inOrder = projects.flatMap((project) => project.pairs);
  const pairs = inOrder.toSorted(failingFirst);
  const labels = new Map(
    inOrder.map(({ id, anchor, project, from, to }) => [
      id,
      { anchor, project: projects.length > 1 ? project : '', from: from.branch, to: to.branch },
    ]),
  );
  return {
    at,
    mode,
    buildbot: { url: buildbotUrl, problem: buildbot.problem },
    headline: headline(pairs),
    counts: counted(pairs),
    pairs,
    order: new Map(inOrder.map((pair, index) => [pair.id, index])),
    projects,
    timeline: timelineView({ now: at, builds: recent, entries, buildUrl, label: (pair) => labels.get(pair) }),
  };
}

/** Those of the same tone stay in the order of the pipeline files. */
function failingFirst(one: PairView, other: PairView): number {
  return tones.indexOf(one.tone) - tones.indexOf(other.tone);
}

function counted(pairs: readonly PairView[]): Record<Tone, number> {
  const counts = { broken: 0, held: 0, unknown: 0, waiting: 0, busy: 0, calm: 0, fresh: 0 };
  for (const pair of pairs) counts[pair.tone] += 1;
  return counts;
}
