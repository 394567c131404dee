/**
 * A repository on GitHub as a remote: refs are read and moved through the API, so that the account needs no other right
 * than the API's, and merges are GitHub's own. What was sent and not clearly answered is never sent again from here.
 */
import { type Branch, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import {
  type MergeOutcome,
  type Push,
  type PushOutcome,
  type Remote,
  RemoteError,
  type ServerMerge,
} from '../remote.ts';
import type { GithubClient, Reply } from './client.ts';
import { githubMessages } from './messages.ts';
import type { Repository } from './place.ts';

const refSchema = z.object({ ref: z.string(), object: z.object({ sha: shaSchema }) });
const refsSchema = z.array(refSchema);
const mergeSchema = z.object({ sha: shaSchema, parents: z.array(z.object({ sha: shaSchema })).min(1) });

export function githubRemote(client: GithubClient, repository: Repository): Remote {
  const remote = new GithubRemote(client, repository);
  return {
    readRefs: async (branches) => {
      const tips = await Promise.all(
        branches.map(async (branch) => [branch, await remote.tip(branch)] as const),
      );
      return new Map(tips.flatMap(([branch, tip]) => (tip === undefined ? [] : [[branch, tip]])));
    },
    push: (push) => remote.push(push),
    // GitHub has no dry run. It takes a branch's own value as done, and when the branch has moved on refuses it as no fast-forward.
    tryPush: (branch, tip) => remote.push({ branch, expected: tip, revision: tip }),
    merge: (merge) => remote.merge(merge),
  };
}

class GithubRemote {
  readonly #client: GithubClient;
  readonly #repository: Repository;

  constructor(client: GithubClient, repository: Repository) {
    this.#client = client;
    this.#repository = repository;
  }

  /**
   * Where a branch is, or undefined when there is none. A list of what begins with its name is asked for, because the ref
   * alone is answered with the same 404 for a branch and for a repository that is not there.
   */
  async tip(branch: Branch): Promise<Sha | undefined> {
    const reply = await this.#client.read(refsSchema, (rest) =>
      rest.git.listMatchingRefs({ ...this.#repository, ref: `heads/${branch}` }),
    );
    if (reply.kind === 'ok') {
      return reply.data?.find(({ ref }) => ref === `refs/heads/${branch}`)?.object.sha;
    }
    // "Git Repository is empty."
    if (reply.status === 409) return undefined;
    throw new RemoteError(this.#declined(reply));
  }

  /** A declined read, in words for people. */
  #declined({ status, reason }: Extract<Reply<unknown>, { kind: 'declined' }>): string {
    const name = `${this.#repository.owner}/${this.#repository.repo}`;
    if (status === 404) return githubMessages.noAccess(name);
    return status >= 300 && status < 400 ? githubMessages.moved(name) : reason;
  }

  /**
   * GitHub compares no old value: it refuses what is no fast-forward from where the branch is. So the branch is read right
   * before; whoever moves it in between and still leaves a fast-forward is not noticed (docs/reference/promotion.md).
   */
  async push({ branch, expected, revision }: Push): Promise<PushOutcome> {
    if ((await this.tip(branch)) !== expected) return { kind: 'stale' };
    const reply = await this.#client.write(refSchema, (rest) =>
      expected === undefined
        ? rest.git.createRef({ ...this.#repository, ref: `refs/heads/${branch}`, sha: revision })
        : rest.git.updateRef({ ...this.#repository, ref: `heads/${branch}`, sha: revision, force: false }),
    );
    switch (reply.kind) {
      case 'ok':
        return { kind: 'moved' };
      case 'unclear':
        return reply;
      case 'declined':
        return await this.#staleOrRefused(branch, expected, reply.reason);
    }
  }

  async merge({ branch, expected, merged, message }: ServerMerge): Promise<MergeOutcome> {
    if ((await this.tip(branch)) !== expected) return { kind: 'stale' };
    const reply = await this.#client.write(mergeSchema, (rest) =>
      rest.repos.merge({ ...this.#repository, base: branch, head: merged, commit_message: message }),
    );
    if (reply.kind === 'unclear') return reply;
    if (reply.kind === 'ok') {
      // Nothing to merge: somebody else has, since the look.
      if (reply.data === undefined) return { kind: 'stale' };
      const { sha, parents } = reply.data;
      return { kind: 'merged', from: parents[0]?.sha ?? expected, to: sha };
    }
    const reason = reply.status === 409 ? githubMessages.conflictUnseen : reply.reason;
    return await this.#staleOrRefused(branch, expected, reason);
  }

  /** Told by where the branch is rather than by GitHub's words, which are for people. */
  async #staleOrRefused(
    branch: Branch,
    expected: Sha | undefined,
    reason: string,
  ): Promise<{ readonly kind: 'stale' } | { readonly kind: 'refused'; readonly reason: string }> {
    return (await this.tip(branch)) === expected ? { kind: 'refused', reason } : { kind: 'stale' };
  }
}
