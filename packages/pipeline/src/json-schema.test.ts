import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import { configurations } from '../testing/arbitrary.ts';
import { minimal } from '../testing/reports.ts';
import { formatPipeline } from './format.ts';
import { pipelineJsonSchema } from './json-schema.ts';

const accepts = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(
  pipelineJsonSchema(),
);

test('the published JSON Schema is the one that the code has', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../pipeline.schema.json', import.meta.url), 'utf8'),
  );
  const stale =
    'run: lpbuildbot-pipeline schema > packages/pipeline/pipeline.schema.json, then npm run format';
  assert.deepEqual(published, JSON.parse(JSON.stringify(pipelineJsonSchema())), stale);
});

test('an editor accepts every file that the command accepts', () => {
  fc.assert(
    fc.property(configurations(), (pipelines) => {
      for (const pipeline of pipelines) {
        assert.ok(
          accepts(parse(formatPipeline(pipeline), { stringKeys: true })),
          JSON.stringify(accepts.errors),
        );
      }
    }),
    { numRuns: 100 },
  );
});

test('an editor marks what has the wrong shape', () => {
  const wrong = [
    'project: p',
    `${minimal}owner: me`,
    `${minimal}poll: 30`,
    `${minimal}poll: half an hour`,
    `${minimal}testfix: yes`,
    `${minimal}promotions: [{ from: main }]`,
    `${minimal}promotions: [{ from: main, to: stable, requires: [] }]`,
    `${minimal}notify: { mattermost: { channel: A B } }`,
    `${minimal}notify: { mattermost: { channel: a, builds: some } }`,
    `${minimal}notify: { mail: { to: [] } }`,
    `${minimal}notify: { mail: { to: [nobody] } }`,
    minimal.replace('host: true', 'host: false'),
    minimal.replace('host: true', 'host: true, image: focal'),
    minimal.replace('host: true, ', ''),
    minimal.replace('[make]', '[]'),
    minimal.replace('[make]', '[7]'),
    minimal.replace('[make]', '[{ name: x }]'),
    minimal.replace(' b:', ' "-b":'),
    minimal.replace(/\{.*\}/, '{}'),
  ];
  for (const file of wrong) assert.equal(accepts(parse(file)), false, file);
  assert.equal(accepts(parse(minimal)), true);
});
