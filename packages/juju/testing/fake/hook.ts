/**
 * One run of a hook or an action, as Juju's agent keeps it: what holds since it began, what takes effect at once, and what waits
 * for its end. The tools work on this; `finish.ts` applies what waits.
 */
import { readFileSync } from 'node:fs';
import type { Databag } from '../../src/databag.ts';
import type { Charmcraft } from '../charmcraft.ts';
import type { FakeEvent } from '../events.ts';
import type { OpenedPortState, RelationState, State } from '../state.ts';
import { misuse, quoted } from './flags.ts';
import { type SecretChanges, unchangedSecrets } from './secret-changes.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
}

export type ResultTree = { [key: string]: string | ResultTree };

export interface Hook {
  readonly charm: Charmcraft;
  readonly event: FakeEvent;
  /** As it was when the hook began. */
  readonly base: State;
  /** Takes effect at once, and stays whatever becomes of the hook. */
  readonly now: {
    status: State['status'];
    applicationStatus: State['applicationStatus'];
    workloadVersion: string;
    log: LogLine[];
    actionLog: string[];
    /** Statuses set, in order. */
    statuses: State['status'][];
    /** Which revision of a secret this unit reads, and the label that it gave it. */
    readonly tracked: Map<string, number>;
    readonly labels: Map<string, string>;
  };
  /** Waits for the end. */
  readonly later: {
    readonly unitData: Map<number, Databag>;
    readonly applicationData: Map<number, Databag>;
    stored: Databag;
    ports: OpenedPortState[];
    /** Ports open for all endpoints that are to be closed for one. */
    readonly narrowed: Map<string, Set<string>>;
    readonly storage: Map<string, number>;
    readonly secrets: SecretChanges;
    reboot: 'none' | 'after-hook';
  };
  readonly action: { readonly results: ResultTree; outcome: 'done' | 'failed'; message: string };
  /** status-get keeps its first answer. */
  firstStatus: State['status'] | undefined;
  readonly surroundings: Surroundings;
}

/** What the tools reach for outside of the state; whoever serves them to another machine passes its own. */
export interface Surroundings {
  /** Ends the run at once, as Juju kills the process in `juju-reboot --now`. */
  readonly kill: () => void;
  /** A file that an argument names; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The ID of a secret that is being made: 20 characters of 0-9 and a-v; by default counted, so that tests can tell them. */
  readonly newSecretId: (hook: Hook) => string;
}

export function beginHook(
  charm: Charmcraft,
  base: State,
  event: FakeEvent,
  { kill, readFile = (path) => readFileSync(path, 'utf8'), newSecretId = countedId }: GivenSurroundings,
): Hook {
  return {
    charm,
    event,
    base,
    now: {
      status: base.status,
      applicationStatus: base.applicationStatus,
      workloadVersion: base.workloadVersion,
      log: [],
      actionLog: [],
      statuses: [],
      tracked: new Map(),
      labels: new Map(),
    },
    later: {
      unitData: new Map(base.relations.map(({ id, unitData }) => [id, unitData])),
      applicationData: new Map(base.relations.map(({ id, applicationData }) => [id, applicationData])),
      stored: base.stored,
      ports: [...base.openedPorts],
      narrowed: new Map(),
      storage: new Map(),
      secrets: unchangedSecrets(),
      reboot: 'none',
    },
    action: { results: {}, outcome: 'done', message: '' },
    firstStatus: undefined,
    surroundings: { kill, readFile, newSecretId },
  };
}

type GivenSurroundings = Pick<Surroundings, 'kill'> & Partial<Surroundings>;

function countedId({ base, later }: Hook): string {
  const number = base.secrets.length + later.secrets.created.size + later.secrets.removed.size;
  return `added${number.toString(32).padStart(14, '0')}0`;
}

export function applicationName(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

/** The relation that `-r` names, or that the event is about. */
export function relationOf(hook: Hook, flags: ReadonlyMap<string, string>): RelationState {
  const option = flags.has('-r') ? '-r' : '--relation';
  const given = flags.get(option);
  if (given === undefined) {
    const current = hook.event.kind === 'relation' ? hook.event.relation : undefined;
    return hook.base.relations.find(({ id }) => id === current) ?? misuse('no relation id specified');
  }
  const wrong = (reason: string): never =>
    misuse(`invalid value ${quoted(given)} for option ${option}: ${reason}`);
  const number = given.slice(given.lastIndexOf(':') + 1);
  if (!/^[+-]?\d+$/.test(number)) return wrong('invalid relation id');
  return hook.base.relations.find(({ id }) => id === Number(number)) ?? wrong('relation not found');
}
