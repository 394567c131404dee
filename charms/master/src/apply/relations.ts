/** What the other ends of the relations are told; a databag that says so already is left alone. */
import { type Databag, databagChanges, type Juju, type RelationId, relationSet } from '@lpbuildbot/juju';
import { masterDatabag } from '@lpbuildbot/pipeline/worker-relation';
import * as z from 'zod';
import type { Credential } from '../inputs/memory.ts';
import type { Inputs } from '../inputs.ts';
import { asYaml } from '../plan/files.ts';
import { givenIn } from './credentials.ts';
import type { Tls } from './tls.ts';

export async function tellWorkers(
  juju: Juju,
  { workers, address }: Inputs,
  port: number,
  tls: Tls | undefined,
  credentials: readonly Credential[],
): Promise<void> {
  if (tls === undefined || address === undefined) return;
  for (const { relation, databag } of workers) {
    const desired = z.encode(masterDatabag, {
      version: '1',
      address,
      port,
      ca: tls.authority,
      credentials: givenIn(relation, credentials),
    });
    await tell(juju, relation, databag, desired);
  }
}

/** The interface `http`: where a proxy finds the pages. */
export async function tellWebsites(juju: Juju, { websites }: Inputs, port: number): Promise<void> {
  for (const { relation, databag, address } of websites) {
    if (address === undefined) continue;
    await tell(juju, relation, databag, { hostname: address, port: String(port) });
  }
}

/** The interface `nrpe-external-master`, as charmhelpers' NRPE writes it: which checks there are. */
export async function tellMonitors(
  juju: Juju,
  { monitors }: Inputs,
  checks: readonly string[],
): Promise<void> {
  const nrpe = Object.fromEntries(checks.map((name) => [name, { command: name }]));
  for (const { relation, databag } of monitors) {
    await tell(juju, relation, databag, {
      monitors: asYaml({ monitors: { remote: { nrpe } } }),
      primary: 'True',
    });
  }
}

async function tell({ run }: Juju, relation: RelationId, current: Databag, desired: Databag): Promise<void> {
  const changes = databagChanges(current, desired);
  if (Object.keys(changes).length > 0) await relationSet(run, relation, 'unit', changes);
}
