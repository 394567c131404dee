/** Buildbot's queue and workers, by builder. Pure. */
import type { PendingRequest, Worker } from '../buildbot/rest.ts';

export const workerStates = ['available', 'paused', 'draining', 'disconnected'] as const;
type WorkerCounts = Readonly<Record<Worker['state'], number>>;

interface BuilderFigures {
  /** How many build requests wait for a worker. */
  readonly waiting: number;
  /** Since when the oldest of them waits, in seconds since the epoch; undefined when none does. */
  readonly waitingSince: number | undefined;
  /** The workers that it may use. */
  readonly workers: WorkerCounts;
}

export interface BuildbotFigures {
  /** All that the configuration has, each once. */
  readonly workers: WorkerCounts;
  /** By name: the builders that have workers, or requests that wait. */
  readonly builders: ReadonlyMap<string, BuilderFigures>;
}

interface Answers {
  readonly workers: readonly Worker[];
  readonly pending: readonly PendingRequest[];
  /** The name of a builder, if it has been heard of. */
  readonly nameOf: (builderid: number) => string | undefined;
}

const noWorkers: WorkerCounts = { available: 0, paused: 0, draining: 0, disconnected: 0 };
const nothing: BuilderFigures = { waiting: 0, waitingSince: undefined, workers: noWorkers };

export function buildbotFigures({ workers, pending, nameOf }: Answers): BuildbotFigures {
  const builders = new Map<string, BuilderFigures>();
  const change = (builderid: number, by: (builder: BuilderFigures) => BuilderFigures) => {
    const name = nameOf(builderid);
    if (name !== undefined) builders.set(name, by(builders.get(name) ?? nothing));
  };
  let all = noWorkers;
  // Buildbot remembers every worker that it ever had.
  for (const { state, builderids } of workers.filter((worker) => worker.builderids.length > 0)) {
    all = withOneMore(all, state);
    for (const builderid of builderids)
      change(builderid, (builder) => ({ ...builder, workers: withOneMore(builder.workers, state) }));
  }
  for (const { builderid, submittedAt } of pending) {
    change(builderid, (builder) => ({
      ...builder,
      waiting: builder.waiting + 1,
      waitingSince: Math.min(builder.waitingSince ?? submittedAt, submittedAt),
    }));
  }
  return { workers: all, builders };
}

function withOneMore(counts: WorkerCounts, state: Worker['state']): WorkerCounts {
  return { ...counts, [state]: counts[state] + 1 };
}
