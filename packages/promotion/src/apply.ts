/**
 * Does one step. Each is safe to do twice and to die in the middle of: the remote compares the old value, and an intent
 * on disk remembers what the audit log is owed.
 */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import type { Mirror } from './git/mirror.ts';
import { type PushOutcome, push } from './git/remote.ts';
import type { Git } from './git/run.ts';
import { messages } from './messages.ts';
import { evidence, type Step } from './plan.ts';
import type { AuditEvent } from './state/audit.ts';
import type { Intent, Intents } from './state/intents.ts';

export interface Tools {
  readonly git: Git;
  readonly mirror: Mirror;
  readonly url: string;
  readonly pushTimeoutMs: number;
  readonly author: { readonly name: string; readonly email: string };
  readonly intents: Intents;
  readonly tell: (event: AuditEvent) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds since this process heard that the newest of these builds ended; undefined when it did not hear it. */
  readonly sinceHeard: (builds: readonly { readonly buildid: number }[]) => number | undefined;
}

export type PushStep = Exclude<Step, { kind: 'tell' | 'consider' }>;

/** Moves a branch as the step says. After `unclear` the intent stays, for the next look to settle. */
export async function applyPush(step: PushStep, tools: Tools): Promise<PushOutcome & { readonly to: Sha }> {
  const intent = await intentOf(step, tools);
  await tools.intents.begin(intent);
  const outcome = await push(
    tools.git,
    {
      directory: tools.mirror.directory,
      url: tools.url,
      branch: step.branch,
      expected: step.expected,
      revision: intent.to,
    },
    tools.pushTimeoutMs,
  );
  if (outcome.kind === 'moved') await settle(intent, tools, undefined);
  else if (outcome.kind !== 'unclear') await tools.intents.end(step.pair.id);
  return { ...outcome, to: intent.to };
}

async function intentOf(step: PushStep, tools: Tools): Promise<Intent> {
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
 * Compares an intent that an earlier push left open with where the branch is now.
 * @returns whether the remote had taken it.
 */
export async function settleOpen(intent: Intent, now: Sha | undefined, tools: Tools): Promise<boolean> {
  const done = now !== undefined && (await isDone(intent, now, tools));
  if (done) await settle(intent, tools, 'restart');
  else await tools.intents.end(intent.pair);
  return done;
}

/**
 * A merge commit of ours can only have come there by our push. A tested revision may be below where the branch is now
 * because somebody else went past it, and then nothing shows that our push was taken.
 */
async function isDone(intent: Intent, now: Sha, tools: Tools): Promise<boolean> {
  return intent.kind === 'merge' ? await tools.mirror.contains(now, intent.to) : now === intent.to;
}

/** Pays the audit log what it is owed. */
async function settle(intent: Intent, tools: Tools, after: 'restart' | undefined): Promise<void> {
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
