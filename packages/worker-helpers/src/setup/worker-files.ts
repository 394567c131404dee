/**
 * The files of a worker, as a pure function of its settings: what Debian's `buildbot-worker create-worker` writes, and what it
 * has no option for (an authority to trust).
 */
import { join } from 'node:path/posix';
import * as z from 'zod';
import type { MasterAddress } from './master-address.ts';
import type { Places } from './places.ts';

export interface WorkerSettings {
  readonly master: MasterAddress;
  readonly name: string;
  readonly password: string;
  /** The authority (PEM) that signs the master's certificate; without one the connection is not encrypted. */
  readonly authority?: string;
  /** Who looks after the worker, for the master's web page. */
  readonly admin: string;
  /** What the machine is, for the master's web page. */
  readonly host: string;
}

export interface WorkerFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  readonly owner: 'worker' | 'root';
  /** Whether a running worker has to start anew to take it; it reads the others whenever it connects. */
  readonly takenAt: 'start' | 'connection';
}

/** All files that there may be; one without content must not be there. */
export function workerFiles(places: Places, settings: WorkerSettings): readonly WorkerFile[] {
  const info = (name: string, content: string): WorkerFile => ({
    path: join(places.worker, 'info', name),
    content: `${content}\n`,
    mode: 0o644,
    owner: 'worker',
    takenAt: 'connection',
  });
  return [
    ...(settings.authority === undefined
      ? []
      : [
          {
            path: authorityPath(places),
            content: settings.authority,
            mode: 0o644,
            owner: 'root',
            takenAt: 'start',
          } as const,
        ]),
    info('admin', settings.admin),
    info('host', settings.host),
    {
      path: tacPath(places),
      content: tac(places, settings),
      mode: 0o600,
      owner: 'worker',
      takenAt: 'start',
    },
  ];
}

/** The file that the service waits for (its ConditionPathExists): the last to be written, the first to go. */
export function tacPath(places: Places): string {
  return join(places.worker, 'buildbot.tac');
}

function authorityPath(places: Places): string {
  return join(places.trust, 'master.pem');
}

/** The master that a tac made here leads to. */
export function masterOfTac(text: string): MasterAddress | undefined {
  const [, plain, plainPort] = /^worker = Worker\(("(?:[^"\\]|\\.)*"), (\d+),/m.exec(text) ?? [];
  if (plain !== undefined) return { host: unquoted(plain), port: Number(plainPort) };
  const [, endpoint] = /connection_string=("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  if (endpoint === undefined) return undefined;
  const [, host, port] = /^tls:((?:[^\\:]|\\.)*):(\d+):/.exec(unquoted(endpoint)) ?? [];
  return host === undefined ? undefined : { host: host.replaceAll('\\:', ':'), port: Number(port) };
}

const unquoted = (text: string): string => z.string().parse(JSON.parse(text));

/** Every file that a setup may have written, in the order in which they go. */
export function removablePaths(places: Places): readonly string[] {
  return [
    tacPath(places),
    join(places.worker, 'info/admin'),
    join(places.worker, 'info/host'),
    authorityPath(places),
  ];
}

/** Without `delete_leftover_dirs`: a master with a mistake in its configuration would have every checkout deleted. */
function tac(places: Places, { master, name, password, authority }: WorkerSettings): string {
  // JSON's strings are Python's too.
  const text = JSON.stringify;
  const connection =
    authority === undefined
      ? `Worker(${text(master.host)}, ${master.port}, ${text(name)}, ${text(password)}, basedir, keepalive=60,
                umask=0o022, allow_shutdown='signal')`
      : `Worker(None, None, ${text(name)}, ${text(password)}, basedir, keepalive=60, umask=0o022,
                allow_shutdown='signal', connection_string=${text(tlsEndpoint(places, master))})`;
  return `# Written by lpbuildbot-worker-setup; its next run undoes changes. It holds the worker's password.
import os

from buildbot_worker.bot import Worker
from twisted.application import service
from twisted.internet import reactor, task
from twisted.python.log import FileLogObserver, ILogObserver
from twisted.python.logfile import LogFile

basedir = os.path.abspath(os.path.dirname(__file__))
application = service.Application('buildbot-worker')
logfile = LogFile.fromFullPath(os.path.join(basedir, 'twistd.log'), rotateLength=10000000, maxRotatedFiles=10)
application.setComponent(ILogObserver, FileLogObserver(logfile).emit)
worker = ${connection}
worker.setServiceParent(application)


# On SIGHUP the worker asks the master to let it go once its builds are over. A master that is gone never answers, and the
# builds have ended with the connection: there is nothing to wait for.
def leave_without_master():
    master = worker.bf.perspective
    if master is None or master.broker.disconnected:
        reactor.stop()


ask_master = worker.gracefulShutdown
waiting = task.LoopingCall(leave_without_master)


def drain():
    if not waiting.running:
        reactor.callFromThread(waiting.start, 1, now=False)
    return ask_master()


worker.gracefulShutdown = drain
`;
}

/** Twisted's text for a client endpoint (twisted.internet.endpoints.clientFromString), where colons separate. */
function tlsEndpoint(places: Places, { host, port }: MasterAddress): string {
  return `tls:${host.replaceAll(':', '\\:')}:${port}:trustRoots=${places.trust}`;
}
