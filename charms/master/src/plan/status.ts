/** What `juju status` shows. Pure: what is wrong and can be mended by a person first, then what is waited for, then what runs. */
import type { Status, UnitName } from '@lpbuildbot/juju';
import type { Inputs } from '../inputs.ts';
import { messages } from '../messages.ts';

/** A pair of branches, as the promotion service reports it. */
export interface PairProgress {
  readonly project: string;
  readonly kind: 'promotion' | 'merge';
  readonly to: string;
  /** The word of its state. */
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly movedAt: number | undefined;
  readonly held: 'held' | 'free';
}

/** What the services say of themselves, after everything was done. */
export interface Progress {
  /** Names of the workers that are connected; undefined when Buildbot does not answer. */
  readonly connected: ReadonlySet<string> | undefined;
  /** undefined when the promotion service does not answer. */
  readonly pairs: readonly PairProgress[] | undefined;
}

export interface Situation {
  readonly inputs: Pick<
    Inputs,
    'unit' | 'application' | 'serving' | 'now' | 'settings' | 'secrets' | 'workers'
  >;
  /** What is wrong with what was to be used; what ran keeps running. */
  readonly complaints: readonly string[];
  readonly master: 'serving' | 'failed' | 'not-configured';
  readonly promotion: 'active' | 'shadow' | 'off' | 'failed' | 'not-configured';
  /** By Buildbot's names. */
  readonly workers: readonly string[];
  /** Images that builders need and no worker has. */
  readonly missingImages: readonly string[];
  readonly progress: Progress;
}

const TROUBLES = ['conflict', 'diverged', 'missing', 'unrelated', 'refused', 'unreachable'];
const BRANCHES_SHOWN = 4;

export function statusOf(situation: Situation): Status {
  const complaint = firstComplaint(situation);
  if (complaint !== undefined) return { status: 'blocked', message: complaint };
  const waiting = whatIsMissing(situation);
  const message = [...(waiting === undefined ? [] : [waiting]), ...running(situation)].join('; ');
  return { status: waiting === undefined ? 'active' : 'waiting', message };
}

function firstComplaint({ inputs, complaints, master, promotion, workers }: Situation): string | undefined {
  const [first] = complaints;
  if (first !== undefined) return first;
  if (master === 'failed') return messages.serviceDead('buildmaster');
  if (promotion === 'failed') return messages.serviceDead('lpbuildbot-promotion');
  if (inputs.workers.length === 0 && workers.length === 0) return messages.noWorkers(inputs.application);
  return undefined;
}

function whatIsMissing({
  inputs,
  workers,
  missingImages,
  promotion,
  progress,
}: Situation): string | undefined {
  const wrong = inputs.workers
    .flatMap(({ units }) => units)
    .flatMap(({ unit, offer }) =>
      offer.kind === 'wrong' ? [messages.workerSpeaksOther(unit, offer.problem)] : [],
    );
  if (wrong[0] !== undefined) return wrong[0];
  if (progress.connected === undefined) return messages.buildbotSilent;
  if (promotion !== 'off' && progress.pairs === undefined) return messages.promotionSilent;
  if (workers.length === 0) return messages.noWorkerYet;
  return missingImages.length > 0 ? messages.noWorkerHas(missingImages) : undefined;
}

function running({ inputs, workers, promotion, progress }: Situation): string[] {
  const silent = inputs.workers
    .flatMap(({ units }) => units)
    .filter(({ offer }) => offer.kind !== 'offer').length;
  const { connected } = progress;
  const all = workers.length + silent;
  const here = workers.filter((name) => connected?.has(name)).length;
  return [
    ...(connected === undefined ? [] : [messages.workers(here, all)]),
    ...(promotion === 'off' ? [messages.promotionOff] : promotions(progress.pairs, inputs.now)),
    ...(promotion === 'shadow' ? [messages.shadow] : []),
  ];
}

function promotions(pairs: Progress['pairs'], now: Date): string[] {
  if (pairs === undefined) return [];
  const moving = pairs.filter(({ kind }) => kind === 'promotion');
  const projects = new Set(moving.map(({ project }) => project));
  const name = ({ project, to }: PairProgress) => (projects.size > 1 ? `${project}/${to}` : to);
  const shown = moving
    .slice(0, BRANCHES_SHOWN)
    .map((pair) =>
      messages.moved(name(pair), pair.movedAt === undefined ? undefined : span(now.getTime() - pair.movedAt)),
    );
  const rest = moving.length - shown.length;
  const troubles = TROUBLES.flatMap((word) => {
    const count = pairs.filter(({ state }) => state === word).length;
    return count === 0 ? [] : [messages.trouble(count, word)];
  });
  const held = pairs.filter((pair) => pair.held === 'held').length;
  return [
    ...(shown.length === 0 ? [] : [[...shown, ...(rest > 0 ? [messages.more(rest)] : [])].join(', ')]),
    ...troubles,
    ...(held === 0 ? [] : [messages.trouble(held, 'held')]),
  ];
}

/** A length of time in one unit, without fractions: a status is written once in some minutes. */
export function span(milliseconds: number): string {
  const minutes = Math.max(0, milliseconds) / 60_000;
  if (minutes < 1) return '<1 min';
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} d`;
}

/** Of a unit that is not the master. */
export function standByStatus(unit: UnitName, serving: UnitName): Status {
  return { status: 'blocked', message: messages.otherUnitServes(serving, unit) };
}
