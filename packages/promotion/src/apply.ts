/**
 * Does one step. Each is safe to do twice and to die in the middle of: the remote compares the old value, and an intent
 * on disk remembers what the audit log is owed.
 */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import type { Mirror } from './git/mirror.ts';
import { messages } from './messages.ts';
import { evidence, type Step } from './plan.ts';
import type { PushOutcome, Remote, ServerMerge } from './remote.ts';
import type { AuditEvent } from './state/audit.ts';
import type { Intent, Intents } from './state/intents.ts';

export interface Tools {
  readonly remote: Remote;
  readonly mirror: Mirror;
  readonly author: { readonly name: string; readonly email: string };
  readonly intents: Intents;
  readonly tell: (event: AuditEvent) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds since this process heard that the newest of these builds ended; undefined when it did not hear it. */
  readonly sinceHeard: (builds: readonly { readonly buildid: number }[]) => number | undefined;
}

/** How long a push without an answer may come through after all, in milliseconds. */
const DOUBT_MS = 10 * 60_000;

export type PushStep = Exclude<Step, { kind: 'tell' | 'consider' }>;

type MergeStep = Extract<PushStep, { kind: 'merge' }>;
/** An intent whose outcome is known by its commit. */
type Push = Intent & { readonly to: Sha };
type Applied = Exclude<PushOutcome, { kind: 'moved' }> | { readonly kind: 'moved'; readonly to: Sha };

/** Moves a branch as the step says. After `unclear` the intent stays, for the next look to settle. */
export async function applyPush(step: PushStep, tools: Tools): Promise<Applied> {
  const { merge } = tools.remote;
  if (step.kind === 'merge' && merge !== undefined) return await mergeAtServer(step, merge, tools);
  const intent = await intentOf(step, tools);
  const before = tools.intents.get(intent.pair);
  await tools.intents.begin(intent);
  const { branch, expected } = step;
  const outcome = await tools.remote.push({ branch, expected, revision: intent.to });
  if (outcome.kind === 'moved') {
    await settle(intent, tools, undefined);
    return { ...outcome, to: intent.to };
  }
  await leaveOpen(outcome, intent, before, tools);
  return outcome;
}

/** Keeps what is left to find out after a push that was not confirmed. */
async function leaveOpen(
  outcome: Exclude<PushOutcome, { kind: 'moved' }>,
  intent: Intent,
  before: Intent | undefined,
  { intents, now }: Tools,
): Promise<void> {
  if (outcome.kind === 'unclear') await intents.begin({ ...intent, doubtfulSince: now() });
  // The branch may have been elsewhere because an earlier push of ours has come through after all.
  else if (before !== undefined) await intents.begin(before);
  else await intents.end(intent.pair);
}

async function mergeAtServer(
  step: MergeStep,
  merge: NonNullable<Remote['merge']>,
  tools: Tools,
): Promise<Applied> {
  const { branch, expected, merged, reason } = step;
  const message = messages.mergeCommit(step.pair, merged);
  const pair = step.pair.id;
  const intent: Intent = { kind: 'merge', pair, branch, from: expected, merged, message, reason };
  const wanted: ServerMerge = { branch, expected, merged, message };
  const before = tools.intents.get(pair);
  await tools.intents.begin(intent);
  const outcome = await merge(wanted);
  if (outcome.kind === 'merged') {
    await settle({ ...intent, from: outcome.from, to: outcome.to }, tools, undefined);
    return { kind: 'moved', to: outcome.to };
  }
  await leaveOpen(outcome, intent, before, tools);
  return outcome;
}

async function intentOf(step: PushStep, tools: Tools): Promise<Push> {
  const { branch, reason } = step;
  const pair = step.pair.id;
  if (step.kind === 'move') {
    const builds = step.builds.map(evidence);
    return { kind: 'move', pair, branch, from: step.expected ?? null, to: step.revision, builds, reason };
  }
  const to = await tools.mirror.commit(step.tree, [step.expected, step.merged], {
    message: messages.mergeCommit(step.pair, step.merged),
    ...tools.author,
    time: tools.now() / 1000,
  });
  return { kind: 'merge', pair, branch, from: step.expected, to, merged: step.merged, reason };
}

/**
 * Compares an intent that an earlier push left open with where the branch is now, and pays what is owed.
 * @param told the last move of the pair that the audit log has.
 */
export async function settleOpen(
  intent: Intent,
  now: Sha | undefined,
  told: Sha | undefined,
  tools: Tools,
): Promise<void> {
  const to = now === undefined ? undefined : await landed(intent, now, tools);
  if (to === undefined && isDoubtful(intent, tools.now())) return;
  if (to === undefined || to === told) await tools.intents.end(intent.pair);
  else await settle({ ...intent, to }, tools, 'restart');
}

/** A server may be at work on what nobody waits for any more. Nothing waits for that; its entry in the log does. */
function isDoubtful({ doubtfulSince }: Intent, now: number): boolean {
  return doubtfulSince !== undefined && Math.abs(now - doubtfulSince) < DOUBT_MS;
}

/**
 * What the remote took of an intent. A merge commit of ours can only have come there by our push. A tested revision may
 * be below where the branch is now because somebody else went past it, and then nothing shows that our push was taken.
 */
async function landed(intent: Intent, now: Sha, { mirror }: Tools): Promise<Sha | undefined> {
  if (intent.kind === 'move') return now === intent.to ? now : undefined;
  const { from, merged, message = '', to } = intent;
  if (to === undefined) return await mirror.findMerge({ since: from, until: now, merged, message });
  return (await mirror.contains(now, to)) ? to : undefined;
}

/** Pays the audit log what it is owed. */
async function settle(intent: Push, tools: Tools, after: 'restart' | undefined): Promise<void> {
  const { pair, branch, to, reason } = intent;
  const how = after === undefined ? {} : { after };
  if (intent.kind === 'move') {
    const latencyMs = after === undefined ? tools.sinceHeard(intent.builds) : undefined;
    const timing = latencyMs === undefined ? {} : { latencyMs };
    const { from, builds } = intent;
    await tools.tell({ event: 'moved', pair, branch, from, to, builds, reason, ...timing, ...how });
  } else {
    await tools.tell({
      event: 'merged',
      pair,
      branch,
      from: intent.from,
      to,
      merged: intent.merged,
      reason,
      ...how,
    });
  }
  await tools.intents.end(pair);
}

/** The branch names of pairs, each once. */
export function branchesOf(pairs: readonly { readonly from: Branch; readonly to: Branch }[]): Branch[] {
  return [...new Set(pairs.flatMap((pair) => [pair.from, pair.to]))];
}
