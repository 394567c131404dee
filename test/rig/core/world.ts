/**
 * What a controller holds of one model, and what each unit's agent remembers, as plain data in one place. Commands (`commands.ts`)
 * and the ends of hooks (`commit.ts`) change it; what runs next is decided from it alone (`next-step.ts`). Times are in
 * milliseconds of whatever clock drives it.
 */
import type { FakeEvent } from '@lpbuildbot/juju/testing';
import type { Charmcraft } from '@lpbuildbot/juju/testing/hook-tools';

export type Databag = Readonly<Record<string, string>>;
export type Setting = string | number | boolean;
type Life = 'alive' | 'dying';

interface Status {
  readonly status: string;
  readonly message: string;
}

export interface PackedCharm {
  readonly path: string;
  readonly charmcraft: Charmcraft;
  /** By endpoint. */
  readonly interfaces: Readonly<
    Record<string, { readonly interface: string; readonly scope: 'global' | 'container' }>
  >;
  /** Storage by name: how many there are from the start, and where it is mounted, if the charm says so. */
  readonly storage: Readonly<
    Record<string, { readonly least: number; readonly location: string | undefined }>
  >;
  /** Resources by name: what the file is called on the machine. */
  readonly resources: Readonly<Record<string, string>>;
}

export interface Application {
  readonly name: string;
  charm: PackedCharm;
  /** Of the charm: each local refresh makes a new one. */
  revision: number;
  /** Counts refreshes and attached resources: the agents run upgrade-charm for each. */
  charmVersion: number;
  readonly config: Map<string, Setting>;
  /** When the agents are told of a change of settings or trust; past ones are counted (fact 4). */
  readonly reports: number[];
  trusted: boolean;
  /** Attached files by name. */
  readonly resources: Map<string, { readonly path: string; readonly version: number }>;
  /** `512M`, by storage name. */
  readonly storageSizes: ReadonlyMap<string, string>;
  leader: string | undefined;
  /** Nobody can be elected before: the lease of the last leader. */
  leaderFreeAt: number;
  status: Status;
  exposed: boolean;
  nextUnit: number;
  life: Life;
}

export interface Unit {
  readonly name: string;
  readonly application: string;
  readonly machine: string;
  life: Life;
  status: Status;
  workloadVersion: string;
  stored: Databag;
  openedPorts: readonly { readonly port: string; readonly endpoints: 'all' | readonly string[] }[];
  readonly agent: Agent;
}

/** What the agent of a unit has on its disk or in its memory. */
interface Agent {
  /** `down` while the machine or the agent is not there; `since` then counts towards the end of its leadership. */
  state: { readonly kind: 'up' } | { readonly kind: 'down'; readonly since: number };
  step: AgentStep;
  installed: boolean;
  started: boolean;
  stopped: boolean;
  removed: boolean;
  /** The machine was booted since the last `start`. */
  rebooted: boolean;
  elected: boolean;
  charmVersion: number;
  /** How many of the application's reports have been answered by a config-changed. */
  reportsSeen: number;
  readonly relations: Map<number, KnownRelation>;
  /** Remote databags that were read, `7 taker/0` or `7 taker` (fact 10). */
  readonly cache: Map<string, Databag>;
  readonly storage: Map<string, 'attached' | 'detaching'>;
  /** When secret-expired last ran, by `ID/REVISION`. */
  readonly expired: Map<string, number>;
  /** Failures since the agent began or an operator resolved one: the exponent of the waiting time (fact 6). */
  failures: number;
  resolved: 'no' | 'retry' | 'skip';
  nextUpdateStatus: number;
}

export type AgentStep =
  | { readonly kind: 'idle' }
  | { readonly kind: 'queued'; readonly event: FakeEvent }
  /** `before`: what an action interrupts. */
  | {
      readonly kind: 'running';
      readonly event: FakeEvent;
      readonly task: string | undefined;
      readonly before: AgentStep;
    }
  /** Its process was killed: it is run again, and is no failure (fact 7). */
  | { readonly kind: 'killed'; readonly event: FakeEvent; readonly again: number }
  | { readonly kind: 'failed'; readonly event: FakeEvent; readonly retry: number };

export interface KnownRelation {
  /** The databag's version that the last changed event was about; -1 between joined and changed. */
  readonly units: Map<string, number>;
  readonly applications: Map<string, number>;
}

export interface Versioned {
  readonly version: number;
  readonly data: Databag;
}

