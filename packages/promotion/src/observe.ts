/** Reads everything that the decisions about some pairs of one remote depend on, once, and hands it over as a value. */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import { branchesOf } from './apply.ts';
import type { KnownBuilds } from './buildbot/known-builds.ts';
import { BuildbotError } from './buildbot/rest.ts';
import { restsOn } from './decide-promotion.ts';
import type { Mirror } from './git/mirror.ts';
import type { MergePair, Pair, PromotionPair } from './pairs.ts';
import type { PairInputs } from './plan.ts';
import type { Refs, Remote } from './remote.ts';
import { type Due, due } from './schedule.ts';
import { type Holds, readHolds } from './state/holds.ts';
import type { Memory } from './state/memory.ts';

export interface Eyes {
  readonly remote: Remote;
  readonly mirror: Mirror;
  readonly url: string;
  readonly fetchTimeoutMs: number;
  readonly builds: KnownBuilds;
  /** Why nothing is known of the builds at the moment, if so. */
  readonly buildsProblem: () => string | undefined;
  readonly state: string;
  readonly memory: Memory;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Observation {
  readonly refs: Refs;
  readonly inputs: readonly PairInputs[];
}

/**
 * @param byHand pairs whose merge somebody has just asked for: they are due.
 * Throws GitError, RemoteError or MirrorError when the remote or the copy could not be read.
 */
export async function observe(
  pairs: readonly Pair[],
  byHand: ReadonlySet<string>,
  eyes: Eyes,
): Promise<Observation> {
  const branches = branchesOf(pairs);
  const [refs, holds, heardProblem] = await Promise.all([
    eyes.remote.readRefs(branches),
    readHolds(eyes.state),
    problemOf(eyes.builds.caughtUp()),
  ]);
  for (const branch of refs.keys()) eyes.memory.see(eyes.url, branch);
  await eyes.mirror.bring(eyes.url, [...refs.keys()], [...refs.values()], eyes.fetchTimeoutMs);

  const problem = eyes.buildsProblem() ?? heardProblem;
  const inputs: PairInputs[] = [];
  for (const pair of pairs) {
    const seen = { from: refs.get(pair.from), to: refs.get(pair.to) };
    inputs.push(
      pair.kind === 'promotion'
        ? await promotionInputs(pair, seen, holds, problem, eyes)
        : await mergeInputs(pair, seen, holds, byHand, eyes),
    );
  }
  return { refs, inputs };
}

interface Seen {
  readonly from: Sha | undefined;
  readonly to: Sha | undefined;
}

async function promotionInputs(
  pair: PromotionPair,
  { from, to }: Seen,
  holds: Holds,
  problem: string | undefined,
  eyes: Eyes,
): Promise<PairInputs> {
  const relation = from === undefined ? undefined : await eyes.mirror.relation(from, to);
  let unknown = problem;
  // What is learned here can change what the decision rests on: until nothing new turns up.
  for (;;) {
    if (unknown !== undefined) break;
    const open = restsOn(pair, relation, eyes.builds).filter((build) => !eyes.builds.isSettled(build));
    if (open.length === 0) break;
    unknown = await problemOf(eyes.builds.settle(open));
  }
  return {
    pair,
    from,
    to,
    toSeen: eyes.memory.hasSeen(eyes.url, pair.to),
    relation,
    builds: unknown === undefined ? eyes.builds : { unknown },
    hold: holds.get(pair.id),
  };
}

async function mergeInputs(
  pair: MergePair,
  { from, to }: Seen,
  holds: Holds,
  byHand: ReadonlySet<string>,
  eyes: Eyes,
): Promise<PairInputs> {
  return {
    pair,
    from,
    to,
    relation: from === undefined || to === undefined ? undefined : await eyes.mirror.mergeRelation(to, from),
    due: byHand.has(pair.id) ? { kind: 'now' } : dueNow(pair, eyes),
    hold: holds.get(pair.id),
  };
}

function dueNow(pair: MergePair, eyes: Eyes): Due {
  const now = eyes.now();
  let considered = eyes.memory.considered(pair.id);
  // Without a memory the next tick counts. A time in the future comes from a clock that was wrong then, or is now.
  if (pair.schedule.kind === 'cron' && (considered === undefined || considered > now)) {
    eyes.memory.consider(pair.id, now);
    considered = now;
  }
  return due(pair.schedule, considered ?? now, now);
}

/** Buildbot's failures are part of what is observed: branches can still be merged without it. */
async function problemOf(asking: Promise<void>): Promise<string | undefined> {
  try {
    await asking;
    return undefined;
  } catch (error) {
    if (error instanceof BuildbotError) return error.message;
    throw error;
  }
}

/** Which of these branches another look should start from, after these have moved. */
export function touching(pairs: readonly Pair[], moved: ReadonlySet<Branch>): string[] {
  return pairs.filter((pair) => moved.has(pair.from) || moved.has(pair.to)).map((pair) => pair.id);
}
