/**
 * Everything that a hook looks at, read once, checked and frozen: Juju's answers, the operator's settings and secret, the
 * pipeline files, and the machine. No hook tool is asked twice for the same thing.
 */
import {
  configGet,
  type Databag,
  goalState,
  type Juju,
  networkGet,
  type RelationId,
  relationGet,
  relationIds,
  secretGet,
  storageList,
  type UnitName,
  unitNameSchema,
} from '@lpbuildbot/juju';
import { type Candidate, findCandidate } from './inputs/candidate.ts';
import {
  type Accepted,
  type Memory,
  type People,
  readAccepted,
  readMemory,
  readPeople,
  readWanted,
  type Wanted,
} from './inputs/memory.ts';
import { keysOf, noSecrets, readSecrets, type SecretsReading } from './inputs/secrets.ts';
import { readSettings, type SettingsReading } from './inputs/settings.ts';
import { observeWorkers, type WorkerRelation } from './inputs/workers.ts';
import type { CertificateFacts, Machine, ProxySettings, ServiceState } from './machine/machine.ts';
import { MASTER, PROMOTION, places, RECONFIGURE, RECONFIGURE_TIMER } from './places.ts';

/** A relation in which this unit only tells something. */
interface Listener {
  readonly relation: RelationId;
  readonly databag: Databag;
}

export interface Inputs {
  readonly unit: UnitName;
  readonly application: string;
  readonly model: string;
  readonly event: Juju['context']['event'];
  readonly now: Date;
  /** Which unit of the application serves: there is one master, whatever `juju add-unit` says. */
  readonly serving: UnitName;
  readonly storage: 'attached' | 'absent';
  /** Directories with hardly any space left. */
  readonly full: readonly string[];
  readonly settings: SettingsReading;
  readonly secrets: SecretsReading;
  readonly candidate: Candidate;
  readonly accepted: Accepted | undefined;
  /** Where others reach this unit. */
  readonly address: string | undefined;
  readonly workers: readonly WorkerRelation[];
  readonly websites: readonly (Listener & { readonly address: string | undefined })[];
  readonly monitors: readonly Listener[];
  readonly memory: Memory;
  /** What Buildbot was given, and what it will be given in a moment. */
  readonly wanted: Wanted | undefined;
  readonly pending: Wanted | undefined;
  readonly people: People | undefined;
  readonly tls: {
    readonly authority: { readonly key: string; readonly certificate: string } | undefined;
    readonly certificate: string | undefined;
    readonly facts: CertificateFacts | undefined;
  };
  readonly services: ReadonlyMap<string, ServiceState>;
  /** The fingerprints with which the services were started. */
  readonly started: { readonly master: string | undefined; readonly promotion: string | undefined };
  /** The charm's own files, by their path in it. */
  readonly carried: ReadonlyMap<string, { readonly path: string; readonly stamp: string }>;
  readonly templates: ReadonlyMap<string, string>;
  readonly pythonStamp: string;
  readonly proxy: ProxySettings;
}

/** What the units run, besides wheels. */
export const PROGRAMS = ['lib/node', 'lib/charm.mjs', 'lib/promotion.mjs', 'python/foreground.py'] as const;
const CARRIED = [...PROGRAMS, 'python/requirements.txt', 'python/master.cfg'];
/** The plug-ins that Buildbot loads. */
const CODE = 'python/lpbuildbot_master';

