/** What an action gets of the world around it, so that tests can give it another one. */
import type { Log } from './log.ts';

export interface World {
  /** Prints a part of the answer (standard output), a line or several; the last newline may be left out. */
  readonly out: (text: string) => void;
  /** Says what happens (standard error, or the journal). */
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the program as a whole gets. */
export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Whether standard error goes to the journal, which takes JSON. */
  readonly stderr: 'journal' | 'other';
}
