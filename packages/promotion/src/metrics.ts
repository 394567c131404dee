/** What Prometheus is told, in its own terms: https://prometheus.io/docs/practices/naming/. Read from the state when asked. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AuditEvent } from './state/audit.ts';
import type { PairReport, StateReport } from './state-report.ts';
import { wordAndText } from './status-text.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  count(event: AuditEvent): void;
  failure(): void;
}

export function createMetrics(state: () => Promise<StateReport>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['project', 'from', 'to'] as const;
  const pair = new Gauge({
    name: 'lpbuildbot_pair_state',
    help: '1 for the state that a branch pair is in, by its word in lpbuildbot-promotion status',
    labelNames: [...labelNames, 'state'] as const,
    registers,
  });
  const behind = new Gauge({
    name: 'lpbuildbot_pair_behind_commits',
    help: 'Commits that a branch has not got yet',
    labelNames,
    registers,
  });
  const lastMove = new Gauge({
    name: 'lpbuildbot_pair_last_move_timestamp_seconds',
    help: 'When the branch was last moved by this service',
    labelNames,
    registers,
  });
  const reachable = new Gauge({
    name: 'lpbuildbot_buildbot_up',
    help: '1 while Buildbot answers',
    registers,
  });
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers,
  });
  const events = new Counter({
    name: 'lpbuildbot_audit_events_total',
    help: 'Entries of the audit log since the start, by kind',
    labelNames: ['event'] as const,
    registers,
  });
  const failures = new Counter({
    name: 'lpbuildbot_remote_failures_total',
    help: 'Attempts to work with a remote repository that failed',
    registers,
  });
  const latency = new Histogram({
    name: 'lpbuildbot_promotion_latency_seconds',
    help: "From hearing of the last build's end to the moved branch",
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60],
    registers,
  });

  return {
    contentType: registry.contentType,
    count(event) {
      events.inc({ event: event.event });
      if (event.event === 'moved' && event.latencyMs !== undefined) latency.observe(event.latencyMs / 1000);
    },
    failure: () => failures.inc(),
    async text() {
      const { at, buildbot, projects } = await state();
      for (const gauge of [pair, behind, lastMove]) gauge.reset();
      for (const report of projects.flatMap((project) => project.pairs)) {
        const { project, from, to } = report.pair;
        const labels = { project, from, to };
        pair.set({ ...labels, state: wordAndText(report, at)[0] }, 1);
        behind.set(labels, behindBy(report));
        if (report.lastMove !== undefined) lastMove.set(labels, report.lastMove.at / 1000);
      }
      reachable.set(buildbot.problem === undefined ? 1 : 0);
      memory.set(process.memoryUsage.rss());
      return await registry.metrics();
    },
  };
}

function behindBy({ verdict }: PairReport): number {
  switch (verdict?.kind) {
    case 'waiting':
    case 'builds-unknown':
      return verdict.behind;
    case 'move':
      return verdict.gains + verdict.left;
    case 'held':
      return verdict.would.kind === 'move' ? verdict.would.gains + verdict.would.left : 0;
    default:
      return 0;
  }
}
