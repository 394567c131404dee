/** A master as a child process: starts it, waits until it serves, stops it. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Exit, type ForegroundOptions, startForeground } from './foreground.ts';
import { LogFollower } from './log-follower.ts';
import { messages } from './messages.ts';

export interface Master {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /**
   * Ends it. `now` hands running builds back, to be built again after the next start; `after-builds` waits for them and
   * starts no others.
   */
  stop(when: 'now' | 'after-builds'): Promise<Exit>;
}

export type StartOutcome =
  | { readonly kind: 'serving'; readonly master: Master }
  | { readonly kind: 'failed'; readonly reason: string };

const START_SECONDS = 300;
const STOP_SECONDS = 30;
const BUILDS_SECONDS = 24 * 3600;

/** `foreground.py` exits with these when another process runs in the directory, and when the database is not ready. */
const OTHER_PROCESS = 75;
const UPGRADE_FAILED = 76;

/** The arguments with which an environment's interpreter runs the `buildbot` command. */
export const BUILDBOT = ['-c', 'from buildbot.scripts.runner import run; run()'];

/**
 * Starts the master of a configured directory (see configureMaster) and waits until its web server and its port for
 * workers listen. The database is created or brought up to this Buildbot's version first.
 */
export async function startMaster(options: ForegroundOptions): Promise<StartOutcome> {
  const { directory } = options;
  const configured = await access(join(directory, 'config')).then(
    () => true,
    () => false,
  );
  if (!configured) return { kind: 'failed', reason: messages.notConfigured(directory) };
  const log = await LogFollower.atEnd(join(directory, 'twistd.log'));
  const child = await startForeground(options, ['--upgrade']);
  let exit: Exit | undefined;
  child.exited.then((value) => {
    exit = value;
  });
  let seen = '';
  const deadline = Date.now() + START_SECONDS * 1000;
  while (true) {
    const ended = exit;
    seen += await log.read();
    if (seen.includes('BuildMaster is running')) break;
    if (ended !== undefined)
      return { kind: 'failed', reason: whyNot(directory, ended, child.output() + seen) };
    if (Date.now() > deadline) {
      await child.stop('SIGKILL', 0);
      return { kind: 'failed', reason: messages.startTimedOut(directory, START_SECONDS, seen) };
    }
    await sleep(25);
  }
  const master: Master = {
    pid: child.pid,
    exited: child.exited,
    stop: (when) =>
      when === 'now' ? child.stop('SIGTERM', STOP_SECONDS) : child.stop('SIGUSR1', BUILDS_SECONDS),
  };
  return { kind: 'serving', master };
}

/** Who the master runs as, when that is not the caller. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

function whyNot(directory: string, exit: Exit, output: string): string {
  if (exit.code === OTHER_PROCESS) return messages.alreadyRunning(directory);
  if (exit.code === UPGRADE_FAILED) return messages.upgradeFailed(output);
  const [, address] = /CannotListenError: Couldn't listen on (\S+): \[Errno 98\]/.exec(output) ?? [];
  if (address !== undefined) return messages.portInUse(address);
  return messages.masterFailed(directory, output);
}
