/**
 * Sends what is said on GitHub: one thing after the other with a pause between, as GitHub asks of everybody, and nothing
 * while the account has few requests left, for moving branches comes first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import { RemoteError } from '../remote.ts';
import type { GithubClient, Rest } from './client.ts';
import type { Limits } from './limits.ts';
import { githubMessages } from './messages.ts';

/** How many requests are left for moving branches. */
const RESERVE = 100;

export class Writer {
  readonly client: GithubClient;
  readonly #limits: Limits;
  readonly #pauseMs: number;
  #last = 0;

  constructor(client: GithubClient, limits: Limits, pauseMs: number) {
    this.client = client;
    this.#limits = limits;
    this.#pauseMs = pauseMs;
  }

  /** Throws RemoteError when GitHub has not taken it, or has not said so. */
  async write<T>(
    schema: z.ZodType<T>,
    call: (rest: Rest) => Promise<{ readonly status: number; readonly data: unknown }>,
  ): Promise<T | undefined> {
    const scarce = this.#limits.scarceUntil(RESERVE);
    if (scarce !== undefined) throw new RemoteError(githubMessages.scarce(scarce), scarce);
    const wait = this.#last + this.#pauseMs - performance.now();
    if (wait > 0) await sleep(wait);
    const reply = await this.client.write(schema, call);
    this.#last = performance.now();
    if (reply.kind !== 'ok') throw new RemoteError(reply.reason);
    return reply.data;
  }
}
