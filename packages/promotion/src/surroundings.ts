/** What the service gets from outside, so that tests can give it another clock and another log. */

/** Where log lines go; pino's own shape. */
export interface Log {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface Surroundings {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `look` observes and decides, and changes nothing: no push, no entry, no memory. */
  readonly acting: 'act' | 'look';
}
