/**
 * The rules by which a stable branch moves (DESIGN's promotion rules 1, 2, 4 and 6). Pure: everything they depend on is in
 * the inputs, so that each rule has its test beside it.
 */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import { type Builds, colour, type KnownBuild } from './buildbot/build-store.ts';
import type { Relation } from './git/mirror.ts';
import type { PromotionPair } from './pairs.ts';
import type { Hold } from './state/holds.ts';

/** Why one required builder does not let a revision through. */
export interface Blocker {
  readonly builder: string;
  readonly state: 'red' | 'neither' | 'running' | 'not-built';
  /** The build that says so; none when nothing was built. */
  readonly build: KnownBuild | undefined;
}

/** What a server said when it declined a push, kept until it has been tried again. */
export interface Refusal {
  readonly revision: Sha;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface PromotionInputs {
  readonly pair: PromotionPair;
  readonly from: Sha | undefined;
  readonly to: Sha | undefined;
  /** Whether `to` has been there before: a branch that vanished is never made anew. */
  readonly toSeen: boolean;
  /** Undefined only when `from` is. */
  readonly relation: Relation | undefined;
  /** A reason instead, when Buildbot could not be asked. */
  readonly builds: Builds | { readonly unknown: string };
  readonly hold: Hold | undefined;
}

export type PromotionVerdict =
  | { readonly kind: 'up-to-date'; readonly tip: Sha }
  | { readonly kind: 'missing'; readonly branch: Branch }
  | { readonly kind: 'diverged'; readonly from: Sha; readonly to: Sha }
  | { readonly kind: 'builds-unknown'; readonly behind: number; readonly reason: string }
  | {
      readonly kind: 'waiting';
      readonly behind: number;
      /** The newest revision that waits, and what it waits for. */
      readonly candidate: Sha;
      readonly blockers: readonly Blocker[];
    }
  | PromotionMove
  | { readonly kind: 'held'; readonly hold: Hold; readonly would: PromotionVerdict };

export interface PromotionMove {
  readonly kind: 'move';
  readonly from: Sha | undefined;
  readonly to: Sha;
  /** How many commits the branch gains. */
  readonly gains: number;
  /** How many newer commits stay behind, red or not tested yet. */
  readonly left: number;
  readonly builds: readonly KnownBuild[];
}

export function decidePromotion(inputs: PromotionInputs): PromotionVerdict {
  const verdict = decideWithoutHold(inputs);
  // A hold changes nothing about a branch that needs no move, and hides no trouble.
  if (inputs.hold === undefined || verdict.kind !== 'move') return verdict;
  return { kind: 'held', hold: inputs.hold, would: verdict };
}

function decideWithoutHold(inputs: PromotionInputs): PromotionVerdict {
  const { pair, from, to, relation } = inputs;
  if (from === undefined || relation === undefined) return { kind: 'missing', branch: pair.from };
  if (to === undefined && inputs.toSeen) return { kind: 'missing', branch: pair.to };
  if (relation.kind === 'same') return { kind: 'up-to-date', tip: from };
  if (relation.kind === 'diverged') {
    return to === undefined ? { kind: 'missing', branch: pair.to } : { kind: 'diverged', from, to };
  }
  const { candidates } = relation;
  const { builds } = inputs;
  if ('unknown' in builds)
    return { kind: 'builds-unknown', behind: candidates.length, reason: builds.unknown };
  for (const [index, candidate] of candidates.entries()) {
    const proof = proofOfGreen(pair.requires, candidate, builds);
    if (proof === undefined) continue;
    return {
      kind: 'move',
      from: to,
      to: candidate,
      gains: candidates.length - index,
      left: index,
      builds: proof,
    };
  }
  return {
    kind: 'waiting',
    behind: candidates.length,
    candidate: from,
    blockers: pair.requires.flatMap((builder) => blocker(builder, from, builds) ?? []),
  };
}

/** The builds that make a revision green, one of each required builder; undefined when it is not green. */
function proofOfGreen(requires: readonly string[], revision: Sha, builds: Builds): KnownBuild[] | undefined {
  const proof: KnownBuild[] = [];
  for (const builder of requires) {
    const build = builds.finished(builder, revision);
    if (build === undefined || colour(build) !== 'green') return undefined;
    proof.push(build);
  }
  // No requirement at all would let everything through.
  return proof.length === 0 ? undefined : proof;
}

/** Why one required builder does not let a revision through; undefined when it does. */
export function blocker(builder: string, revision: Sha, builds: Builds): Blocker | undefined {
  const finished = builds.finished(builder, revision);
  const verdict = finished === undefined ? undefined : colour(finished);
  if (verdict === 'green') return undefined;
  const running = builds.running(builder, revision);
  if (running !== undefined) return { builder, state: 'running', build: running };
  if (finished === undefined || verdict === undefined)
    return { builder, state: 'not-built', build: undefined };
  return { builder, state: verdict, build: finished };
}

/**
 * The newest builds on which the decision rests, as far as it can tell now. Each must be known to have had no patch on
 * top before anything moves because of it, or fails to.
 */
export function restsOn(pair: PromotionPair, relation: Relation | undefined, builds: Builds): KnownBuild[] {
  if (relation?.kind !== 'ahead') return [];
  const rests: KnownBuild[] = [];
  for (const candidate of relation.candidates) {
    const found = pair.requires.flatMap((builder) => builds.finished(builder, candidate) ?? []);
    rests.push(...found);
    if (found.length === pair.requires.length && found.every((build) => colour(build) === 'green')) break;
  }
  return rests;
}
