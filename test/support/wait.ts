/**
 * Waiting for a condition instead of for a time, with an error that says what was waited for and what was there
 * instead. The limits only keep a broken test from hanging; no test measures speed with them.
 */
import { setTimeout } from 'node:timers/promises';

/** How long a condition may take before the test is taken for broken, in milliseconds. */
export const patience = 60_000;

/**
 * Asks until the answer is neither `undefined` nor `false`, and gives it. `what` completes "timed out waiting for"; `seen`
 * adds to the error what the reader needs to know.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly timeout?: number; readonly every?: number; readonly seen?: () => string } = {},
): Promise<T> {
  const limit = options.timeout ?? patience;
  const deadline = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) {
      const seen = options.seen?.() ?? '';
      throw new Error(
        `timed out after ${limit} ms waiting for ${what}${seen === '' ? '' : `; seen:\n${seen}`}`,
      );
    }
    await setTimeout(options.every ?? 15);
  }
}
