/** What has happened since the start: entries of the audit log, and how fast promotions were. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Pair } from '../pairs.ts';
import { type AuditEvent, auditEvents } from '../state/audit.ts';

/** From a tenth of what people call at once to what the net under lost events takes. */
const BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 120];

export function eventCounts(registry: Registry, pairs: readonly Pair[]): { count(event: AuditEvent): void } {
  const events = new Counter({
    name: 'lpbuildbot_audit_events_total',
    help: 'Entries of the audit log since the start, by kind',
    labelNames: ['event'],
    registers: [registry],
  });
  // What is not there yet has no rate when it comes.
  for (const event of auditEvents) events.inc({ event }, 0);
  const latency = new Histogram({
    name: 'lpbuildbot_promotion_latency_seconds',
    help: "From hearing of the last build's end to the moved branch",
    labelNames: ['project'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const projects = new Map(pairs.map((pair) => [pair.id, pair.project]));
  for (const pair of pairs) if (pair.kind === 'promotion') latency.zero({ project: pair.project });
  return {
    count(event) {
      events.inc({ event: event.event });
      const project = projects.get(event.pair);
      if (event.event === 'moved' && event.latencyMs !== undefined && project !== undefined)
        latency.observe({ project }, event.latencyMs / 1000);
    },
  };
}
