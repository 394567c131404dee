/** The last entries of the audit log, for people who look: of all pairs together, and the last moves of each. Bounded. */
import type { AuditEntry } from './state/audit.ts';

/** An entry that says that a branch has moved. */
export type MoveEntry = Extract<AuditEntry, { event: 'moved' | 'merged' }>;

/** How many entries are remembered in all. */
const ENTRIES = 100;
/** How many moves of one pair are remembered. */
const MOVES = 4;

export class History {
  readonly #entries: AuditEntry[] = [];
  readonly #moves = new Map<string, MoveEntry[]>();

  /** Follows one entry of the log, old or new. */
  follow(entry: AuditEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES) this.#entries.shift();
    if (entry.event !== 'moved' && entry.event !== 'merged') return;
    const moves = this.#moves.get(entry.pair) ?? [];
    this.#moves.set(entry.pair, moves);
    moves.unshift(entry);
    moves.length = Math.min(moves.length, MOVES);
  }

  /** Newest first. */
  entries(): readonly AuditEntry[] {
    return this.#entries.toReversed();
  }

  /** The last moves of a pair, newest first. */
  movesOf(pair: string): readonly MoveEntry[] {
    return this.#moves.get(pair) ?? [];
  }
}
