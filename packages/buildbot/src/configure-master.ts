/**
 * Puts a configuration in place so that a bad one never replaces a good one. Every configuration is a folder of its own
 * and the symlink `config` names the present one: all files change at once, and going back is one rename too.
 *
 *     config -> config.8sKq2L/     master.cfg, lpbuildbot_master/, pipeline.json, site.json, workers.json, database-url
 *     buildbot.tac, twistd.log, state.sqlite, poller-…/
 */
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import {
  type ConfigurationFile,
  configurationFiles,
  MASTER_TAC,
  type MasterWorker,
  needsRestart,
  type Site,
} from './configuration-files.ts';
import { BUILDBOT, type User } from './master.ts';
import { messages } from './messages.ts';
import { reloadMaster } from './reload-master.ts';

export interface MasterConfiguration {
  /** The interpreter of the environment that the master runs in (see ensureVenv). */
  readonly python: string;
  /** The master's base directory; made when it is not there. */
  readonly directory: string;
  /** The compiled pipeline: what @lpbuildbot/pipeline's compile gives. */
  readonly pipeline: unknown;
  readonly site: Site;
  readonly workers: readonly MasterWorker[];
  /** The process of the running master, which is then told to take the configuration. */
  readonly running?: number;
  /** Who the master runs as, when the caller is root: the files become theirs. */
  readonly user?: User;
}

export type ConfigureOutcome =
  | { readonly kind: 'unchanged' }
  /** In place, and the running master works by it; or, when it says `needed`, will once it is started anew. */
  | { readonly kind: 'applied'; readonly restart: 'needed' | 'not-needed' }
  /** Nothing changed: the files are the ones from before, and so is what the running master does. */
  | { readonly kind: 'refused'; readonly reason: string };

/** In a configuration's folder once a running master has taken it: without it, the master is told again. */
const TAKEN = 'taken';

/** Brings a master's directory, and the master if it runs, to a configuration. Safe to repeat after any interruption. */
export async function configureMaster(configuration: MasterConfiguration): Promise<ConfigureOutcome> {
  const { python, running, user } = configuration;
  const directory = resolve(configuration.directory);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  await replaceFile(join(directory, 'buildbot.tac'), MASTER_TAC, user);

  const wanted = await configurationFiles(configuration);
  const previous = await readlink(join(directory, 'config')).catch(() => undefined);
  const changed = await differences(join(directory, 'config'), wanted);
  if (previous !== undefined && changed.length === 0) {
    await removeOthers(directory, [previous]);
    if (running === undefined || (await isTaken(directory, previous))) return { kind: 'unchanged' };
    // An earlier call was interrupted between the files and the master.
    return tell(directory, running, previous, undefined);
  }

  const folder = await writeConfiguration(directory, wanted, user);
  const checked = await execa(
    python,
    [...BUILDBOT, 'checkconfig', join(directory, folder, 'master.cfg')],
    // Without bytecode files: what is checked here is compared with what is wanted later.
    { cwd: directory, env: { PYTHONDONTWRITEBYTECODE: '1' }, all: true, reject: false, ...user },
  );
  if (checked.exitCode !== 0) {
    await rm(join(directory, folder), { recursive: true });
    return { kind: 'refused', reason: messages.configurationRefused(checked.all) };
  }
  await pointTo(directory, folder);
  if (running === undefined || (previous !== undefined && changed.some(needsRestart))) {
    await removeOthers(directory, [folder]);
    return { kind: 'applied', restart: running === undefined ? 'not-needed' : 'needed' };
  }
  return tell(directory, running, folder, previous);
}

/** Makes the running master load `folder`; when it does not, everything goes back to `previous`. */
async function tell(
  directory: string,
  running: number,
  folder: string,
  previous: string | undefined,
): Promise<ConfigureOutcome> {
  const told = await reloadMaster(directory, running);
  if (told.kind === 'taken') {
    await writeFile(join(directory, folder, TAKEN), '');
    await removeOthers(directory, [folder]);
    return { kind: 'applied', restart: 'not-needed' };
  }
  if (previous !== undefined) {
    await pointTo(directory, previous);
    if (told.kind === 'half-taken') await reloadMaster(directory, running);
    await removeOthers(directory, [previous]);
  }
  return { kind: 'refused', reason: told.reason };
}

/** The paths at which the files in a folder are not the wanted ones. */
async function differences(folder: string, wanted: readonly ConfigurationFile[]): Promise<string[]> {
  const present = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = present
    .filter((entry) => entry.isFile() && entry.name !== TAKEN && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const gone = paths.filter((path) => !wanted.some((file) => file.path === path));
  const different: string[] = [];
  for (const file of wanted) {
    const content = await readFile(join(folder, file.path), 'utf8').catch(() => undefined);
    if (content !== file.content) different.push(file.path);
  }
  return [...gone, ...different];
}

async function writeConfiguration(
  directory: string,
  files: readonly ConfigurationFile[],
  user: User | undefined,
): Promise<string> {
  const folder = await mkdtemp(join(directory, 'config.'));
  const own = async (path: string) => {
    if (user !== undefined) await chown(path, user.uid, user.gid);
  };
  await own(folder);
  for (const { path, content, secret } of files) {
    const target = join(folder, path);
    if ((await mkdir(dirname(target), { recursive: true })) !== undefined) await own(dirname(target));
    await writeFile(target, content, { mode: secret ? 0o600 : 0o644, flush: true });
    await own(target);
  }
  return folder.slice(directory.length + 1);
}

async function replaceFile(path: string, content: string, user: User | undefined): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === content) return;
  await writeFile(`${path}.new`, content, { mode: 0o644, flush: true });
  if (user !== undefined) await chown(`${path}.new`, user.uid, user.gid);
  await rename(`${path}.new`, path);
}

async function pointTo(directory: string, folder: string): Promise<void> {
  const link = join(directory, 'config.new');
  await rm(link, { force: true });
  await symlink(folder, link);
  await rename(link, join(directory, 'config'));
}

async function isTaken(directory: string, folder: string): Promise<boolean> {
  return (await readdir(join(directory, folder))).includes(TAKEN);
}

async function removeOthers(directory: string, kept: readonly string[]): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name.startsWith('config.') && !kept.includes(entry.name)) {
      await rm(join(directory, entry.name), { recursive: true });
    }
  }
}
