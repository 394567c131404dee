/** Installs packages of Debian and Ubuntu for the tests, which start what they need themselves: no service may start when it is installed. */
import { rmSync } from 'node:fs';
import { access, constants, writeFile } from 'node:fs/promises';
import { type Finished, runProgram } from './run-program.ts';

const aptGetProgram = '/usr/bin/apt-get';

/** Whether this user may install packages here, and there is a package manager to do it. */
export async function mayInstallPackages(): Promise<boolean> {
  return process.getuid?.() === 0 && (await isProgram(aptGetProgram));
}

/** Installs the packages and starts none of their services. */
export async function installPackages(packages: readonly string[]): Promise<Finished> {
  return await withoutServices(() => install(packages));
}

/** Whether there is a program at that path that this user may run. */
export async function isProgram(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function install(packages: readonly string[]): Promise<Finished> {
  const aptGet = (...words: string[]): Promise<Finished> =>
    runProgram([aptGetProgram, '-qq', ...words], { cwd: '/', env: { DEBIAN_FRONTEND: 'noninteractive' } });
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
  if (await isProgram(policy)) return await work();
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
