/**
 * Since when a branch has been behind. The oldest commit that waits says it as a rule, but its date is when it was made,
 * and whoever pushes last week's work today has not waited for a week. So whoever has seen the branch up to date knows
 * better; after a restart the date is all that there is.
 */

/** All times are in milliseconds since the epoch. */
export interface Seen {
  readonly now: number;
  /** How many commits wait; undefined when that is not known at the moment. */
  readonly waiting: number | undefined;
  /** When the oldest of them was made; undefined when that is not known yet. */
  readonly oldest: number | undefined;
}

export class WaitingSince {
  /** By pair: nothing that waits now waited before this. */
  readonly #floors = new Map<string, number>();

  /** Takes over what is seen of a pair now; undefined when nothing waits, or when it is not known since when. */
  since(pair: string, { now, waiting, oldest }: Seen): number | undefined {
    const floor = this.#floors.get(pair);
    if (waiting === 0) {
      this.#floors.set(pair, now);
      return undefined;
    }
    if (waiting === undefined || oldest === undefined) return undefined;
    // A commit from the future comes from a clock that is wrong.
    const since = Math.max(floor ?? Number.NEGATIVE_INFINITY, Math.min(oldest, now));
    this.#floors.set(pair, since);
    return since;
  }
}
