/** What can go wrong with LXD, told apart by what a person can do about it. */
import { Failure } from '../command/failure.ts';
import { lxdMessages } from './messages.ts';

export type LxdProblem =
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'unreachable'; readonly socket: string; readonly why: string }
  | { readonly kind: 'no-permission'; readonly socket: string }
  | { readonly kind: 'disk-full'; readonly why: string }
  | { readonly kind: 'not-found'; readonly what: string; readonly why: string }
  | { readonly kind: 'exists'; readonly why: string }
  | { readonly kind: 'changed'; readonly why: string }
  | { readonly kind: 'no-shift'; readonly why: string }
  | { readonly kind: 'other'; readonly why: string };

/** Thrown by everything here that talks to LXD. */
export class LxdError extends Failure {
  readonly problem: LxdProblem;

  constructor(problem: LxdProblem, cause?: unknown) {
    super(lxdMessages.problem(problem), cause === undefined ? {} : { cause });
    this.name = 'LxdError';
    this.problem = problem;
  }
}

/** Whether it is that kind of problem. */
export const isProblem = (error: unknown, ...kinds: readonly LxdProblem['kind'][]): boolean =>
  error instanceof LxdError && kinds.includes(error.problem.kind);

/** What an error of a connection to the socket means, by its code (errno(3)). */
export function connectionProblem(socket: string, code: string | undefined, message: string): LxdProblem {
  if (code === 'EACCES' || code === 'EPERM') return { kind: 'no-permission', socket };
  return { kind: 'unreachable', socket, why: message };
}

/** What LXD's own refusal means. LXD has few codes, and none for a full disk: its words have to do. */
export function answerProblem(what: string, code: number, words: string): LxdProblem {
  if (/no space left on device|disk quota exceeded/i.test(words)) return { kind: 'disk-full', why: words };
  // As LXD 4 to 6 say it of a mount with `shift` that LXD, kernel or file system cannot have.
  if (/idmapping abilities are required/i.test(words)) return { kind: 'no-shift', why: words };
  if (code === 404) return { kind: 'not-found', what, why: words };
  // The second: LXD had let this change wait for another one of the same instance.
  if (code === 412 || words.includes('matching non-reusable operation has now succeeded'))
    return { kind: 'changed', why: words };
  if (code === 409 || /already exists|already in use/i.test(words)) return { kind: 'exists', why: words };
  return { kind: 'other', why: words };
}
