/** How often one server is spoken to, by all who have something to say to it. */
import { setTimeout as sleep } from 'node:timers/promises';

export class Pace {
  readonly #pauseMs: number;
  /** On the clock of `performance.now`. */
  #next = 0;

  /** @param pauseMs the time between two messages, in milliseconds. */
  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Resolves when it is one's turn, or at once when the signal says to stop. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#pauseMs;
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => {});
  }

  /** Nobody's turn comes before this time is over, in milliseconds. */
  rest(milliseconds: number): void {
    this.#next = Math.max(this.#next, performance.now() + milliseconds);
  }
}
