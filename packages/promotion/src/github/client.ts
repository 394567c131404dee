/**
 * Octokit with what a service needs around it: one account's limits, time limits, reads that are conditional and tried
 * again, and writes that are never sent twice: what becomes of one that got no clear answer is for the caller to look up.
 *
 * Octokit's own plugins for this (throttling, retry) are not used: they repeat writes after a 500, hold calls in a queue
 * for as long as GitHub says, and rest on a library that has seen no release for years (docs/decisions/0010).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import * as z from 'zod';
import { RemoteError } from '../remote.ts';
import type { Fetch } from '../transport.ts';
import { backoff } from '../turns.ts';
import type { Limits } from './limits.ts';
import { githubMessages } from './messages.ts';

export type Rest = Octokit['rest'];

export type Reply<T> =
  /** Without data when the answer has none (204). */
  | { readonly kind: 'ok'; readonly status: number; readonly data: T | undefined }
  /** GitHub has understood, and does not do it; nothing has changed. */
  | { readonly kind: 'declined'; readonly status: number; readonly reason: string }
  /** GitHub may or may not have done it. */
  | { readonly kind: 'unclear'; readonly reason: string };

export interface ClientOptions {
  /** The API's address, without a slash at its end. */
  readonly api: string;
  readonly fetch: Fetch;
  readonly limits: Limits;
  /** What goes into the Authorization header; undefined for none. */
  readonly authorization: (() => Promise<string>) | undefined;
  /** The authorization was refused. */
  readonly onRefused: () => void;
  /** Names the files with the credentials, for people. */
  readonly credentials: string;
  /** All times in milliseconds. */
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly retry: { readonly first: number; readonly most: number };
  readonly random: () => number;
}

/** How often a read is sent at most, before its failure is one. */
const ATTEMPTS = 3;
/** How many answers are kept for conditional requests. */
const KEPT = 300;

interface Kept {
  readonly etag: string;
  readonly response: { readonly status: number; readonly data: unknown };
}

/** What an error of Octokit's, and only such a one, has. */
const requestError = z.object({
  status: z.int(),
  response: z
    .object({
      headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])),
      data: z.unknown(),
    })
    .optional(),
});
const saysWhy = z.object({ message: z.string(), errors: z.array(z.unknown()).optional() });

export class GithubClient {
  readonly #options: ClientOptions;
  readonly #octokit: Octokit;
  readonly #kept = new Map<string, Kept>();

  constructor(options: ClientOptions) {
    this.#options = options;
    const quiet = () => {};
    this.#octokit = new Octokit({
      baseUrl: options.api,
      userAgent: 'lpbuildbot-promotion',
      request: { fetch: options.fetch },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
    this.#octokit.hook.wrap('request', async (request, call) => {
      const { authorization, readTimeoutMs, writeTimeoutMs } = options;
      const isRead = call.method === 'GET';
      if (authorization !== undefined) call.headers.authorization = await authorization();
      call.request = {
        ...call.request,
        signal: AbortSignal.timeout(isRead ? readTimeoutMs : writeTimeoutMs),
      };
      if (!isRead) return await request(call);
      const { url } = this.#octokit.request.endpoint(call);
      const kept = this.#kept.get(url);
      if (kept !== undefined) call.headers['if-none-match'] = kept.etag;
      const response = await request(call);
      const { etag } = response.headers;
      if (etag !== undefined) this.#keep(url, { etag, response });
      return response;
    });
    this.#octokit.hook.after('request', (response) => {
      options.limits.learn({ status: response.status, headers: response.headers, message: '' });
    });
  }

  /** Reads, again after a while when GitHub is in trouble. Throws RemoteError when it can't be asked. */
  async read<T>(
    schema: z.ZodType<T>,
    call: (rest: Rest) => Promise<{ readonly status: number; readonly data: unknown }>,
  ): Promise<Exclude<Reply<T>, { kind: 'unclear' }>> {
    const { retry, random } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#send(schema, call);
      if (reply.kind !== 'unclear') return reply;
      if (attempt === ATTEMPTS) throw new RemoteError(reply.reason);
      await sleep(backoff(retry.first, retry.most, attempt, random));
    }
  }

  /** Sends a change, once. Throws RemoteError when nothing can have changed and nothing else can be asked either. */
  async write<T>(
    schema: z.ZodType<T>,
    call: (rest: Rest) => Promise<{ readonly status: number; readonly data: unknown }>,
  ): Promise<Reply<T>> {
    return await this.#send(schema, call);
  }

  async #send<T>(
    schema: z.ZodType<T>,
    call: (rest: Rest) => Promise<{ readonly status: number; readonly data: unknown }>,
  ): Promise<Reply<T>> {
    const closed = this.#options.limits.closedUntil;
    if (closed !== undefined) throw new RemoteError(githubMessages.limited(closed), closed);
    try {
      const { status, data } = await call(this.#octokit.rest);
      return this.#understood(schema, status, data);
    } catch (error) {
      return this.#failed(schema, error);
    }
  }

  #understood<T>(schema: z.ZodType<T>, status: number, data: unknown): Reply<T> {
    if (status === 204) return { kind: 'ok', status, data: undefined };
    if (status >= 300) return { kind: 'declined', status, reason: githubMessages.status(status, '') };
    const parsed = schema.safeParse(data);
    if (parsed.success) return { kind: 'ok', status, data: parsed.data };
    const [issue] = parsed.error.issues;
    return {
      kind: 'unclear',
      reason: githubMessages.notUnderstood(`${issue?.path.join('.')}: ${issue?.message}`),
    };
  }

  #failed<T>(schema: z.ZodType<T>, error: unknown): Reply<T> {
    const { api, limits, credentials, onRefused } = this.#options;
    const parsed = requestError.safeParse(error);
    if (!(error instanceof Error) || !parsed.success) throw error;
    const { status, response } = parsed.data;
    if (response === undefined) {
      return { kind: 'unclear', reason: githubMessages.unreachable(new URL(api).host, error.message) };
    }
    const kept = status === 304 ? this.#notModified(error) : undefined;
    if (kept !== undefined) return this.#understood(schema, kept.response.status, kept.response.data);
    const message = messageIn(response.data);
    if (limits.learn({ status, headers: response.headers, message })) {
      const until = limits.closedUntil ?? 0;
      throw new RemoteError(githubMessages.limited(until), until);
    }
    if (status === 401) {
      onRefused();
      throw new RemoteError(githubMessages.credentials(credentials));
    }
    const reason = githubMessages.status(status, message);
    return status >= 500 ? { kind: 'unclear', reason } : { kind: 'declined', status, reason };
  }

  #notModified(error: unknown): Kept | undefined {
    const request = z.object({ request: z.object({ url: z.string() }) }).safeParse(error);
    return request.success ? this.#kept.get(request.data.request.url) : undefined;
  }

  #keep(url: string, kept: Kept): void {
    this.#kept.delete(url);
    this.#kept.set(url, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** GitHub's words, with the details that it gives for what is not valid. */
function messageIn(data: unknown): string {
  const parsed = saysWhy.safeParse(data);
  if (!parsed.success) return typeof data === 'string' ? data.slice(0, 200) : '';
  const { message, errors = [] } = parsed.data;
  const details = errors.flatMap((error) => {
    const detail = z
      .union([z.string(), z.object({ message: z.string() }).transform((e) => e.message)])
      .safeParse(error);
    return detail.success ? [detail.data] : [];
  });
  return [message, ...details].join('; ').slice(0, 500);
}
