/**
 * What Prometheus is told, in its own terms: https://prometheus.io/docs/practices/naming/. All that is about branches comes
 * from the report that the page and `status` have, so that they agree. A scrape asks nothing of a remote, and waits for
 * Buildbot and for our own copies a moment at most; what has not come by then is missing from it, or as it was before.
 *
 * Each part has a file of its own. A part that counts elsewhere is one more line in `makers`.
 */
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { KnownBuilds } from '../buildbot/known-builds.ts';
import type { Mirror } from '../git/mirror.ts';
import { doTogether, inTime, missingCommits, type Wanted } from '../missing-commits.ts';
import type { Pair } from '../pairs.ts';
import type { AuditEvent } from '../state/audit.ts';
import type { PairReport, StateReport } from '../state-report.ts';
import type { FailureKind } from '../trouble.ts';
import { waitingCommits } from '../waiting.ts';
import { buildbotPart } from './buildbot.ts';
import type { BuildbotFigures } from './buildbot-figures.ts';
import { eventCounts } from './events.ts';
import { failureCounts } from './failures.ts';
import { Kept } from './kept.ts';
import { newsPart } from './news.ts';
import { pairsPart } from './pairs.ts';
import type { DaemonFigures, MakePart } from './part.ts';
import { type OwnFigures, processPart } from './process.ts';

export interface Metrics {
  readonly contentType: string;
  text(daemon: DaemonFigures): Promise<string>;
  count(event: AuditEvent): void;
  failure(kind: FailureKind): void;
}

export interface MetricsSources extends OwnFigures {
  readonly pairs: readonly Pair[];
  readonly state: () => Promise<StateReport>;
  readonly mirrorOf: (pair: Pair) => Mirror | undefined;
  readonly builds: KnownBuilds;
  /** Asks Buildbot; undefined when it can't say. Never rejects. */
  readonly figures: () => Promise<BuildbotFigures | undefined>;
}

/** How long a scrape waits for our own copies, in milliseconds. */
const PATIENCE = 150;
/** What Buildbot said may be as old as this, in milliseconds. */
const FIGURES = { fresh: 5_000, usable: 120_000, patience: 500 };

export function createMetrics(sources: MetricsSources): Metrics {
  const { pairs, builds, mirrorOf } = sources;
  const registry = new Registry();
  const makers: readonly MakePart[] = [
    pairsPart,
    newsPart,
    (into) => buildbotPart(into, pairs, builds),
    (into) => processPart(into, sources),
  ];
  const parts = makers.map((make) => make(registry));
  const { count } = eventCounts(registry, pairs);
  const { failure } = failureCounts(registry);
  const figures = new Kept(sources.figures, FIGURES);
  let reading: Promise<unknown> | undefined;
  const readCommits = async (report: StateReport) => {
    reading ??= doTogether(missingCommits(report, mirrorOf, wantedOf)).finally(() => {
      reading = undefined;
    });
    await inTime(reading, PATIENCE);
  };
  return {
    contentType: registry.contentType,
    count,
    failure,
    async text(daemon) {
      const report = await sources.state();
      const [said] = await Promise.all([figures.get(), readCommits(report)]);
      for (const part of parts) {
        part.update({ report, figures: said, mirrorOf, daemon });
        await setImmediate();
      }
      return await textOf(registry);
    },
  };
}

/** As `registry.metrics()`, and whatever else there is to do goes on between one metric and the next: there may be 500 pairs. */
async function textOf(registry: Registry): Promise<string> {
  const texts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name));
    await setImmediate();
  }
  return `${texts.join('\n\n')}\n`;
}

/** How old the tips are, how many commits wait, and since when. */
function wantedOf(report: PairReport): Wanted {
  const { pair, verdict, from, to } = report;
  if (from === undefined || to === undefined || verdict?.kind === 'unrelated')
    return { commits: [from, to], count: [], oldest: [] };
  const counted = pair.kind === 'merge' && verdict?.kind !== 'up-to-date';
  const waits = counted || (waitingCommits(report, () => undefined) ?? 0) > 0;
  return { commits: [from, to], count: counted ? [[to, from]] : [], oldest: waits ? [[to, from]] : [] };
}
