/** Buildbot as it is asked: what it said last, or why it says nothing. Its failures are part of what is known, never an error. */
import { messages } from '../messages.ts';
import type { Log } from '../surroundings.ts';
import type { KnownBuilds } from './known-builds.ts';
import { type Buildbot, BuildbotError } from './rest.ts';

interface AskedOptions {
  readonly buildbot: Buildbot;
  readonly builds: KnownBuilds;
  readonly log: Log;
  /** Called each time that it could not be asked for its builds. */
  readonly onFailure: () => void;
}

export class AskedBuildbot {
  readonly #options: AskedOptions;
  #problem: string | undefined = messages.buildsNotReadYet;

  constructor(options: AskedOptions) {
    this.#options = options;
  }

  /** Why nothing is known of the builds at the moment, if so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads what is new. */
  async refresh(): Promise<void> {
    const { builds, log, onFailure } = this.#options;
    try {
      await builds.refresh();
      if (this.#problem !== undefined) log.info({}, 'Buildbot answers');
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof BuildbotError)) throw error;
      onFailure();
      if (this.#problem !== error.message) log.warn({ error: error.message }, 'Buildbot cannot be asked');
      this.#problem = error.message;
    }
  }

  /** How many build requests wait, by builder name; empty when Buildbot can't say. */
  async pendingRequests(): Promise<ReadonlyMap<string, number>> {
    const { buildbot, builds } = this.#options;
    try {
      const waiting = new Map<string, number>();
      for (const { builderid } of await buildbot.pendingRequests()) {
        const name = builds.builderName(builderid) ?? '';
        waiting.set(name, (waiting.get(name) ?? 0) + 1);
      }
      return waiting;
    } catch (error) {
      if (error instanceof BuildbotError) return new Map();
      throw error;
    }
  }
}
