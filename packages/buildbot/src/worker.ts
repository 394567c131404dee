/** A worker as a child process, for the local system and for tests: the deployed ones come from the distribution. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exit, type ForegroundOptions, startForeground } from './foreground.ts';

export interface WorkerFiles {
  readonly directory: string;
  readonly name: string;
  readonly password: string;
  /** Where the master's port for workers is. */
  readonly host: string;
  readonly port: number;
}

export interface Worker {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Ends it. `now` interrupts its builds, which the master then gives to others; `after-builds` finishes them first. */
  stop(when: 'now' | 'after-builds'): Promise<Exit>;
}

const STOP_SECONDS = 30;
const BUILDS_SECONDS = 24 * 3600;
/** Writes a worker's directory anew; its builds stay. The password is in a file that only the owner reads. */
export async function createWorker(files: WorkerFiles): Promise<void> {
  await mkdir(join(files.directory, 'info'), { recursive: true });
  await writeFile(join(files.directory, 'info/admin'), 'lpbuildbot\n');
  await writeFile(join(files.directory, 'info/host'), 'this machine\n');
  await writeFile(join(files.directory, 'buildbot.tac'), workerTac(files), { mode: 0o600 });
}

/** Starts the worker of a directory; it goes on trying until it reaches its master. */
export async function startWorker(options: ForegroundOptions): Promise<Worker> {
  const child = await startForeground(options);
  return {
    pid: child.pid,
    exited: child.exited,
    stop: (when) =>
      when === 'now' ? child.stop('SIGTERM', STOP_SECONDS) : child.stop('SIGHUP', BUILDS_SECONDS),
  };
}

function workerTac({ name, password, host, port }: WorkerFiles): string {
  // JSON's strings are Python's too.
  return `import os

from buildbot_worker.bot import Worker
from twisted.application import service
from twisted.cred.error import UnauthorizedLogin
from twisted.python import log
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from twisted.spread.pb import PBConnectionLost

basedir = os.path.abspath(os.path.dirname(__file__))
application = service.Application('buildbot-worker')
logfile = LogFile.fromFullPath(os.path.join(basedir, 'twistd.log'), rotateLength=10000000, maxRotatedFiles=5)
application.setComponent(log.ILogObserver, log.FileLogObserver(logfile).emit)
worker = Worker(${JSON.stringify(host)}, ${port}, ${JSON.stringify(name)}, ${JSON.stringify(password)}, basedir,
                keepalive=60, allow_shutdown='signal')
worker.setServiceParent(application)

# A master that is just ending fails at a login in ways of its own, and Buildbot's worker then ends as well.
try_later = worker.bf.failedToGetPerspective


def login_failed(why, broker):
    if why.check(PBConnectionLost, UnauthorizedLogin):
        return try_later(why, broker)
    log.err(why, 'the master failed at the login')
    return try_later(Failure(PBConnectionLost()), broker)


worker.bf.failedToGetPerspective = login_failed
`;
}
