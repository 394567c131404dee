/**
 * Makes sure of the programs of the distribution that the tests run beside our own: a real OpenSSH server, a real
 * PostgreSQL server, openssl. The tests start them themselves, so no service may start when they are installed.
 */
import { rmSync } from 'node:fs';
import { access, constants, glob, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installByHand, installFailed, installing } from './messages.ts';
import { type Finished, runProgram } from './run-program.ts';

interface Needed {
  readonly program: string;
  /** Where distributions put it besides the PATH; may be a pattern. */
  readonly directories: readonly string[];
  /** The package of Debian and Ubuntu that has it. */
  readonly package: string;
}

const needed: readonly Needed[] = [
  { program: 'ssh', directories: [], package: 'openssh-client' },
  { program: 'sshd', directories: ['/usr/sbin', '/usr/local/sbin'], package: 'openssh-server' },
  { program: 'initdb', directories: ['/usr/lib/postgresql/*/bin'], package: 'postgresql' },
  { program: 'openssl', directories: [], package: 'openssl' },
];

/** Whether everything is there, after what was missing has been installed where that is possible; else it has told what is missing. */
export async function ensurePrograms(): Promise<boolean> {
  const missing = await missingPackages();
  if (missing.length === 0) return true;
  const mayInstall = process.getuid?.() === 0 && (await exists('/usr/bin/apt-get'));
  if (!mayInstall) {
    console.error(installByHand(missing));
    return false;
  }
  console.error(installing(missing));
  const { code, output } = await withoutServices(() => install(missing));
  if (code === 0 && (await missingPackages()).length === 0) return true;
  console.error(installFailed(missing, output));
  return false;
}

async function missingPackages(): Promise<string[]> {
  const found = await Promise.all(needed.map(isThere));
  return needed.filter((_, index) => !found[index]).map((one) => one.package);
}

async function isThere({ program, directories }: Needed): Promise<boolean> {
  const path = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const directory of path) if (await exists(join(directory, program))) return true;
  for (const pattern of directories) {
    for await (const _ of glob(join(pattern, program))) return true;
  }
  return false;
}

async function install(packages: readonly string[]): Promise<Finished> {
  const aptGet = (...words: string[]): Promise<Finished> =>
    runProgram(['apt-get', '-qq', ...words], { cwd: '/', env: { DEBIAN_FRONTEND: 'noninteractive' } });
  const words = ['install', '--yes', '--no-upgrade', '--no-install-recommends', ...packages];
  const first = await aptGet(...words);
  if (first.code === 0) return first;
  // The package lists may be absent or old, as in a fresh container.
  await aptGet('update');
  return await aptGet(...words);
}

/** Debian's packages ask this program whether they may start their services; 101 means no (invoke-rc.d(8)). */
const policy = '/usr/sbin/policy-rc.d';

async function withoutServices(work: () => Promise<Finished>): Promise<Finished> {
  if (await exists(policy)) return await work();
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  // Also when the terminal ends us in the middle: left there, no service would start on this machine any more.
  const remove = (): void => rmSync(policy, { force: true });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
