/** What operators are given for their Prometheus and Grafana, and what is written about it, as far as tests ask. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const monitoring = join(root, 'packages/promotion/monitoring');
export const alertsFile = join(monitoring, 'alerts.yml');
export const alertTests = ['branches', 'service', 'workers'].map((what) =>
  join(monitoring, `alerts-${what}.test.yml`),
);

const alertSchema = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
export type Alert = z.infer<typeof alertSchema>;

export async function readAlerts(): Promise<Alert[]> {
  const schema = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(alertSchema) })) });
  return schema.parse(parse(await readFile(alertsFile, 'utf8'))).groups.flatMap(({ rules }) => rules);
}

export interface AlertCase {
  readonly alertname: string;
  readonly fires: boolean;
}

/** What the unit tests of the rules ask. */
export async function readAlertCases(): Promise<AlertCase[]> {
  const schema = z.object({
    tests: z.array(
      z.object({
        alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
      }),
    ),
  });
  const files = await Promise.all(
    alertTests.map(async (file) => schema.parse(parse(await readFile(file, 'utf8')))),
  );
  return files
    .flatMap(({ tests }) => tests.flatMap((one) => one.alert_rule_test))
    .map((one) => ({ alertname: one.alertname, fires: one.exp_alerts.length > 0 }));
}

const queriesSchema = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
  annotations: z.object({
    list: z.array(
      z.object({ name: z.string(), target: z.object({ expr: z.string(), legendFormat: z.string() }) }),
    ),
  }),
});

export interface PanelQuery {
  readonly title: string;
  readonly expr: string;
  /** Grafana's pattern for the name of a series. */
  readonly legend: string;
}

/** Every question that the dashboard asks, with Grafana's variables replaced as Grafana does. */
export async function readDashboardQueries(): Promise<PanelQuery[]> {
  const text = await readFile(join(monitoring, 'dashboard.json'), 'utf8');
  const { panels, annotations } = queriesSchema.parse(JSON.parse(text));
  const asked = [
    ...panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
    ...annotations.list.map(({ name, target }) => ({ title: name, ...target })),
  ];
  return asked.map(({ title, expr, legendFormat }) => ({
    title,
    legend: legendFormat,
    expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$project', '.*'),
  }));
}

export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** The tables of docs/reference/metrics.md. */
export async function readDocumentation(): Promise<{
  readonly metrics: readonly DocumentedMetric[];
  readonly kinds: readonly string[];
  readonly alerts: readonly { readonly name: string; readonly severity: string }[];
}> {
  const rows = (await readFile(join(root, 'docs/reference/metrics.md'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  const [metrics, kinds, alerts] = [
    rows.filter(([, type = '']) => ['gauge', 'counter', 'histogram'].includes(type)),
    rows.filter((row) => row.length === 2),
    rows.filter(([, severity = '']) => ['warning', 'critical'].includes(severity)),
  ];
  return {
    metrics: metrics.map(([name, type = '', labels]) => ({
      name: words(name)[0] ?? '',
      type,
      labels: words(labels),
    })),
    kinds: kinds.map(([kind]) => words(kind)[0] ?? ''),
    alerts: alerts.map(([name, severity = '']) => ({ name: words(name)[0] ?? '', severity })),
  };
}

/** The names of metrics in a question: words that are neither functions nor labels nor keywords. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(?:by|on|without|ignoring|group_left|group_right) ?\([^)]*\)/g, '');
  const words = bare.match(/\b[a-z][a-z0-9_:]*\b(?!\s*\()/g) ?? [];
  return words.filter(
    (word) =>
      !['and', 'or', 'unless', 'offset', 'bool', 'by', 'on'].includes(word) && !/^[smhdwy]$/.test(word),
  );
}
