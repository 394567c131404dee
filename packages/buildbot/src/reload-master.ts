/** Tells a running master to take the configuration that lies in its directory, and finds out whether it did. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogFollower } from './log-follower.ts';
import { messages } from './messages.ts';

export type ReloadOutcome =
  | { readonly kind: 'taken' }
  /** It goes on as before. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may do some of the new and some of the old. */
  | { readonly kind: 'half-taken'; readonly reason: string };

const TIMEOUT_SECONDS = 300;

/** Sends SIGHUP and reads the answer in twistd.log (buildbot/master.py, doReconfig). */
export async function reloadMaster(directory: string, pid: number): Promise<ReloadOutcome> {
  const log = await LogFollower.atEnd(join(directory, 'twistd.log'));
  const deadline = Date.now() + TIMEOUT_SECONDS * 1000;
  // Until a starting master has set its handler, the signal would end it.
  while (true) {
    const ready = await handlesHangup(pid);
    if (ready === undefined) return { kind: 'refused', reason: messages.masterNotRunning(pid) };
    if (ready) break;
    if (Date.now() > deadline) return { kind: 'refused', reason: messages.reloadTimedOut(TIMEOUT_SECONDS) };
    await sleep(50);
  }
  process.kill(pid, 'SIGHUP');
  let seen = '';
  while (Date.now() < deadline) {
    seen += await log.read();
    const outcome = readOutcome(seen);
    if (outcome !== undefined) return outcome;
    if ((await handlesHangup(pid)) === undefined) {
      return { kind: 'refused', reason: messages.masterNotRunning(pid) };
    }
    await sleep(25);
  }
  return { kind: 'half-taken', reason: messages.reloadTimedOut(TIMEOUT_SECONDS) };
}

/** What a log says of the reload that was asked for at its beginning; undefined while it is under way. */
export function readOutcome(log: string): ReloadOutcome | undefined {
  const lines = log.split('\n').slice(0, -1).map(withoutPrefix);
  // One that was already under way does not count: ours comes after it.
  const busy = lines.findIndex((line) => line.startsWith('reconfig already active'));
  const from = lines.indexOf('beginning configuration update', busy + 1);
  if (from === -1) return undefined;
  const to = lines.findIndex((line, index) => index > from && /configuration update/.test(line));
  const last = lines[to];
  if (last === undefined) return undefined;
  if (last.startsWith('configuration update complete')) return { kind: 'taken' };
  const reason = messages.reloadRefused(reasonIn(lines.slice(from + 1, to)));
  return { kind: last.includes('partially applied') ? 'half-taken' : 'refused', reason };
}

/** `2026-01-02 03:04:05+0000 [-] text` as Twisted writes it; lines of a traceback have no prefix. */
function withoutPrefix(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} \[[^\]]*\] /, '');
}

/** The end of a traceback, which Twisted indents by a tab, or all that was said when there is none. */
function reasonIn(lines: readonly string[]): string {
  const raised = lines.findLast((line) => /^\t[\w.]+: /.test(line));
  if (raised !== undefined) return raised.trim();
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('Loading configuration from'))
    .join('; ');
}

/** Whether a process has a handler for SIGHUP (the first bit of SigCgt, see proc_pid_status(5)); undefined without one. */
async function handlesHangup(pid: number): Promise<boolean | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const [, caught] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status ?? '') ?? [];
  return caught === undefined || /^State:\s*Z/m.test(status ?? '')
    ? undefined
    : (Number.parseInt(caught.slice(-1), 16) & 1) === 1;
}
