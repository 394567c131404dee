/** What Juju and the master are told: pure. The first thing that a person can do something about comes first, then what goes on, then what is waited for. */
import type { Status } from '@lpbuildbot/juju';
import type { WorkerDatabag } from '@lpbuildbot/pipeline/worker-relation';
import type { Inputs } from './inputs.ts';
import { status } from './messages.ts';
import { digestOf, holderOf, pendingUpgrade } from './plan.ts';

/** What came of a step that did not succeed. */
export interface Problem {
  /** `busy` goes away by itself. */
  readonly kind: 'failed' | 'busy';
  readonly sentence: string;
}

export type Outcome = 'done' | Problem;

export interface Report {
  readonly status: Status;
  /** Nothing while the master had better know what it knew. */
  readonly offer: WorkerDatabag | undefined;
}

export function report(inputs: Inputs, problems: readonly Problem[]): Report {
  return { status: statusOf(inputs, problems), offer: offerOf(inputs) };
}

function offerOf({ phase, settings, facts, master }: Inputs): WorkerDatabag | undefined {
  if (
    phase !== 'staying' ||
    settings.kind !== 'good' ||
    facts.helpers === undefined ||
    master.kind === 'none'
  )
    return undefined;
  if (facts.lxd.kind === 'unreachable') return undefined;
  return {
    version: '1',
    images: facts.lxd.kind === 'there' ? [...facts.lxd.images] : [],
    capacity: settings.settings.maxBuilds,
    arch: facts.architecture,
    helpers: facts.helpers,
  };
}

function statusOf(inputs: Inputs, problems: readonly Problem[]): Status {
  if (inputs.phase === 'leaving') return { status: 'maintenance', message: status.left };
  return (
    blocked(inputs, problems) ??
    busy(inputs, problems) ??
    waiting(inputs) ?? { status: 'active', message: active(inputs) }
  );
}

function blocked(inputs: Inputs, problems: readonly Problem[]): Status | undefined {
  const message = reasonToAct(inputs, problems);
  return message === undefined ? undefined : { status: 'blocked', message };
}

function reasonToAct(inputs: Inputs, problems: readonly Problem[]): string | undefined {
  const { settings, facts, deb, master } = inputs;
  const holder = holderOf(inputs);
  if (holder !== undefined) return status.machineTaken(holder);
  if (settings.kind === 'wrong') return status.settingsWrong(settings.mistakes);
  const [problem] = problems;
  if (problem !== undefined) return problem.kind === 'failed' ? problem.sentence : undefined;
  const { helpers, lxd, memory, imagesResult, worker } = facts;
  if (helpers === undefined && deb === undefined && settings.settings.source.kind === 'none') {
    return status.noPackage;
  }
  if (lxd.kind === 'unreachable') return status.lxdUnreachable(lxd.why);
  const refusal = digestOf(`${helpers} ${settings.settings.images}`);
  if (memory.refused?.digest === refusal) return status.recipesRefused(memory.refused.why);
  if (master.kind === 'none') return status.noMaster;
  if (master.kind === 'strange') return status.strangeMaster(master.unit, master.problem);
  if (
    memory.joined !== undefined &&
    memory.drained !== true &&
    (worker === 'failed' || worker === 'stopped')
  ) {
    return status.workerDown;
  }
  if (facts.imagesRun === 'none' && imagesResult !== undefined) {
    const [failure, ...others] = imagesResult.failures;
    if (failure !== undefined) return status.imageFailed(failure.image, failure.why, others.length);
  }
  return undefined;
}

function busy({ facts }: Inputs, problems: readonly Problem[]): Status | undefined {
  const waits = problems.find(({ kind }) => kind === 'busy');
  if (waits !== undefined) return { status: 'waiting', message: waits.sentence };
  const builds = facts.lxd.kind === 'there' ? facts.lxd.builds : 0;
  if (facts.memory.drained === true) {
    const message = facts.worker === 'running' ? status.draining(builds) : status.drained;
    return { status: 'maintenance', message };
  }
  if (facts.imagesRun !== 'none')
    return { status: 'maintenance', message: status.makingImage(facts.imagesRun) };
  return undefined;
}

function waiting({ master, facts, unit }: Inputs): Status | undefined {
  if (facts.helpers === undefined) return { status: 'waiting', message: status.notInstalled };
  switch (master.kind) {
    case 'silent':
      return { status: 'waiting', message: status.silentMaster };
    case 'no-credentials':
      return { status: 'waiting', message: status.noCredentials(master.unit, unit) };
    default:
      return undefined;
  }
}

function active({ facts, settings }: Inputs): string {
  const lxd = facts.lxd.kind === 'there' ? facts.lxd : { images: [], builds: 0 };
  const isManual = settings.kind === 'good' && settings.settings.upgrade === 'manual';
  return status.active(lxd.images, lxd.builds, facts.helpers ?? '', pendingUpgrade(facts), isManual);
}
