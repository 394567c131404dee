/** LXD may be restarted at any moment, by an upgrade for instance: for a while, that it does not answer is no failure. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isProblem, type Lxd, serverInfo } from '../lxd/index.ts';

/** How long LXD may be away, in milliseconds. */
export const AWAY_MILLISECONDS = 30_000;

const PAUSE_MILLISECONDS = 250;

/** Waits until LXD answers again. Throws what it said last (`LxdError`) when it stays away too long. */
export async function untilBack(lxd: Lxd, milliseconds = AWAY_MILLISECONDS): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      await serverInfo(lxd);
      return;
    } catch (error) {
      if (!isProblem(error, 'unreachable') || performance.now() > deadline) throw error;
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}
