/** A master as a child process: prepares its database, starts it, waits until it serves, stops it. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type Exit, type ForegroundOptions, OTHER_PROCESS, startForeground } from './foreground.ts';
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

const START_SECONDS = 60;
const STOP_SECONDS = 30;
const BUILDS_SECONDS = 24 * 3600;

/** The arguments with which an environment's interpreter runs the `buildbot` command. */
export const BUILDBOT = ['-c', 'from buildbot.scripts.runner import run; run()'];

/**
 * Starts the master of a configured directory (see configureMaster) and waits until its web server and its port for
 * workers listen. The database is created or brought up to this Buildbot's version first.
 */
export async function startMaster(options: ForegroundOptions): Promise<StartOutcome> {
  const { python, directory } = options;
  const upgraded = await upgradeMaster({ python, directory });
  if (upgraded.kind === 'failed') return upgraded;
  const log = await LogFollower.atEnd(join(directory, 'twistd.log'));
  const child = await startForeground(options);
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

/** Creates a configured master's database or brings it up to this Buildbot's version. The master must not run. */
export async function upgradeMaster(options: {
  readonly python: string;
  readonly directory: string;
  readonly user?: User;
}): Promise<{ readonly kind: 'ready' } | { readonly kind: 'failed'; readonly reason: string }> {
  const { python, directory, user } = options;
  const configured = await access(join(directory, 'config')).then(
    () => true,
    () => false,
  );
  if (!configured) return { kind: 'failed', reason: messages.notConfigured(directory) };
  const upgrade = await execa(python, [...BUILDBOT, 'upgrade-master', '--quiet', directory], {
    all: true,
    reject: false,
    ...user,
  });
  if (upgrade.exitCode === 0) return { kind: 'ready' };
  return { kind: 'failed', reason: messages.upgradeFailed(upgrade.all) };
}

/** Who the master runs as, when that is not the caller. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

function whyNot(directory: string, exit: Exit, output: string): string {
  if (exit.code === OTHER_PROCESS) return messages.alreadyRunning(directory);
  const [, address] = /CannotListenError: Couldn't listen on (\S+): \[Errno 98\]/.exec(output) ?? [];
  if (address !== undefined) return messages.portInUse(address);
  return messages.masterFailed(directory, output);
}
