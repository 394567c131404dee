/** The reference names every function that calls a tool, and no other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as juju from '../src/index.ts';

const reference = readFileSync(
  join(import.meta.dirname, '../../../docs/reference/juju-hook-tools.md'),
  'utf8',
);

/** Functions that call no tool, or several. */
const others = [
  'applicationOf',
  'databagChanges',
  'dispatch',
  'parsePortRange',
  'portRangeText',
  'readContext',
  'runHookTool',
  'secretId',
  'setDatabag',
  'setPorts',
];

test('the table has a row for each function', () => {
  const rows = [...reference.matchAll(/^\| `[a-z-]+(?: --[a-z]+)?` \| `(\w+)` \|/gm)].map(([, name]) => name);
  const functions = Object.entries(juju)
    .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
    .map(([name]) => name);
  assert.deepEqual(rows.sort(), functions.filter((name) => !others.includes(name)).sort());
});
