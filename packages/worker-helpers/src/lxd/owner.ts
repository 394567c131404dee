/**
 * Which process an instance belongs to, and whether that one still lives. A process id alone comes back after a while, and
 * after a reboot at once: with the boot's id and the time of the start it never does.
 */
import { readFile } from 'node:fs/promises';

export interface Owner {
  readonly boot: string;
  readonly pid: number;
  /** In clock ticks since the boot, as /proc/PID/stat has it (proc_pid_stat(5), field 22). */
  readonly started: number;
}

export const ownerText = ({ boot, pid, started }: Owner): string => `${boot}:${pid}:${started}`;

export function parseOwner(text: string | undefined): Owner | undefined {
  const [boot = '', pid = '', started = '', ...rest] = (text ?? '').split(':');
  const numbers = /^[0-9]+$/.test(pid) && /^[0-9]+$/.test(started);
  if (boot === '' || !numbers || rest.length > 0) return undefined;
  return { boot, pid: Number(pid), started: Number(started) };
}

/** This very process. */
export async function ownerHere(): Promise<Owner> {
  const [boot, started] = await Promise.all([bootId(), startOf(process.pid)]);
  if (started === undefined) throw new Error('/proc does not know this process');
  return { boot, pid: process.pid, started };
}

/** Whether the process still lives, on this machine, in this boot. */
export async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.boot !== (await bootId())) return false;
  return (await startOf(owner.pid)) === owner.started;
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** A zombie has ended, whoever still has to take note of it. */
async function startOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : startInStat(stat);
}

/** The start time in the text of /proc/PID/stat; the program's name in it may hold spaces and parentheses. */
export function startInStat(stat: string): number | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = Number(fields[18]);
  return state === 'Z' || state === 'X' || !Number.isInteger(started) ? undefined : started;
}
