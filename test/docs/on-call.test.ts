/** What is on no page of a package: alerts, and ports. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { codeOf, tableIn } from '../support/markdown.ts';
import { readCharm } from './charms.ts';
import { pageAt, root } from './pages.ts';

const alerts = join(root, 'packages/promotion/monitoring/alerts.yml');
const rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional() })) })),
});

test('whoever is on call finds every alert, and none that is not there', {
  skip: existsSync(alerts) ? false : 'there are no alerts yet',
}, () => {
  const { groups } = rules.parse(parse(readFileSync(alerts, 'utf8')));
  const names = groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
  const described = tableIn(pageAt('docs/on-call.md'), 'Alerts of Prometheus').rows.flatMap(({ cells }) =>
    codeOf(cells[0] ?? ''),
  );
  assert.deepEqual(described.toSorted(), names.toSorted());
});

test('the ports are those that the charm opens, and the promotion service’s', () => {
  const { options } = readCharm('master').config;
  const shown = tableIn(pageAt('docs/reference/site.md'), 'Ports').rows.map(
    ({ cells: [port = '', of = ''] }) => [codeOf(port)[0], codeOf(of)[0]],
  );
  assert.deepEqual(shown, [
    ...['web-port', 'worker-port'].map((name) => [String(options[name]?.default), name]),
    ['8011', '127.0.0.1'],
  ]);
});
