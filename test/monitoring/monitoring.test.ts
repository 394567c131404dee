/**
 * Metrics, alerts, dashboard and their documentation, held against each other and against the real Prometheus: each speaks of
 * what the others have, and nothing is spoken of that is not there.
 */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { parseExposition } from '../support/exposition.ts';
import { findPrometheus, noPrometheus, Prometheus, promtool } from '../support/prometheus.ts';
import { waitUntil } from '../support/wait.ts';
import { BusySite } from './busy-site.ts';
import {
  alertsFile,
  alertTests,
  metricsIn,
  readAlertCases,
  readAlerts,
  readDashboardQueries,
  readDocumentation,
} from './files.ts';

const programs = await findPrometheus();
const needsPrometheus = { skip: programs === undefined ? noPrometheus : false };
/** What others tell of the same targets, and we only ask for. */
const othersMetrics = ['up', 'node_textfile_mtime_seconds'];

let site: BusySite;
before(async () => {
  site = await BusySite.open();
});
after(() => site[Symbol.asyncDispose]());

/** Both scrapes together: the service's once its figures have come, and the worker's. */
async function scraped() {
  const service = await waitUntil('a whole scrape', async () => {
    const text = await site.stage.get('metrics');
    return /^lpbuildbot_pair_waiting_since\S+to="stable"/m.test(text) && text.includes('lpbuildbot_workers{')
      ? text
      : undefined;
  });
  return { service, families: parseExposition(`${service}${site.workerText}`) };
}

test('every metric is documented, with its type and labels, and every documented one is there', async () => {
  const { families } = await scraped();
  const { metrics, kinds } = await readDocumentation();
  const documented = metrics.map(({ name, type, labels }) => `${name} ${type} ${labels.toSorted().join()}`);
  const real = [...families.values()]
    .filter(({ name }) => !othersMetrics.includes(name))
    .map(({ name, type, samples }) => {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete('le');
      assert.ok(samples.length > 0, `${name} has a sample`);
      return `${name} ${type} ${[...labels].toSorted().join()}`;
    });
  assert.deepEqual(documented.toSorted(), real.toSorted());
  const failures = families.get('lpbuildbot_failures_total')?.samples ?? [];
  assert.deepEqual(kinds.toSorted(), failures.map(({ labels }) => labels.kind).toSorted());
});

test('alerts and dashboard ask only for metrics that there are, and all of ours are asked for', async () => {
  const { families } = await scraped();
  const known = new Set([...families.keys(), ...othersMetrics]);
  const asked = new Set<string>();
  const questions = [
    ...(await readAlerts()).map(({ alert, expr }) => ({ who: alert, expr })),
    ...(await readDashboardQueries()).map(({ title, expr }) => ({ who: title, expr })),
  ];
  assert.ok(questions.length > 50, `${questions.length} questions`);
  for (const { who, expr } of questions) {
    const names = metricsIn(expr).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    assert.ok(names.length > 0, who);
    for (const name of names) {
      assert.ok(known.has(name), `${who}: there is no ${name}`);
      asked.add(name);
    }
  }
  const unasked = [...families.keys()].filter((name) => !asked.has(name));
  // It says how old the others are, for whoever doubts them.
  assert.deepEqual(unasked, ['lpbuildbot_pair_last_look_timestamp_seconds']);
});

test('every alert is documented with its severity, and fires in one test and not in another', async () => {
  const alerts = await readAlerts();
  const { alerts: documented } = await readDocumentation();
  assert.deepEqual(
    documented,
    alerts.map(({ alert, labels }) => ({ name: alert, severity: labels.severity })),
  );
  const cases = await readAlertCases();
  for (const { alert, annotations } of alerts) {
    for (const fires of [true, false]) {
      const found = cases.some((one) => one.alertname === alert && one.fires === fires);
      assert.ok(found, `${alert} has a test in which it ${fires ? 'fires' : 'does not fire'}`);
    }
    assert.match(annotations.description, /lpbuildbot-\w+|systemctl|df -h/, `${alert} says what to do`);
  }
  await Promise.all(alertTests.map((file) => access(file)));
});

test('promtool accepts the rules, and each fires when it should', needsPrometheus, async () => {
  if (programs === undefined) return;
  const check = await promtool(programs, ['check', 'rules', alertsFile]);
  assert.equal(check.code, 0, check.text);
  const tests = await promtool(programs, ['test', 'rules', ...alertTests]);
  assert.equal(tests.code, 0, tests.text);
  assert.equal([...tests.text.matchAll(/SUCCESS/g)].length, alertTests.length, tests.text);
});

test(
  'promtool finds nothing wrong with a scrape of the service, or of a worker',
  needsPrometheus,
  async () => {
    if (programs === undefined) return;
    const { service } = await scraped();
    for (const text of [service, site.workerText]) {
      const { code, text: said } = await promtool(programs, ['check', 'metrics', '--extended'], text);
      assert.equal(code, 0, said);
      assert.doesNotMatch(said, /error|should/, said);
    }
  },
);

test(
  'a real Prometheus has an answer to every panel of the dashboard, and evaluates every alert',
  needsPrometheus,
  async () => {
    if (programs === undefined) return;
    const directory = site.stage.world.path('prometheus');
    const jobs = { lpbuildbot: `127.0.0.1:${site.stage.port}`, 'lpbuildbot-workers': site.worker };
    await using prometheus = await Prometheus.start(programs, directory, jobs, [alertsFile]);
    await scraped();
    await site.goOn();
    for (const { title, expr, legend } of await readDashboardQueries()) {
      const answer = await waitUntil(
        `an answer to ${title}: ${expr}`,
        async () => {
          const found = await prometheus.query(expr);
          return found.length > 0 ? found : undefined;
        },
        { every: 200, timeout: 20_000 },
      );
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(
          answer.every((labels) => label in labels),
          `${title}: its series have no ${label}`,
        );
    }
    // A rule may be evaluated before the first scrape of what it is about.
    const onTheirWay = ['LpbuildbotConflict', 'LpbuildbotWorkerAway', 'LpbuildbotImageMissing'];
    let pending: readonly string[] = [];
    const rules = await waitUntil(
      'every rule to be evaluated, and three to be on their way',
      async () => {
        const all = await prometheus.rules();
        pending = all.filter(({ state }) => state !== 'inactive').map(({ name }) => name);
        const evaluated = all.every(({ health }) => health !== 'unknown');
        return evaluated && onTheirWay.every((name) => pending.includes(name)) ? all : undefined;
      },
      { seen: () => pending.join() },
    );
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    );
  },
);
