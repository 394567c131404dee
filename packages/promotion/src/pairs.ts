/** The branch pairs that the pipeline files name, each with an identity that messages, holds and the audit log share. */
import type { Branch, Merge, Pipeline, Promotion, Schedule } from '@lpbuildbot/pipeline';
import { messages } from './messages.ts';

export interface PromotionPair {
  readonly kind: 'promotion';
  /** `project: from -> to` */
  readonly id: string;
  readonly project: string;
  readonly from: Branch;
  readonly to: Branch;
  readonly requires: readonly string[];
  readonly testfix: boolean;
}

export interface MergePair {
  readonly kind: 'merge';
  readonly id: string;
  readonly project: string;
  readonly from: Branch;
  readonly to: Branch;
  readonly schedule: Schedule;
}

export type Pair = PromotionPair | MergePair;

/** What tells a pair from others. */
export type PairName = Pick<Pair, 'id' | 'project'> & { readonly from: string; readonly to: string };

/** All pairs that live in one remote repository; each is looked at by itself, and none can delay another. */
export interface RemotePairs {
  readonly url: string;
  readonly pairs: readonly Pair[];
}

export function pairId(project: string, from: Branch, to: Branch): string {
  return `${project}: ${from} -> ${to}`;
}

/**
 * The remote that a pipeline's pairs live in. What is pushed to is also what is read, since only that says where a branch is; in shadow mode
 * nothing is pushed, so that the repository that everybody may read is enough.
 */
export const remoteOf = ({ repository, push }: Pipeline, mode: 'active' | 'shadow'): string =>
  mode === 'shadow' ? repository : push;

/** Groups the pairs by the remote they live in. */
export function groupByRemote(pipelines: readonly Pipeline[], mode: 'active' | 'shadow'): RemotePairs[] {
  const remotes = new Map<string, RemotePairs & { readonly pairs: Pair[] }>();
  for (const pipeline of pipelines) {
    const url = remoteOf(pipeline, mode);
    const remote = remotes.get(url) ?? { url, pairs: [] };
    remotes.set(url, remote);
    for (const promotion of pipeline.promotions) remote.pairs.push(promotionPair(pipeline, promotion));
    for (const merge of pipeline.merges) remote.pairs.push(mergePair(pipeline, merge));
  }
  return [...remotes.values()].filter((remote) => remote.pairs.length > 0);
}

function promotionPair(pipeline: Pipeline, promotion: Promotion): PromotionPair {
  const { project, testfix } = pipeline;
  return {
    kind: 'promotion',
    id: pairId(project, promotion.from, promotion.to),
    project,
    testfix,
    ...promotion,
  };
}

function mergePair(pipeline: Pipeline, merge: Merge): MergePair {
  const { from, into: to, schedule } = merge;
  return {
    kind: 'merge',
    id: pairId(pipeline.project, from, to),
    project: pipeline.project,
    from,
    to,
    schedule,
  };
}

export interface PairWords {
  /** One of the pair's branches; the other one too when `from` is given. */
  readonly branch: string;
  readonly from?: string | undefined;
  readonly project?: string | undefined;
}

/**
 * The pairs that an operator means: those that end in the named branch, or else those that start from it.
 */
export function matchPairs<P extends PairName>(pairs: readonly P[], words: PairWords): P[] {
  const candidates = pairs.filter((pair) => words.project === undefined || pair.project === words.project);
  if (words.from !== undefined) {
    return candidates.filter((pair) => pair.from === words.from && pair.to === words.branch);
  }
  const ending = candidates.filter((pair) => pair.to === words.branch);
  return ending.length > 0 ? ending : candidates.filter((pair) => pair.from === words.branch);
}

/** The one pair that an operator means, or why there is not one. */
export function choosePair<P extends PairName>(
  pairs: readonly P[],
  words: PairWords,
): { readonly kind: 'chosen'; readonly pair: P } | { readonly kind: 'refused'; readonly reason: string } {
  const matches = matchPairs(pairs, words);
  const [pair] = matches;
  const said = words.from === undefined ? words.branch : `${words.from} ${words.branch}`;
  if (pair === undefined) return { kind: 'refused', reason: messages.noSuchPair(said, pairs) };
  if (matches.length > 1) return { kind: 'refused', reason: messages.severalPairs(said, matches) };
  return { kind: 'chosen', pair };
}
