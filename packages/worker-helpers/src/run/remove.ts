/** Removes an instance for good, whatever state it is in and however often LXD has to be asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteInstance, getInstance, type Lxd, stopInstance } from '../lxd/index.ts';
import { AWAY_MILLISECONDS, untilBack } from './patience.ts';

const PAUSE_MILLISECONDS = 200;

/** Returns once the instance is gone. Throws what LXD said last (`LxdError`) when it is still there after half a minute. */
export async function removeInstance(lxd: Lxd, name: string): Promise<void> {
  const deadline = performance.now() + AWAY_MILLISECONDS;
  let refusal: unknown;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => {
      refusal = error;
    });
  };
  // An ephemeral one, which is what this is for mostly, goes with its stop: the answer to the first look is that it is gone.
  await attempt(() => stopInstance(lxd, name, 'force'));
  for (;;) {
    await untilBack(lxd, deadline - performance.now());
    const instance = await getInstance(lxd, name);
    if (instance === undefined) return;
    if (performance.now() > deadline) throw refusal;
    if (instance.status === 'Stopped') await attempt(() => deleteInstance(lxd, name));
    else await attempt(() => stopInstance(lxd, name, 'force'));
    if ((await getInstance(lxd, name).catch(() => instance)) === undefined) return;
    await sleep(PAUSE_MILLISECONDS);
  }
}
