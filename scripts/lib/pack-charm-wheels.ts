/**
 * The wheels that a charm carries, so that it can be deployed where no package index is: those of the lock file, for every
 * Python that the supported releases have, on one architecture. Fetched once for a lock and kept in .lpbuildbot.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { fetchingWheels, wheelsFailed } from './pack-charm-messages.ts';
import type { Architecture } from './pack-node.ts';
import { runProgram } from './run-program.ts';

export type WheelsOutcome =
  | { readonly kind: 'ready'; readonly directory: string; readonly names: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Each with the glibc of the oldest release that has it: Debian 12, Ubuntu 24.04, Ubuntu 26.04. */
const PYTHONS = [
  { version: '3.11', glibcMinor: 36 },
  { version: '3.12', glibcMinor: 39 },
  { version: '3.14', glibcMinor: 39 },
];
const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' } as const;

export async function charmWheels(root: string, architecture: Architecture): Promise<WheelsOutcome> {
  const lock = requirementsOf(
    await readFile(join(root, 'packages/buildbot/python/requirements.txt'), 'utf8'),
    MACHINES[architecture],
  );
  const key = createHash('sha256')
    .update(JSON.stringify([lock, architecture, PYTHONS]))
    .digest('hex')
    .slice(0, 16);
  const state = join(root, '.lpbuildbot');
  const directory = join(state, `wheels-${key}`);
  const kept = await namesIn(directory);
  if (kept !== undefined) return { kind: 'ready', directory, names: kept };

  const venv = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory: join(state, 'venv'),
    onProgress: (sentence) => console.log(sentence),
  });
  if (venv.kind === 'failed') return venv;
  const temporary = await mkdtemp(join(state, 'wheels-'));
  try {
    await writeFile(join(temporary, 'requirements.txt'), lock);
    for (const python of PYTHONS) {
      console.log(fetchingWheels(python.version, architecture));
      const { code, output } = await runProgram(
        [venv.python, ...download(python, MACHINES[architecture], temporary)],
        { cwd: temporary },
      );
      if (code !== 0) return { kind: 'failed', reason: wheelsFailed(python.version, output) };
    }
    // Another one that packs at the same time has fetched the same.
    await rename(join(temporary, 'wheels'), directory).catch(() => undefined);
    return { kind: 'ready', directory, names: (await namesIn(directory)) ?? [] };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The lines of a lock for one machine, without their markers: pip compares those with the machine that it runs on, not with
 * the one that it downloads for. The lock has no other markers (packages/buildbot/scripts/lock.ts).
 */
export function requirementsOf(lock: string, machine: string): string {
  const entries = lock
    .replaceAll(/^#.*\n/gm, '')
    .split(/\n(?=\S)/)
    .filter((entry) => entry.trim() !== '');
  return entries
    .filter((entry) => {
      const [, marker] = / ; ([^\\\n]*)/.exec(entry) ?? [];
      return marker === undefined || marker.includes(`"${machine}"`);
    })
    .map((entry) => `${entry.trimEnd().replace(/ ; [^\\\n]*(?=\\|\n|$)/, ' ')}\n`)
    .join('');
}

function download(
  { version, glibcMinor }: (typeof PYTHONS)[number],
  machine: string,
  directory: string,
): string[] {
  const platforms = [
    // From CentOS 7's C library on; the newest first, as pip prefers them on the machine itself.
    ...Array.from(
      { length: glibcMinor - 17 + 1 },
      (_, index) => `manylinux_2_${glibcMinor - index}_${machine}`,
    ),
    `manylinux2014_${machine}`,
    `linux_${machine}`,
  ];
  return [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
    ...['--require-hashes', '--only-binary=:all:', '--implementation', 'cp', '--python-version', version],
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...['--dest', join(directory, 'wheels'), '--requirement', join(directory, 'requirements.txt')],
  ];
}

async function namesIn(directory: string): Promise<string[] | undefined> {
  await mkdir(join(directory, '..'), { recursive: true });
  return await readdir(directory).then(
    (names) => names.toSorted(),
    () => undefined,
  );
}
