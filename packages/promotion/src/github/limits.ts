/**
 * GitHub's limits on how much one account may ask, primary (so many requests an hour) and secondary (too much at once).
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api says what an answer tells of them. Who
 * goes on asking after being told to stop may be shut out, so nothing is sent until the time has come.
 */

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  /** What GitHub says in its body, if anything. */
  readonly message: string;
}

/** How long a secondary limit lasts at least when the answer does not say: what GitHub's documentation asks for. */
const SECONDARY_MS = 60_000;
/** No wait is longer, whatever an answer says; the primary limit is counted by the hour. */
const LONGEST_MS = 3_600_000;

/**
 * How long nothing may be asked after this answer, in milliseconds; undefined when it is not about limits.
 * @param inARow how many answers in a row have been about limits before this one.
 */
export function limitOf({ status, headers, message }: Answer, inARow: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const bounded = (milliseconds: number) => Math.min(LONGEST_MS, Math.max(1000, milliseconds));
  const after = number(headers['retry-after']);
  if (after !== undefined) return bounded(after * 1000);
  const reset = number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] !== undefined && number(headers['x-ratelimit-remaining']) === 0) {
    // Against GitHub's own clock: this machine's may be wrong.
    const now = Date.parse(String(headers.date));
    if (reset !== undefined && !Number.isNaN(now)) return bounded(reset * 1000 - now);
    return SECONDARY_MS;
  }
  if (status === 403 && !/rate limit|abuse/i.test(message)) return undefined;
  return bounded(SECONDARY_MS * 2 ** Math.min(inARow, 10));
}

function number(value: string | number | undefined): number | undefined {
  const parsed = Number(value);
  return value === undefined || value === '' || Number.isNaN(parsed) ? undefined : parsed;
}

/** What is known of one account's limits. */
export class Limits {
  readonly #now: () => number;
  #until = 0;
  #inARow = 0;
  #left = Number.POSITIVE_INFINITY;
  #renewed = 0;

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Until when nothing may be asked, in milliseconds since the epoch; undefined when it may. */
  get closedUntil(): number | undefined {
    return this.#until > this.#now() ? this.#until : undefined;
  }

  /** Until when this many requests must be left for others; undefined when there are more. */
  scarceUntil(reserve: number): number | undefined {
    return this.#left <= reserve && this.#renewed > this.#now() ? this.#renewed : undefined;
  }

  /** @returns whether the answer was about limits. */
  learn(answer: Answer): boolean {
    const { headers } = answer;
    this.#left = number(headers['x-ratelimit-remaining']) ?? this.#left;
    const reset = number(headers['x-ratelimit-reset']);
    const date = Date.parse(String(headers.date));
    if (reset !== undefined && !Number.isNaN(date)) this.#renewed = this.#now() + reset * 1000 - date;
    const wait = limitOf(answer, this.#inARow);
    this.#inARow = wait === undefined ? 0 : this.#inARow + 1;
    if (wait === undefined) return false;
    this.#until = this.#now() + wait;
    return true;
  }
}
