/**
 * Gets source distributions through pip, so that whatever index, mirror, certificate or wheel folder pip is configured
 * for is used, and pip itself compares the hashes. Each is downloaded once and kept.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pooled } from '../../scripts/lib/pool.ts';
import { runProgram } from '../../scripts/lib/run-program.ts';
import type { Release } from './corpora.ts';

export interface SdistOptions {
  /** The interpreter of an environment made from `requirements.txt`. */
  readonly python: string;
  /** Where downloads are kept. */
  readonly cache: string;
  /** Added to pip's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for every release that had to be downloaded. */
  readonly onDownload?: (release: Release) => void;
}

export type SdistOutcome =
  | { readonly kind: 'there'; readonly path: string }
  | { readonly kind: 'missing'; readonly release: Release; readonly reason: string };

/** Gives the file of every release, in the same order. */
export async function sdists(releases: readonly Release[], options: SdistOptions): Promise<SdistOutcome[]> {
  await mkdir(options.cache, { recursive: true });
  return await pooled(releases, 2, (release) => sdist(release, options));
}

async function sdist(release: Release, options: SdistOptions): Promise<SdistOutcome> {
  const path = join(options.cache, release.file);
  if ((await sha256Of(path)) === release.sha256) return { kind: 'there', path };
  const work = await mkdtemp(join(options.cache, 'download-'));
  try {
    const requirement = join(work, 'requirement.txt');
    await writeFile(requirement, `${release.project}==${release.version} --hash=sha256:${release.sha256}\n`);
    // Without isolation setup.py finds the setuptools of the environment, and nothing else is downloaded for it.
    const { code, output } = await runProgram(
      [
        options.python,
        ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
        ...['--no-binary=:all:', '--no-build-isolation', '--require-hashes'],
        ...['--dest', work, '--requirement', requirement],
      ],
      { cwd: work, ...(options.env === undefined ? {} : { env: options.env }) },
    );
    if (code !== 0) return { kind: 'missing', release, reason: lastError(output) };
    await rename(join(work, release.file), path);
    options.onDownload?.(release);
    return { kind: 'there', path };
  } finally {
    await rm(work, { recursive: true });
  }
}

async function sha256Of(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined);
  return content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
}

/** pip repeats itself and adds hints; the last error line is the reason. */
function lastError(output: string): string {
  const lines = output.trim().split('\n');
  return lines.findLast((line) => /^\s*ERROR:/.test(line))?.trim() ?? lines.at(-1) ?? '';
}
