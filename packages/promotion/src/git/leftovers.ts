/**
 * Ends what an earlier run left behind. When only the service itself is killed (by the kernel, for want of memory), a git
 * that it had started goes on: it may still move a branch after the next run has looked, and works in the same copy.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** How long a killed process may take to be gone, in milliseconds. */
const PATIENCE = 2_000;

/**
 * Kills every git that works in a copy below `directory`, with what it started, and waits until they are gone. Only for
 * whoever holds the lock of the state directory: all of them are leftovers then.
 */
export async function endLeftovers(directory: string): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const pids = await gitsIn(directory);
    if (pids.length === 0) return;
    for (const pid of pids) killGroup(pid);
    if (performance.now() > until) return;
    await setTimeout(10);
  }
}

/** Git is started as the leader of a process group (run.ts), with the copy as the value of its first option. */
async function gitsIn(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.map(Number).filter((_, index) => {
    const [program, option, copy] = commands[index]?.split('\0') ?? [];
    return program === 'git' && option === '--git-dir' && copy?.startsWith(`${directory}/`) === true;
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime, or belongs to somebody else.
  }
}
