/**
 * Makes sure of the programs of the distribution that the tests run beside our own: a real OpenSSH server, a real
 * PostgreSQL server, openssl, a browser, Prometheus. The tests start them themselves, so no service may start when they are installed.
 */
import { glob } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installPackages, isProgram, mayInstallPackages } from './install-packages.ts';
import { installByHand, installFailed, installing, skippedWithout } from './messages.ts';

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

/** Tests that need one of these are skipped without it. */
const wanted: readonly Needed[] = [
  { program: 'chromium', directories: [], package: 'chromium' },
  { program: 'promtool', directories: [], package: 'prometheus' },
];

/**
 * Whether everything that is needed is there, after what was missing has been installed where that is possible; it has
 * told what is missing.
 */
export async function ensurePrograms(): Promise<boolean> {
  await ensure(wanted, skippedWithout);
  return await ensure(needed, installByHand);
}

/** @param tell says what has to be installed by hand. */
async function ensure(
  programs: readonly Needed[],
  tell: (packages: readonly string[]) => string,
): Promise<boolean> {
  const missing = await missingPackages(programs);
  if (missing.length === 0) return true;
  if (!(await mayInstallPackages())) {
    console.error(tell(missing));
    return false;
  }
  console.error(installing(missing));
  const { code, output } = await installPackages(missing);
  if (code === 0 && (await missingPackages(programs)).length === 0) return true;
  console.error(installFailed(missing, output));
  return false;
}

async function missingPackages(programs: readonly Needed[]): Promise<string[]> {
  const found = await Promise.all(programs.map(isThere));
  return programs.filter((_, index) => !found[index]).map((one) => one.package);
}

async function isThere({ program, directories }: Needed): Promise<boolean> {
  const path = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const directory of path) if (await isProgram(join(directory, program))) return true;
  for (const pattern of directories) {
    for await (const _ of glob(join(pattern, program))) return true;
  }
  return false;
}