export interface Relation {
  readonly id: number;
  /** One in a peer relation. */
  readonly ends: readonly RelationEnd[];
  life: Life;
  /** Units whose agents have entered it. */
  readonly members: Set<string>;
  /** Kept when a unit leaves: its departed event still shows them (fact 11). */
  readonly units: Map<string, Versioned>;
  readonly applications: Map<string, Versioned>;
}

export interface RelationEnd {
  readonly application: string;
  readonly endpoint: string;
}

type SecretOwner =
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'application'; readonly application: string }
  | { readonly kind: 'model' };

interface SecretRevision {
  readonly revision: number;
  readonly content: Databag;
}

export interface Secret {
  readonly id: string;
  readonly owner: SecretOwner;
  /** Of a user's secret. */
  readonly name: string;
  label: string;
  description: string;
  rotation: string;
  /** ISO 8601, as the charm gave it; of the newest revision. */
  expiry: string | undefined;
  rotates: number | undefined;
  revisions: readonly SecretRevision[];
  grants: readonly { readonly target: string; readonly relation: number | undefined }[];
  readonly consumers: Map<
    string,
    { readonly tracked: number; readonly label: string; readonly told: number }
  >;
  /** Revisions whose secret-remove has run. */
  readonly obsolete: Set<number>;
}

interface Storage {
  readonly id: string;
  readonly unit: string;
  readonly location: string;
  life: Life;
}

export interface TaskResult {
  readonly status: 'completed' | 'failed' | 'error';
  readonly message: string;
  readonly results: Readonly<Record<string, unknown>>;
}

export interface Task {
  readonly id: string;
  readonly unit: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of `juju exec`: what bash runs. */
  readonly command: string | undefined;
  state: 'pending' | 'running' | 'done';
  /** What action-log said. */
  readonly log: string[];
  result: TaskResult | undefined;
}

/** Waiting times of Juju, in milliseconds; a test on machines makes some of them shorter. */
export interface Tempo {
  readonly updateStatus: number;
  readonly firstRetry: number;
  readonly longestRetry: number;
  readonly killedAgain: number;
  /** Between the reports of one change of settings (fact 4). */
  readonly secondReport: number;
  readonly leaderGone: number;
  readonly leaderSilent: number;
  readonly expiredAgain: number;
}

const jujuTempo: Tempo = {
  updateStatus: 300_000,
  firstRetry: 5_000,
  longestRetry: 300_000,
  killedAgain: 3_000,
  secondReport: 300,
  leaderGone: 8_000,
  leaderSilent: 45_000,
  expiredAgain: 300_000,
};

export interface World {
  readonly model: { name: string; readonly uuid: string };
  readonly tempo: Tempo;
  retryHooks: 'automatic' | 'by hand';
  readonly applications: Map<string, Application>;
  readonly units: Map<string, Unit>;
  readonly relations: Map<number, Relation>;
  readonly secrets: Map<string, Secret>;
  readonly storage: Map<string, Storage>;
  readonly tasks: Map<string, Task>;
  /** Addresses of machines, once they have one. */
  readonly addresses: Map<string, { readonly address: string; readonly subnet: string }>;
  readonly next: { relation: number; storage: number; task: number };
}

export function newWorld(name: string, tempo: Partial<Tempo> = {}): World {
  return {
    model: { name, uuid: '00000000-0000-4000-8000-000000000001' },
    tempo: { ...jujuTempo, ...tempo },
    retryHooks: 'automatic',
    applications: new Map(),
    units: new Map(),
    relations: new Map(),
    secrets: new Map(),
    storage: new Map(),
    tasks: new Map(),
    addresses: new Map(),
    next: { relation: 0, storage: 0, task: 1 },
  };
}

/** What a command names and the model does not have, or what Juju refuses: its own sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export function applicationOf(world: World, name: string): Application {
  const found = world.applications.get(name);
  if (found === undefined) throw new Refused(`application "${name}" not found`);
  return found;
}

export function unitOf(world: World, name: string): Unit {
  const found = world.units.get(name);
  if (found === undefined) throw new Refused(`unit "${name}" not found`);
  return found;
}

export function unitsOf(world: World, application: string): readonly Unit[] {
  return [...world.units.values()].filter((unit) => unit.application === application);
}

function endOf(relation: Relation, application: string): RelationEnd | undefined {
  return relation.ends.find((end) => end.application === application);
}

/** The other end; in a peer relation the same one. */
export function otherEnd(relation: Relation, application: string): RelationEnd | undefined {
  return relation.ends.length === 1
    ? relation.ends[0]
    : relation.ends.find((end) => end.application !== application);
}

export function relationsOf(world: World, application: string): readonly Relation[] {
  return [...world.relations.values()].filter((relation) => endOf(relation, application) !== undefined);
}
