/** The service itself, with the names that every program's process has in Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { StateReport } from '../state-report.ts';
import { VERSION } from '../version.ts';
import type { Part } from './part.ts';

export interface OwnFigures {
  readonly mode: StateReport['mode'];
  /** How many entries of the audit log could not be written yet. */
  readonly auditWaiting: () => number;
}

export function processPart(registry: Registry, { mode, auditWaiting }: OwnFigures): Part {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const info = new Gauge({
    name: 'lpbuildbot_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'mode'],
    registers,
  });
  info.set({ version: VERSION, mode }, 1);
  const reconciled = gauge(
    'lpbuildbot_last_reconcile_timestamp_seconds',
    'When everything was last looked at, events or none',
  );
  const waiting = gauge(
    'lpbuildbot_audit_waiting_entries',
    'Entries of the audit log that could not be written yet',
  );
  const memory = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.');
  const started = gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
  );
  const time = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
  });
  started.set(Date.now() / 1000 - process.uptime());
  let counted = 0;
  return {
    update({ daemon }) {
      reconciled.set(daemon.reconciledAt / 1000);
      waiting.set(auditWaiting());
      memory.set(process.memoryUsage.rss());
      const { user, system } = process.cpuUsage();
      const spent = (user + system) / 1e6;
      time.inc(spent - counted);
      counted = spent;
    },
  };
}
