import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { dashboard, dashboardJson } from './dashboard.ts';

const place = z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) });
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('$' + '{datasource}') });
const panelSchema = z.object({
  id: z.int().min(1),
  type: z.enum(['row', 'stat', 'table', 'timeseries', 'state-timeline', 'heatmap']),
  title: z.string().min(1),
  description: z.string().min(20).optional(),
  gridPos: place,
  datasource: datasource.optional(),
  targets: z
    .array(
      z.object({
        refId: z.string(),
        expr: z.string().min(1),
        datasource,
        instant: z.boolean(),
        range: z.boolean(),
      }),
    )
    .default([]),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().optional(),
        thresholds: z.object({
          steps: z.array(z.object({ color: z.string(), value: z.number().nullable() })),
        }),
      }),
      overrides: z.array(z.unknown()),
    })
    .optional(),
});
const { panels } = z.object({ panels: z.array(panelSchema) }).parse(JSON.parse(dashboardJson()));
const shown = panels.filter(({ type }) => type !== 'row');

describe('the dashboard', () => {
  it('is the one in the file', async () => {
    const file = join(import.meta.dirname, '../dashboard.json');
    assert.deepEqual(
      JSON.parse(await readFile(file, 'utf8')),
      JSON.parse(dashboardJson()),
      'write it: npm run dashboard',
    );
  });

  it('gives each panel a number and a title of its own', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  });

  it('has no two panels in one place, and none beyond the edge', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.equal(taken.get(`${x} ${y}`), undefined, `${title} lies on ${taken.get(`${x} ${y}`)}`);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  it('says of each panel what is to be seen, asks something, and names its questions apart', () => {
    for (const { title, description, targets, datasource: source } of shown) {
      assert.ok(description !== undefined, `${title} has a description`);
      assert.ok(source !== undefined, `${title} has the data source that was chosen`);
      assert.ok(targets.length > 0, `${title} asks`);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      for (const { instant, range } of targets) assert.notEqual(instant, range, title);
    }
  });

  it('gives times a unit, and thresholds in rising order', () => {
    for (const { title, targets, fieldConfig, type } of shown) {
      const isTime = targets.some(({ expr }) => expr.includes('time() -') || expr.includes('latency'));
      if (isTime && type !== 'table') assert.equal(fieldConfig?.defaults.unit, 's', title);
      const [first, ...more] = fieldConfig?.defaults.thresholds.steps.map(({ value }) => value) ?? [];
      assert.equal(first, null, title);
      assert.deepEqual(
        more,
        more.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
        title,
      );
    }
  });

  it('lets data source and project be chosen', () => {
    assert.deepEqual(
      dashboard.templating?.list?.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['project', 'query'],
      ],
    );
    const ofPairs = shown
      .flatMap(({ targets }) => targets)
      .filter(({ expr }) => /_pair_|_branch_/.test(expr));
    for (const { expr } of ofPairs) assert.match(expr, /project=~"\$project"/);
  });
});
