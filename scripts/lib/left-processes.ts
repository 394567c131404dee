/**
 * Finds the processes that a test left running. A daemon leaves its process group, so the environment it was started
 * with is looked at too (proc(5): /proc/PID/environ, /proc/PID/stat).
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

export interface LeftProcess {
  readonly pid: number;
  /** Its pid and command line, for people. */
  readonly name: string;
}

export interface Marks {
  /** The process group, as in setpgid(2); undefined when there is none. */
  readonly group: number | undefined;
  /** `NAME=value` in the environment that only processes of the test have. */
  readonly environment: string;
}

/** Waits until no process has one of the marks, at most `graceMilliseconds`, and gives those that still have one. */
export async function processesOf(marks: Marks, graceMilliseconds: number): Promise<LeftProcess[]> {
  const deadline = performance.now() + graceMilliseconds;
  for (;;) {
    const left = await look(marks);
    if (left.length === 0 || performance.now() >= deadline) return left;
    await setTimeout(100);
  }
}

/** Ends processes at once (a negative number is a process group, as in kill(2)); those that are gone already are no mistake. */
export function killProcesses(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone since it was seen.
    }
  }
}

async function look(marks: Marks): Promise<LeftProcess[]> {
  const names = await readdir('/proc');
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => inspect(pid, marks)));
  return found.filter((process) => process !== undefined);
}

async function inspect(pid: number, marks: Marks): Promise<LeftProcess | undefined> {
  try {
    // After the name in parentheses, which may hold anything: state, parent, process group.
    const [state, , group] = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    if (state === 'Z' || state === 'X' || pid === process.pid) return undefined;
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    if (Number(group) !== marks.group && !environment.includes(marks.environment)) return undefined;
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return { pid, name: `${pid} ${command}` };
  } catch {
    // It ended while it was looked at, or belongs to another user.
    return undefined;
  }
}
