/** Waiting for what becomes of a rig's model, for as long as the rig itself is well. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from './rig.ts';

const pollMilliseconds = 50;

/** Asks until the answer is not `undefined`. */
export async function until<T>(
  rig: Rig,
  ask: () => T | undefined,
  seconds: number,
  what: string,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    rig.check();
    const answer = ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(pollMilliseconds);
  }
}
