/** What Buildbot is told: its site, its workers, and whether that can wait for the others of a burst. Pure. */
import type { MasterWorker, Site } from '@lpbuildbot/buildbot';
import type { Credential, Wanted } from '../inputs/memory.ts';
import type { Secrets } from '../inputs/secrets.ts';
import type { Settings } from '../inputs/settings.ts';
import type { Inputs } from '../inputs.ts';
import { places } from '../places.ts';

/** With the brackets that IPv6 needs in a URL. */
function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function siteOf(settings: Settings, address: string): Wanted['site'] & Site {
  const host = address.includes(':') ? '::' : '0.0.0.0';
  return {
    title: settings.title,
    url: settings.webUrl ?? `http://${inUrl(address)}:${settings.webPort}/`,
    web: { host, port: settings.webPort },
    workers: { host, port: settings.workerPort },
    workersTls: { keyFile: places.tlsKey, certificateFile: places.tlsCertificate },
    loginsFile: places.logins,
    webhookSecretFile: places.webhookSecret,
    logRetentionDays: settings.logRetention,
  };
}

/** In an order that does not depend on who came first, so that the same workers are the same configuration. */
export function workersOf(
  inputs: Pick<Inputs, 'workers' | 'wanted' | 'memory'>,
  credentials: readonly Credential[],
  secrets: Secrets | undefined,
): Wanted['workers'] {
  const own = inputs.workers.flatMap(({ relation, units }) =>
    units.flatMap(({ unit, offer }): MasterWorker[] => {
      const credential = credentials.find((each) => each.relation === relation && each.unit === unit);
      if (credential === undefined || offer.kind !== 'offer') return [];
      const { images, capacity, arch } = offer.value;
      return [{ name: credential.name, password: credential.password, images, capacity, arch }];
    }),
  );
  // While the operator's secret cannot be read, the workers in it stay.
  const juju = new Set([...inputs.memory.credentials, ...credentials].map(({ name }) => name));
  const others: readonly MasterWorker[] =
    secrets?.workers ?? inputs.wanted?.workers.filter(({ name }) => !juju.has(name)) ?? [];
  return [...own, ...others.filter(({ name }) => !juju.has(name))]
    .map((worker) => ({ ...worker, images: worker.images.toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Workers come in bursts, one hook after the other, and each change of the configuration costs Buildbot a second. So what only
 * adds or changes workers waits a moment for the next one. A worker that is gone never waits: its access ends at once.
 */
export function mayWait(event: Inputs['event'], before: Wanted | undefined, after: Wanted): boolean {
  if (event.kind !== 'relation-joined' && event.kind !== 'relation-changed') return false;
  if (event.endpoint !== 'workers' || before === undefined) return false;
  const stays = new Set(after.workers.map(({ name }) => name));
  return (
    before.workers.every(({ name }) => stays.has(name)) &&
    JSON.stringify({ ...before, workers: [] }) === JSON.stringify({ ...after, workers: [] })
  );
}
