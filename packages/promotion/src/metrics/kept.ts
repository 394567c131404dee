/**
 * What somebody else is asked for when it is wanted. The answer is kept, so that many who want it are one question, and
 * whoever wants it waits for a moment at most: when the answer takes longer, the last one serves, unless it has grown old.
 */
import { inTime } from '../missing-commits.ts';

/** All in milliseconds. */
export interface Limits {
  /** How old an answer may be before it is asked for again. */
  readonly fresh: number;
  /** How old an answer may be and still serve. */
  readonly usable: number;
  /** How long is waited for an answer. */
  readonly patience: number;
}

export class Kept<T> {
  readonly #ask: () => Promise<T | undefined>;
  readonly #limits: Limits;
  /** Milliseconds on a clock that nobody sets. */
  readonly #now: () => number;
  #answer: { readonly value: T; readonly at: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** @param ask gives undefined when it cannot be had; it must not reject, and must end. */
  constructor(ask: () => Promise<T | undefined>, limits: Limits, now = () => performance.now()) {
    this.#ask = ask;
    this.#limits = limits;
    this.#now = now;
  }

  /** Undefined when there is no answer that is new enough. */
  async get(): Promise<T | undefined> {
    const { fresh, usable, patience } = this.#limits;
    if (this.#asking === undefined && this.#now() - this.#askedAt >= fresh) {
      this.#askedAt = this.#now();
      this.#asking = this.#refresh().finally(() => {
        this.#asking = undefined;
      });
    }
    if (this.#asking !== undefined) await inTime(this.#asking, patience);
    const answer = this.#answer;
    return answer !== undefined && this.#now() - answer.at < usable ? answer.value : undefined;
  }

  async #refresh(): Promise<void> {
    const value = await this.#ask();
    if (value !== undefined) this.#answer = { value, at: this.#now() };
  }
}
