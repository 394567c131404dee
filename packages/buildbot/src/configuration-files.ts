/** The files of one configuration of a master: what master.cfg reads, and master.cfg itself with its package. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pythonFolder } from './paths.ts';

/** How a master is reached, and where what it needs lies. Paths are absolute. */
export interface Site {
  readonly title: string;
  /** The address in people's browsers, with a trailing slash. */
  readonly url: string;
  readonly web: Address;
  readonly workers: Address;
  /** TLS for the workers' port: PEM files that the master's user can read. */
  readonly workersTls?: { readonly keyFile: string; readonly certificateFile: string };
  /** SQLAlchemy's URL of the database, a secret; SQLite in the master's directory without it. */
  readonly databaseUrl?: string;
  /** Who may change state: what formatLogins makes. Read at every login, it need not be there yet. */
  readonly loginsFile: string;
  /** Secrets that change hooks are signed with, one a line. Read at every call, it need not be there: then hooks are off. */
  readonly webhookSecretFile?: string;
  /** Logs of builds older than this are deleted at night. */
  readonly logRetentionDays: number;
}

export interface Address {
  /** The address to listen on, such as 127.0.0.1; 0.0.0.0 for all. */
  readonly host: string;
  readonly port: number;
}

export interface MasterWorker {
  readonly name: string;
  readonly password: string;
  readonly images: readonly string[];
  /** How many builds it takes at a time. */
  readonly capacity: number;
  readonly arch?: string;
}

export interface ConfigurationFile {
  /** Relative to the configuration's folder. */
  readonly path: string;
  readonly content: string;
  readonly secret: boolean;
}

const CODE = /^(master\.cfg|lpbuildbot_master\/.*)$/;

/** Whether a running master has to be started anew to take a change of this file: code, and what Buildbot refuses. */
export function needsRestart(path: string): boolean {
  return CODE.test(path) || path === 'database-url';
}

/** All files of a configuration; `pipeline` is the compiled pipeline (the JSON of @lpbuildbot/pipeline's compile). */
export async function configurationFiles(input: {
  readonly pipeline: unknown;
  readonly site: Site;
  readonly workers: readonly MasterWorker[];
}): Promise<ConfigurationFile[]> {
  const { databaseUrl, ...site } = input.site;
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  const modules = (await readdir(join(pythonFolder, 'lpbuildbot_master'))).filter((name) =>
    name.endsWith('.py'),
  );
  const code = await Promise.all(
    ['master.cfg', ...modules.map((name) => `lpbuildbot_master/${name}`)].map(async (path) => ({
      path,
      content: await readFile(join(pythonFolder, path), 'utf8'),
      secret: false,
    })),
  );
  const databaseUrlFile = databaseUrl === undefined ? {} : { databaseUrlFile: 'database-url' };
  return [
    ...code,
    { path: 'pipeline.json', content: json(input.pipeline), secret: false },
    { path: 'site.json', content: json({ ...site, ...databaseUrlFile }), secret: false },
    { path: 'workers.json', content: json({ workers: input.workers }), secret: true },
    ...(databaseUrl === undefined
      ? []
      : [{ path: 'database-url', content: `${databaseUrl}\n`, secret: true }]),
  ];
}

/** A master's buildbot.tac. It never changes with the configuration, so a running master never needs another. */
export const MASTER_TAC = `import os

from buildbot.master import BuildMaster
from twisted.application import service
from twisted.python.log import FileLogObserver, ILogObserver
from twisted.python.logfile import LogFile

basedir = os.path.abspath(os.path.dirname(__file__))
rotateLength = 10000000
maxRotatedFiles = 10
configfile = 'config/master.cfg'
# The database holds what the sessions of logged-in people are signed with.
umask = 0o027
os.umask(umask)
# Buildbot's own commands look for this line to tell that this is a master's directory.
application = service.Application('buildmaster')
logfile = LogFile.fromFullPath(os.path.join(basedir, 'twistd.log'), rotateLength=rotateLength,
                               maxRotatedFiles=maxRotatedFiles)
application.setComponent(ILogObserver, FileLogObserver(logfile).emit)
master = BuildMaster(basedir, configfile, umask)
# Buildbot's own has the machine's name in it. On another machine, with the storage or a backup of this one, it would take itself for
# a second master, and leave pollers and schedulers to the first one until that had been silent for ten minutes.
master.name = 'lpbuildbot'
master.setServiceParent(application)
master.log_rotation.rotateLength = rotateLength
master.log_rotation.maxRotatedFiles = maxRotatedFiles
`;
