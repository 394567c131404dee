/** What the timer starts a moment after the last of several workers has come: Buildbot gets what the last hook wrote down. */
import { printed, readWanted } from '../inputs/memory.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { MASTER, places } from '../places.ts';

/** @returns the exit code. */
export async function reconfigureNow(machine: Machine): Promise<0 | 1> {
  const wanted = readWanted(await machine.files.read(places.pendingFile));
  const master = (await machine.services.states([MASTER])).get(MASTER);
  if (wanted === undefined || master?.pid === undefined) return 0;
  const outcome = await machine.buildbot.configure({ ...wanted, running: master.pid });
  // Left to the next hook, which may restart it.
  if (outcome.kind === 'applied' && outcome.restart === 'needed') return 0;
  if (outcome.kind !== 'refused') {
    await machine.files.write(places.wantedFile, { content: printed(wanted), mode: 0o600 });
    // A hook may have written down another one meanwhile, which has its own moment.
    const left = readWanted(await machine.files.read(places.pendingFile));
    if (left !== undefined && printed(left) === printed(wanted))
      await machine.files.remove(places.pendingFile);
    return 0;
  }
  // The next hook tries again, and says so in the status.
  console.error(messages.buildbotRefused(outcome.reason));
  return 1;
}
