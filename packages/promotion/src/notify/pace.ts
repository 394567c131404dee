/** How often one server is spoken to, by all who have something to say to it. */

export class Pace {
  readonly #pauseMs: number;
  readonly #clock: () => number;
  /** On that clock. */
  #next = 0;

  /**
   * @param pauseMs the time between two messages, in milliseconds.
   * @param clock milliseconds that nobody sets.
   */
  constructor(pauseMs: number, clock: () => number = () => performance.now()) {
    this.#pauseMs = pauseMs;
    this.#clock = clock;
  }

  /** Resolves when it is one's turn, or at once when the signal says to stop. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#pauseMs;
    if (at <= now || signal.aborted) return;
    await new Promise<void>((done) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        done();
      };
      const timer = setTimeout(end, at - now);
      signal.addEventListener('abort', end);
    });
  }

  /** Nobody's turn comes before this time is over, in milliseconds. */
  rest(milliseconds: number): void {
    this.#next = Math.max(this.#next, this.#clock() + milliseconds);
  }
}
