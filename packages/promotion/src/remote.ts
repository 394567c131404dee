/**
 * What promotion needs of a remote repository, whatever kind it is: where its branches are, and moving one, each with
 * every possible answer spelled out. Two kinds exist: any remote through git (git/remote.ts), GitHub through its API
 * (github/remote.ts).
 */
import type { Branch, Sha } from '@lpbuildbot/pipeline';

export type Refs = ReadonlyMap<Branch, Sha>;

/**
 * What a push came to. `unclear` means that the connection ended at a point where the remote may or may not have moved
 * the branch: only a look at the remote tells.
 */
export type PushOutcome =
  | { readonly kind: 'moved' }
  /** The branch was not where it was expected. */
  | { readonly kind: 'stale' }
  /** The server declined, by a hook or by its own rules. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string };

export interface Push {
  readonly branch: Branch;
  /** Where the branch must be now; undefined when it must not exist. */
  readonly expected: Sha | undefined;
  /** A descendant of `expected`, in the copy: the caller has made sure of that. */
  readonly revision: Sha;
}

/** A merge that the server makes by itself, from what it has. */
export interface ServerMerge {
  readonly branch: Branch;
  /** Where the branch must be now. */
  readonly expected: Sha;
  readonly merged: Sha;
  readonly message: string;
}

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly from: Sha; readonly to: Sha }
  | Exclude<PushOutcome, { kind: 'moved' }>;

export interface Remote {
  /**
   * Where these branches are; one that does not exist is missing from the answer.
   * Throws GitError or RemoteError when the remote can't be read.
   */
  readRefs(branches: readonly Branch[]): Promise<Refs>;
  /** Moves one branch, if it is where it is expected to be. */
  push(push: Push): Promise<PushOutcome>;
  /**
   * Goes all the way that a push of this branch goes, and leaves the branch where it is. `stale`: it was moved meanwhile. What the
   * server looks at only when a branch does move (git's hooks) is not tried.
   */
  tryPush(branch: Branch, tip: Sha): Promise<PushOutcome>;
  /** Has the server make a merge commit; undefined when the commit is to be made here, and pushed. */
  readonly merge: ((merge: ServerMerge) => Promise<MergeOutcome>) | undefined;
}

/** The remote can't be worked with now, and nothing was changed there. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** Asking again before then is no use, in milliseconds since the epoch; undefined when nobody knows. */
  readonly retryAt: number | undefined;

  constructor(reason: string, retryAt?: number) {
    super(reason);
    this.retryAt = retryAt;
  }
}
