/** Values for this package's own tests. */
import { type Branch, branchSchema, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import type { Builds, KnownBuild, ResultWord } from './buildbot/build-store.ts';
import { type MergePair, type PromotionPair, pairId } from './pairs.ts';

/** A commit id that is recognised in failures: `sha(0xa)` is forty times `a`, roughly. */
export function sha(digit: number): Sha {
  return shaSchema.parse(digit.toString(16).repeat(40).slice(0, 40));
}

export function branch(name: string): Branch {
  return branchSchema.parse(name);
}

export function promotionPair(change: Partial<PromotionPair> = {}): PromotionPair {
  const from = branch('master');
  const to = branch('stable');
  return {
    kind: 'promotion',
    id: pairId('demo', from, to),
    project: 'demo',
    from,
    to,
    requires: ['tests'],
    testfix: false,
    ...change,
  };
}

export function mergePair(change: Partial<MergePair> = {}): MergePair {
  const from = branch('stable');
  const to = branch('db-devel');
  return {
    kind: 'merge',
    id: pairId('demo', from, to),
    project: 'demo',
    from,
    to,
    schedule: { kind: 'promotion' },
    ...change,
  };
}

let nextBuild = 0;

export function build(
  revision: Sha,
  result: ResultWord | 'running',
  change: Partial<KnownBuild> = {},
): KnownBuild {
  nextBuild += 1;
  return {
    builder: 'tests',
    buildid: nextBuild,
    number: nextBuild,
    buildrequestid: nextBuild,
    revision,
    startedAt: 1000,
    finishedAt: result === 'running' ? undefined : 2000,
    result: result === 'running' ? undefined : result,
    ...change,
  };
}

/** Builds as the rules see them, from a plain list in the order in which they began. */
export function builds(...all: readonly KnownBuild[]): Builds {
  const newest = (fits: (candidate: KnownBuild) => boolean) => all.findLast(fits);
  return {
    finished: (builder, revision) =>
      newest((b) => b.builder === builder && b.revision === revision && b.result !== undefined),
    running: (builder, revision) =>
      newest((b) => b.builder === builder && b.revision === revision && b.result === undefined),
    last: (builder) => newest((b) => b.builder === builder && b.result !== undefined),
  };
}
