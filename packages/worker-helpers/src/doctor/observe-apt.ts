/** The state of apt and dpkg: what waits, what is half done, and who is at work. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { Run } from '../setup/machine.ts';
import type { AptFacts } from './facts.ts';

/** apt holds the first while it works, dpkg the second (apt-get(8), dpkg(1)). */
const LOCKS = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock'];
/** Of the kernel's clock in /proc/PID/stat: proc_pid_stat(5). Linux has it at 100 on all of our architectures. */
const TICKS = 100;

export async function observeApt(run: Run): Promise<AptFacts> {
  const [upgrades, packages, lock] = await Promise.all([
    run(['apt-get', '--simulate', '--quiet=2', '--option=Debug::NoLocking=true', 'upgrade']),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
    run(['dpkg-query', '--show', '--showformat=${db:Status-Status} ${Package}\\n']),
    observeLock(),
  ]);
  return { upgrades: upgradesIn(upgrades.output), unfinished: unfinishedIn(packages.output), lock };
}

/** `Inst git [1:2.39.5-0] (1:2.39.5-1 Debian:12 [amd64])` for each package that would come. */
export function upgradesIn(simulation: string): string[] {
  return [...simulation.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
}

/** The states of dpkg(1) that a package should not stay in. */
export function unfinishedIn(listing: string): string[] {
  const unfinished =
    /^(?:half-installed|unpacked|half-configured|triggers-awaited|triggers-pending) (\S+)$/gm;
  return [...listing.matchAll(unfinished)].map(([, name = '']) => name);
}

async function observeLock(): Promise<AptFacts['lock']> {
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  for (const path of LOCKS) {
    const file = await stat(path).catch(() => undefined);
    for (const pid of file === undefined ? [] : holdersIn(locks, file.ino)) {
      // Another file system may have a file of that number.
      if (await isOpenIn(pid, path)) return { kind: 'held', pid, ...(await processOf(pid)) };
    }
  }
  return { kind: 'free' };
}

/** The processes that hold a lock on the file of that number: proc_locks(5). */
export function holdersIn(locks: string, inode: number): number[] {
  const lines = locks.matchAll(/^\d+: +\S+ +\S+ +WRITE +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) /gm);
  return [...lines].filter(([, , found]) => Number(found) === inode).map(([, pid]) => Number(pid));
}

async function isOpenIn(pid: number, path: string): Promise<boolean> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.includes(path);
}

async function processOf(pid: number): Promise<{ program: string; seconds: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const uptime = await readFile('/proc/uptime', 'utf8');
  const [, program = '?', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  const started = Number(rest.split(' ')[19] ?? 0) / TICKS;
  return { program, seconds: Math.max(0, Math.round(Number.parseFloat(uptime) - started)) };
}
