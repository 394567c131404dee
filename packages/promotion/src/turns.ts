/**
 * Keeps the number of looks that begin at the same time small, without letting the slow ones hold up the others: a look
 * has its place for a short while only, and goes on without it after that.
 */

/**
 * @param places how many may begin together.
 * @param graceMs how long one keeps its place, in milliseconds.
 */
export function createTurns(places: number, graceMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const queue: (() => void)[] = [];
  const release = () => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((turn) => queue.push(turn));
    let held = true;
    const giveUp = () => {
      if (!held) return;
      held = false;
      release();
    };
    const timer = setTimeout(giveUp, graceMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      giveUp();
    }
  };
}

/** The wait after the nth failure in a row, in milliseconds: it doubles up to `most`, and varies by half. */
export function backoff(first: number, most: number, failures: number, random: () => number): number {
  const full = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random() / 2);
}
