/** The table of `juju status --relations --storage`: what a real Juju 4.0.14 printed, of the JSON that it gave in the same second. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FullStatus, fullStatusSchema, type RelationShown } from './core/status-shape.ts';
import { statusTable } from './juju-command/status-table.ts';

const samples = join(import.meta.dirname, 'fixtures/juju/tables');

/** The endpoints of the recorded charms that ask. */
const requiring = ['upstream', 'source'];

/** The client knows the roles from the controller, and does not print them as JSON. */
function relationsOf({ applications }: FullStatus): RelationShown[] {
  return Object.entries(applications).flatMap(([application, { relations = {} }]) =>
    Object.entries(relations)
      .filter(([endpoint]) => !requiring.includes(endpoint))
      .flatMap(([endpoint, others]) =>
        others.map(({ 'related-application': other, interface: name }) => {
          const peer = other === application;
          const there = Object.entries(applications[other]?.relations ?? {}).find(
            ([, related]) => !peer && related.some((each) => each['related-application'] === application),
          );
          const units = Object.values(applications[application]?.units ?? {});
          const installed = units.some((unit) => unit['juju-status'].current !== 'allocating');
          return {
            provider: `${application}:${endpoint}`,
            requirer: peer ? `${application}:${endpoint}` : `${other}:${there?.[0]}`,
            interface: name,
            type: peer ? ('peer' as const) : ('regular' as const),
            status: installed ? ('joined' as const) : ('joining' as const),
          };
        }),
      ),
  );
}

for (const file of readdirSync(samples).filter((name) => name.endsWith('.json'))) {
  test(`as recorded: ${file.replace('.json', '')}`, () => {
    const status = fullStatusSchema.parse(JSON.parse(readFileSync(join(samples, file), 'utf8')));
    const [, ...lines] = readFileSync(join(samples, file.replace('.json', '.txt')), 'utf8').split('\n');
    const printed = statusTable(status, { relations: relationsOf(status), storage: 'shown' });
    assert.deepEqual(printed.split('\n'), lines);
  });
}
