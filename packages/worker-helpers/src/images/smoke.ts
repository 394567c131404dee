/** Whether an image is one that builds can run in: it starts, has network and apt, and does what its recipe says it must. */
import type { Guest } from './guest.ts';
import { aptUpdate, quoted } from './guest-scripts.ts';
import { makingWords } from './messages.ts';

/** Gives the units that failed to start, which is odd but no reason to refuse an image; throws StepFailed for what is. */
export async function smokeTest(guest: Guest, commands: readonly string[]): Promise<readonly string[]> {
  const failed = await guest.booted();
  await guest.connected();
  if (await guest.hasApt()) await guest.run({ title: makingWords.aptUpdate, script: aptUpdate });
  for (const command of commands) {
    await guest.run({
      title: makingWords.smoke(command),
      script: `cd /root\nexec /bin/sh -euc ${quoted(command)} </dev/null`,
    });
  }
  return failed;
}