export async function observe(juju: Juju, machine: Machine): Promise<Inputs> {
  const { run, context } = juju;
  const { event, unit, charmDirectory } = context;
  const { files } = machine;
  const now = machine.now();
  const [memoryText, acceptedText, wantedText, pendingText, peopleText] = await Promise.all(
    [places.memoryFile, places.acceptedFile, places.wantedFile, places.pendingFile, places.people].map(
      (path) => files.read(path),
    ),
  );
  const memory = readMemory(memoryText);
  const accepted = readAccepted(acceptedText);

  const [raw, goals, stored, network, workers, websites, monitors, services] = await Promise.all([
    configGet(run),
    goalState(run),
    storageList(run, 'data'),
    networkGet(run, 'workers'),
    observeWorkers(juju, memory.credentials, now),
    listeners(juju, 'website'),
    listeners(juju, 'nrpe-external-master'),
    machine.services.states([MASTER, PROMOTION, RECONFIGURE, RECONFIGURE_TIMER]),
  ]);
  const settings = readSettings(raw);
  const secrets = await observeSecrets(juju, settings);
  const detaching = event.kind === 'storage-detaching' ? event.storage : undefined;
  const storage = stored.some((id) => id !== detaching) ? 'attached' : 'absent';
  const serving = servingUnit(unit, goals.units);
  const proxy = proxyOf(context);
  const candidate: Candidate =
    settings.kind === 'wrong' || serving !== unit || storage === 'absent'
      ? { kind: 'accepted' }
      : await findCandidate(machine, settings.value.source, accepted, lookOf(event), {
          proxy,
          ...(secrets.kind === 'secrets' ? keysOf(secrets.value) : {}),
        });

  const [authorityKey, authority, certificate, master, promotion] = await Promise.all(
    [
      places.authorityKey,
      places.authorityCertificate,
      places.tlsCertificate,
      places.masterStarted,
      places.promotionStarted,
    ].map((path) => files.read(path)),
  );
  const code = (await files.list(`${charmDirectory}/${CODE}`))
    .filter((name) => name.endsWith('.py'))
    .map((name) => `${CODE}/${name}`);
  return Object.freeze({
    unit,
    application: context.application,
    model: context.model.name,
    event,
    now,
    serving,
    storage,
    full: await fullPlaces(machine),
    settings,
    secrets,
    candidate,
    accepted,
    address: network.kind === 'network' ? network.ingressAddresses[0] : undefined,
    workers,
    websites: await Promise.all(
      websites.map(async (website) => {
        const there = await networkGet(run, 'website', website.relation);
        return { ...website, address: there.kind === 'network' ? there.ingressAddresses[0] : undefined };
      }),
    ),
    monitors,
    memory,
    wanted: readWanted(wantedText),
    pending: readWanted(pendingText),
    people: readPeople(peopleText),
    tls: {
      authority:
        authorityKey === undefined || authority === undefined
          ? undefined
          : { key: authorityKey, certificate: authority },
      certificate,
      facts: certificate === undefined ? undefined : machine.authority.describe(certificate),
    },
    services,
    started: { master: master?.trim(), promotion: promotion?.trim() },
    carried: new Map(
      await Promise.all(
        [...CARRIED, ...code].map(async (name) => {
          const path = `${charmDirectory}/${name}`;
          return [name, { path, stamp: await files.stamp(path) }] as const;
        }),
      ),
    ),
    templates: new Map(
      await Promise.all(
        [MASTER, PROMOTION, RECONFIGURE, RECONFIGURE_TIMER].map(
          async (name) => [name, (await files.read(`${charmDirectory}/systemd/${name}`)) ?? ''] as const,
        ),
      ),
    ),
    pythonStamp: await files.stamp('/usr/bin/python3'),
    proxy,
  });
}

/** Less than this is none: a build's log alone may be larger. In bytes. */
const LITTLE = 10_000_000;

async function fullPlaces({ files }: Machine): Promise<readonly string[]> {
  const looked = [places.data, places.memory];
  const space = await Promise.all(looked.map((path) => files.space(path)));
  return looked.filter((_, index) => (space[index] ?? LITTLE) < LITTLE);
}

/** The one with the lowest number of those that stay: the same answer on every unit, without asking a leader. */
function servingUnit(unit: UnitName, units: Readonly<Record<string, { readonly status: string }>>): UnitName {
  const number = (name: string) => Number(name.slice(name.lastIndexOf('/') + 1));
  const lower = Object.entries(units)
    .filter(([name, { status }]) => status !== 'dying' && number(name) < number(unit))
    .map(([name]) => number(name));
  if (lower.length === 0) return unit;
  return unitOf(unit, Math.min(...lower));
}

function unitOf(unit: UnitName, number: number): UnitName {
  return unitNameSchema.parse(`${unit.slice(0, unit.lastIndexOf('/'))}/${number}`);
}

async function observeSecrets({ run }: Juju, settings: SettingsReading): Promise<SecretsReading> {
  if (settings.kind === 'wrong' || settings.value.secrets === undefined)
    return { kind: 'secrets', value: noSecrets };
  // No event tells of a grant, and a new revision counts as soon as it is there.
  const reading = await secretGet(run, { uri: settings.value.secrets }, 'refresh');
  return reading.kind === 'secret' ? readSecrets(reading.content) : reading;
}

async function listeners({ run, context }: Juju, endpoint: string): Promise<Listener[]> {
  const ids = await relationIds(run, endpoint);
  const ending = context.event.kind === 'relation-broken' ? context.event.relation : undefined;
  return await Promise.all(
    ids
      .filter((id) => id !== ending)
      .map(async (relation) => {
        const reading = await relationGet(run, relation, { kind: 'unit', unit: context.unit });
        return { relation, databag: reading.kind === 'databag' ? reading.data : {} };
      }),
  );
}

/** Hooks of relations come in bursts, and say nothing about the repository. */
function lookOf(event: Juju['context']['event']): 'now' | 'kept' {
  return event.kind.startsWith('relation-') ? 'kept' : 'now';
}

export function proxyOf({ proxy }: Juju['context']): ProxySettings {
  const given = { http_proxy: proxy.http, https_proxy: proxy.https };
  const set = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (set.length === 0) return {};
  return Object.fromEntries([...set, ...(proxy.none === undefined ? [] : [['no_proxy', proxy.none]])]);
}
