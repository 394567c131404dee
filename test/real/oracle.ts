/**
 * Tells what a revision's own tests say when they are run directly: a fresh checkout, the same shell command line, no
 * Buildbot and none of our code. Nothing is remembered from one run to the next.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Sha } from '@lpbuildbot/pipeline';
import { runProgram } from '../../scripts/lib/run-program.ts';
import type { BareRepository } from '../support/git-repository.ts';

export type Verdict = 'passes' | 'fails';

export interface DirectRun {
  readonly verdict: Verdict;
  /** What the tests printed, for whoever has to find out why. */
  readonly output: string;
}

/** Runs revisions' tests; revisions with the same content are run once. */
export class Oracle {
  readonly #repository: BareRepository;
  readonly #known = new Map<string, Promise<DirectRun>>();

  constructor(repository: BareRepository) {
    this.#repository = repository;
  }

  /** `passes` when every one of the shell command lines ends with 0 in a fresh checkout of the revision. */
  async run(revision: Sha, commands: readonly string[]): Promise<DirectRun> {
    const tree = await this.#repository.git(['rev-parse', `${revision}^{tree}`]);
    const key = JSON.stringify([tree, commands]);
    const known = this.#known.get(key) ?? this.#runNow(revision, commands);
    this.#known.set(key, known);
    return await known;
  }

  async #runNow(revision: Sha, commands: readonly string[]): Promise<DirectRun> {
    const { world, path } = this.#repository;
    const checkout = await mkdtemp(world.path('checkout-'));
    try {
      await world.git(checkout, ['clone', '--quiet', '--shared', '--no-checkout', '--template=', path, '.']);
      await world.git(checkout, ['checkout', '--quiet', '--detach', revision]);
      for (const command of commands) {
        const { code, output } = await runProgram(['/bin/sh', '-c', command], { cwd: checkout });
        if (code !== 0) return { verdict: 'fails', output };
      }
      return { verdict: 'passes', output: '' };
    } finally {
      await rm(checkout, { recursive: true });
    }
  }
}
