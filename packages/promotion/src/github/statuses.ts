/**
 * Which commit statuses a repository should have for what is known of a promotion: one for each required builder that has
 * looked at the commit, one for the pair. Pure.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import { type Builds, colour, type KnownBuild } from '../buildbot/build-store.ts';
import { blocker, type PromotionVerdict, type Refusal } from '../decide-promotion.ts';
import type { PromotionPair } from '../pairs.ts';
import { githubMessages } from './messages.ts';

/** As GitHub has it. */
export interface Status {
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string;
  /** Empty for none. */
  readonly target_url: string;
}

export interface StatusInputs {
  readonly pair: PromotionPair;
  readonly from: Sha;
  readonly verdict: PromotionVerdict;
  readonly refusal: Refusal | undefined;
  readonly builds: Builds;
  /** Whether the revision is on the stable branch. */
  readonly isStable: boolean;
  /** Where a build can be looked at. */
  readonly link: (build: KnownBuild) => string;
}

/** The longest description that GitHub takes, in characters. */
const LONGEST = 140;

/** All contexts of ours begin with this. */
export const PREFIX = 'lpbuildbot/';

function pairContext(pair: { readonly id: string }): string {
  return `${PREFIX}${pair.id}`;
}

/** The statuses that a revision should have. */
export function statusesOf(revision: Sha, inputs: StatusInputs): Status[] {
  const { pair, builds, link } = inputs;
  const built = pair.requires.flatMap((builder) => builderStatus(builder, revision, builds, link) ?? []);
  const whole = pairStatus(revision, inputs);
  return whole === undefined ? built : [...built, whole];
}

function builderStatus(
  builder: string,
  revision: Sha,
  builds: Builds,
  link: StatusInputs['link'],
): Status | undefined {
  const finished = builds.finished(builder, revision);
  const running = builds.running(builder, revision);
  const says = finished === undefined ? 'neither' : colour(finished);
  const build = running !== undefined && says === 'neither' ? running : (finished ?? running);
  if (build === undefined) return undefined;
  const context = `${PREFIX}${builder}`;
  const target_url = link(build);
  if (build.result === undefined) {
    return { context, target_url, state: 'pending', description: githubMessages.buildRuns(build) };
  }
  const state = { green: 'success', red: 'failure', neither: 'error' } as const;
  return { context, target_url, state: state[says], description: githubMessages.buildEnded(build) };
}

/** How far a revision is on its way to the stable branch; undefined while nothing is to be said. */
function pairStatus(revision: Sha, inputs: StatusInputs): Status | undefined {
  const { pair, verdict, refusal, builds, isStable } = inputs;
  const say = (state: Status['state'], description: string): Status => ({
    context: pairContext(pair),
    state,
    description: cut(description),
    target_url: '',
  });
  if (isStable) return say('success', githubMessages.onBranch(pair.to));
  if (verdict.kind === 'diverged') return say('error', githubMessages.diverged(pair.from, pair.to));
  if (refusal?.revision === revision) return say('error', refusal.reason);
  if (verdict.kind === 'held' && verdict.would.kind === 'move' && verdict.would.to === revision) {
    return say('pending', githubMessages.held(verdict.hold.who, verdict.hold.why));
  }
  const blockers = pair.requires.flatMap((builder) => blocker(builder, revision, builds) ?? []);
  if (blockers.length === 0) return say('pending', githubMessages.green(pair.to));
  const red = blockers.some(({ state }) => state === 'red');
  return say(red ? 'failure' : 'pending', githubMessages.blocked(blockers));
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`;
}

/** What has to be sent, given what a commit has. */
export function missingOf(wanted: readonly Status[], has: ReadonlyMap<string, Status>): Status[] {
  return wanted.filter((status) => {
    const there = has.get(status.context);
    return (
      there?.state !== status.state ||
      there.description !== status.description ||
      there.target_url !== status.target_url
    );
  });
}
