/**
 * Sends what waits in one outbox: in order, one at a time, never faster than the pace, and again after a failure until it is
 * taken, however long that takes. Only a message that is itself refused, again and again, is given up, or it would block all
 * that follow.
 */
import type { Letter, Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';

/** `declined`: the server takes nothing at all like this, and a person must do something. */
export type Why = 'unreachable' | 'limited' | 'failing' | 'declined' | 'refused';

export type Outcome =
  /** `note`: what was not as it should be. */
  | { readonly kind: 'sent'; readonly note?: string }
  | {
      readonly kind: 'later';
      readonly why: Exclude<Why, 'refused'>;
      readonly reason: string;
      /** How long the server asks to be left alone, in milliseconds. */
      readonly afterMs?: number | undefined;
    }
  /** The server does not take this very message. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface SenderOptions {
  readonly outbox: Outbox;
  /** Never rejects. */
  readonly send: (letter: Letter, signal: AbortSignal) => Promise<Outcome>;
  readonly pace: Pace;
  /** The wait after the nth failure in a row, in milliseconds. */
  readonly delayMs: (failures: number) => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onSent: (note: string | undefined) => void;
  /** `news`: whether it is another failure than the one before. */
  readonly onFailed: (why: Why, reason: string, news: boolean) => void;
  readonly onGivenUp: (reason: string) => void;
}

/** How often a message is tried that is itself refused. */
const TRIES = 3;
/** No server is left alone for longer than this, whatever it asks for, in milliseconds. */
const LONGEST = 3_600_000;
/** How long what is being sent may take to end when the service stops, in milliseconds. */
const LAST_WAIT = 2_000;

export interface Trouble {
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export class Sender {
  readonly #options: SenderOptions;
  /** Ends the wait for a turn, and then what is being sent. */
  readonly #halt = new AbortController();
  readonly #abort = new AbortController();
  /** Not every way of sending can be broken off: what is then under way still ends with the process. */
  readonly #broken: Promise<Outcome>;
  #working: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #failures = 0;
  #refusals = 0;
  #trouble: Trouble | undefined;
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#broken = new Promise((fulfil) => {
      this.#abort.signal.addEventListener('abort', () =>
        fulfil({ kind: 'later', why: 'unreachable', reason: '' }),
      );
    });
  }

  /** Why nothing is sent at the moment. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Something has been queued; returns at once. After a failure the wait for the next attempt stands. */
  wake(): void {
    if (this.#working !== undefined || this.#again !== undefined || this.#stopped) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      if (this.#options.outbox.isReady) this.wake();
    });
  }

  /** Resolves when everything is sent, or can't be for now. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Sends nothing more; what is being sent gets a moment to end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#halt.abort();
    const timer = setTimeout(() => this.#abort.abort(), LAST_WAIT);
    await this.settled();
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    const { outbox, pace, send } = this.#options;
    while (!this.#stopped && this.#again === undefined) {
      if (!outbox.isReady) return;
      await pace.turn(this.#halt.signal);
      // Only now: while it waited for its turn it may have been among those that had to go.
      const letter = this.#stopped ? undefined : outbox.take();
      if (letter === undefined) return;
      await this.#follow(await Promise.race([send(letter, this.#abort.signal), this.#broken]));
    }
  }

  async #follow(outcome: Outcome): Promise<void> {
    const { outbox, onSent, onGivenUp } = this.#options;
    if (outcome.kind === 'sent') {
      await outbox.done();
      this.#failures = 0;
      this.#refusals = 0;
      this.#trouble = undefined;
      onSent(outcome.note);
      return;
    }
    if (this.#stopped) return;
    if (outcome.kind === 'refused') {
      this.#refusals += 1;
      if (this.#refusals >= TRIES) {
        await outbox.done();
        this.#failures = 0;
        this.#refusals = 0;
        this.#trouble = undefined;
        onGivenUp(outcome.reason);
        return;
      }
    }
    this.#fail(outcome);
  }

  #fail(outcome: Exclude<Outcome, { kind: 'sent' }>): void {
    const { pace, delayMs, now, onFailed } = this.#options;
    const { reason } = outcome;
    const why = outcome.kind === 'refused' ? 'refused' : outcome.why;
    const isNews = this.#trouble?.reason !== reason;
    this.#trouble = { reason, since: this.#trouble?.since ?? now() };
    this.#failures += 1;
    onFailed(why, reason, isNews);
    const asked = outcome.kind === 'later' ? Math.min(LONGEST, outcome.afterMs ?? 0) : 0;
    // Others to the same server are no more welcome.
    if (why === 'limited') pace.rest(asked);
    this.#again = setTimeout(
      () => {
        this.#again = undefined;
        this.wake();
      },
      Math.max(asked, delayMs(this.#failures)),
    );
  }
}
