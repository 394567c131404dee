/** The packages under test, built once for all test files, and a signed repository of them. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { aptSource, KEYRING, publish } from '../../scripts/lib/apt-repository.ts';
import { packDeb } from '../../scripts/lib/pack-deb.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import type { Machine } from './lxc.ts';

/** The version that the changelog has, the one after it, and the one before. */
export const VERSIONS = { next: '99.0.0' } as const;

/** Where `main.ts` put the packages of the present version; a test file that is run by itself makes them. */
const BUILT = 'LPBUILDBOT_TEST_PACKAGES';

export async function buildPackages(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'packages-'));
  await build(directory, undefined);
  process.env[BUILT] = directory;
  return directory;
}

/** The files of lpbuildbot-worker and lpbuildbot-node. */
export async function presentPackages(): Promise<string[]> {
  const directory = process.env[BUILT] ?? (await buildPackages());
  return (await readdir(directory)).toSorted().map((name) => join(directory, name));
}

/** lpbuildbot-worker as another version. */
export async function buildVersion(directory: string, version: string): Promise<string> {
  await build(directory, version);
  return join(directory, `lpbuildbot-worker_${version}_all.deb`);
}

async function build(out: string, version: string | undefined): Promise<void> {
  const outcome = await packDeb({
    out,
    architecture: thisArchitecture,
    packages: version === undefined ? 'all' : 'helpers',
    ...(version === undefined ? {} : { version }),
  });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
}

export interface Repository {
  readonly directory: string;
  add(...files: string[]): Promise<void>;
  destroy(): Promise<void>;
}

/** A repository in `directory`, with a key that was made for it. */
export async function createRepository(directory: string): Promise<Repository> {
  const gnupgHome = await mkdtemp(join(tmpdir(), 'gnupg-'));
  const key = 'The site <site@example.com>';
  const gpg = (...words: string[]) => execa('gpg', ['--homedir', gnupgHome, '--batch', '--quiet', ...words]);
  await gpg('--passphrase', '', '--quick-generate-key', key, 'ed25519', 'sign', 'never');
  await mkdir(directory, { recursive: true });
  return {
    directory,
    add: async (...packages) => {
      const outcome = await publish({ directory, packages, key, gnupgHome });
      if (outcome.kind === 'refused') throw new Error(outcome.reason);
    },
    destroy: async () => {
      await execa('gpgconf', ['--homedir', gnupgHome, '--kill', 'all']);
      await rm(gnupgHome, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Does what `npm run apt-repo` says that one does on a worker. */
export async function addSource(machine: Machine, url: string): Promise<void> {
  await machine.sh(`curl -fsSo /usr/share/keyrings/${KEYRING} ${url}/${KEYRING}`);
  await machine.write('/etc/apt/sources.list.d/lpbuildbot.sources', aptSource(url));
}

export const APT = 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends';
/** Only our own repository is asked again: Debian's lists are as new as the machine's image. */
export const UPDATE = `apt-get -qq update -o Dir::Etc::sourcelist=sources.list.d/lpbuildbot.sources -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0`;
