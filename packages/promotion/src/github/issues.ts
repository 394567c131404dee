/**
 * What is to be done about the issues of conflicts, from what GitHub shows and what is known of the branches. Nothing is
 * remembered: an issue is known by a mark in its text, and its text says whether its conflict has ended. Pure.
 */
import { type ConflictFacts, githubMessages } from './messages.ts';

export interface Issue {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body: string;
}

export interface MergeState {
  readonly pair: string;
  readonly facts: Omit<ConflictFacts, 'fromTip' | 'toTip' | 'files'>;
  /** Undefined when the branches are not in conflict. */
  readonly conflict: ConflictFacts | undefined;
}

export type IssueStep =
  | { readonly kind: 'open'; readonly title: string; readonly body: string }
  | { readonly kind: 'update'; readonly number: number; readonly body: string }
  | { readonly kind: 'close'; readonly number: number; readonly body: string; readonly comment: string }
  /** Somebody has closed it before its conflict had ended: it is only marked as over. */
  | { readonly kind: 'end'; readonly number: number; readonly body: string };

/** In a comment of Markdown's; encoded, so that no branch name can end it. */
function markOf(pair: string, what: 'conflict' | 'ended'): string {
  return `<!-- lpbuildbot:${what} ${encodeURIComponent(pair)} -->`;
}

/** @param issues those that GitHub has, the newest first. */
export function issueStep(state: MergeState, issues: readonly Issue[]): IssueStep | undefined {
  const { pair, facts, conflict } = state;
  const latest = issues.find(({ body }) => body.includes(markOf(pair, 'conflict')));
  const ended = latest?.body.includes(markOf(pair, 'ended')) ?? true;
  if (conflict !== undefined) {
    const body = `${githubMessages.issueBody(conflict)}\n\n${markOf(pair, 'conflict')}`;
    if (latest === undefined || (ended && latest.state === 'closed')) {
      return { kind: 'open', title: githubMessages.issueTitle(conflict), body };
    }
    // One that a person has closed is left in peace until the next conflict.
    if (latest.state === 'closed' || sameText(latest.body, body)) return undefined;
    return { kind: 'update', number: latest.number, body };
  }
  // One that somebody has opened again after its end is theirs.
  if (latest === undefined || ended) return undefined;
  const body = `${githubMessages.issueEnded(facts)}\n\n${markOf(pair, 'conflict')}\n${markOf(pair, 'ended')}`;
  if (latest.state === 'closed') return { kind: 'end', number: latest.number, body };
  return { kind: 'close', number: latest.number, body, comment: githubMessages.issueMended(facts) };
}

/** GitHub may give line ends back in another form than it got them. */
function sameText(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n').trim() === other.replaceAll('\r\n', '\n').trim();
}
