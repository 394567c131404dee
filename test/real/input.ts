/** Gets everything that the comparison needs from outside: Buildbot's environment, the tests' environment, the releases. */
import { join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';
import type { Release } from './corpora.ts';
import { messages } from './messages.ts';
import { sdists } from './sdists.ts';

export interface Input {
  /** The interpreter that Buildbot runs in, and the one that the releases' tests run in. */
  readonly buildbotPython: string;
  readonly testPython: string;
  /** The file of each of the releases that were asked for. */
  readonly sdistOf: (release: Release) => string;
}

const state = join(import.meta.dirname, '../../.lpbuildbot');

/** Throws, with what to do in the message, when something cannot be had. */
export async function prepareInput(
  releases: readonly Release[],
  onProgress: (line: string) => void,
): Promise<Input> {
  const buildbotPython = await environment(join(state, 'venv'), undefined, onProgress);
  const lock = join(import.meta.dirname, 'requirements.txt');
  const testPython = await environment(join(state, 'real/venv'), lock, onProgress);
  let downloads = 0;
  const outcomes = await sdists(releases, {
    python: testPython,
    cache: join(state, 'real/sdists'),
    onDownload: () => {
      downloads += 1;
      if (downloads % 10 === 0) onProgress(messages.downloaded(downloads));
    },
  });
  const paths = new Map<string, string>();
  for (const [index, release] of releases.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind === 'there') paths.set(release.sha256, outcome.path);
    else throw new Error(messages.missing(release.project, release.version, outcome?.reason ?? ''));
  }
  return {
    buildbotPython,
    testPython,
    sdistOf: (release) => {
      const path = paths.get(release.sha256);
      if (path === undefined) throw new Error(`${release.file} was not asked for`);
      return path;
    },
  };
}

async function environment(
  directory: string,
  lock: string | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const outcome = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory,
    onProgress,
    ...(lock === undefined ? {} : { lock }),
  });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return outcome.python;
}
