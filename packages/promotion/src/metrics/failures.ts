/** What has gone wrong since the start, by kind. */
import { Counter, type Registry } from 'prom-client';
import { type FailureKind, failureKinds } from '../trouble.ts';

export function failureCounts(registry: Registry): { failure(kind: FailureKind): void } {
  const failures = new Counter({
    name: 'lpbuildbot_failures_total',
    help: 'Attempts that failed since the start, by what kind of failure it was',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of failureKinds) failures.inc({ kind }, 0);
  return { failure: (kind) => failures.inc({ kind }) };
}
