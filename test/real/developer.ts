/** Who pushes the releases: somebody with a repository of their own, who fetches, commits on top and pushes. */
import type { Sha } from '@lpbuildbot/pipeline';
import type { BareRepository } from '../support/git-repository.ts';
import type { Release } from './corpora.ts';
import { withDirectory, writeCommit, writeTree } from './release-tree.ts';

/** Where a second package lies in the tree of a branch. */
export const beside = 'beside';

export class Developer {
  readonly #repository: BareRepository;
  readonly #remote: BareRepository;
  readonly #sdistOf: (release: Release) => string;
  readonly #pushed = new Map<Sha, string>();

  /** `sdistOf` gives the file of a release. */
  constructor(repository: BareRepository, remote: BareRepository, sdistOf: (release: Release) => string) {
    this.#repository = repository;
    this.#remote = remote;
    this.#sdistOf = sdistOf;
  }

  /** Everything this developer pushed, and which release it is, as in `six 1.17.0`. */
  get pushed(): ReadonlyMap<Sha, string> {
    return this.#pushed;
  }

  /** Makes branches that all begin at a release. */
  async begin(branches: readonly string[], release: Release): Promise<void> {
    const commit = await this.#commit(await this.#tree(release), [], release);
    await this.#push(commit, branches);
  }

  /** The release takes the place of what the branch has: of all of it, or of the second package. */
  async push(branch: string, release: Release, place: 'whole' | 'beside'): Promise<Sha> {
    const tip = await this.#remote.need(branch);
    await this.#repository.git(['fetch', '--quiet', this.#remote.path, `refs/heads/${branch}`]);
    const tree = await this.#tree(release);
    const content = place === 'whole' ? tree : await withDirectory(this.#repository, tip, beside, tree);
    const commit = await this.#commit(content, [tip], release);
    await this.#push(commit, [branch]);
    return commit;
  }

  #tree(release: Release): Promise<Sha> {
    return writeTree(this.#repository, this.#sdistOf(release));
  }

  async #commit(tree: Sha, parents: readonly Sha[], release: Release): Promise<Sha> {
    const label = `${release.project} ${release.version}`;
    const commit = await writeCommit(this.#repository, tree, parents, label);
    this.#pushed.set(commit, label);
    return commit;
  }

  async #push(commit: Sha, branches: readonly string[]): Promise<void> {
    const refs = branches.map((branch) => `${commit}:refs/heads/${branch}`);
    await this.#repository.git(['push', '--quiet', this.#remote.path, ...refs]);
  }
}
