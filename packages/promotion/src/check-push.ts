/**
 * `check-push`: tries with every branch that is moved whether the service may push it, with the service's own credentials, and moves
 * none. It works beside a running service.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { GitError } from './git/run.ts';
import { readPipelineFiles } from './given-files.ts';
import { messages } from './messages.ts';
import { openPairs } from './open-pairs.ts';
import type { Access } from './open-remotes.ts';
import type { RemotePairs } from './pairs.ts';
import { RemoteError } from './remote.ts';
import type { Surroundings } from './surroundings.ts';

interface Checked {
  readonly ok: boolean;
  readonly text: string;
}

/** A line for each branch. Throws ConfigError when the configuration is not usable. */
export async function checkPush(
  config: Config,
  surroundings: Pick<Surroundings, 'environment' | 'now' | 'random'>,
): Promise<Checked> {
  if (config.mode === 'shadow') return { ok: true, text: messages.shadowPushesNothing };
  const pipelines = await readPipelineFiles(config.pipelines);
  // Not the running service's own.
  const directory = join(config.state, `check-push-${process.pid}`);
  try {
    const { remotes, accesses } = await openPairs(pipelines, config, surroundings, directory);
    const checked = await Promise.all(remotes.map((pairs) => checkRemote(pairs, accesses.get(pairs.url))));
    const lines = checked.flat();
    if (lines.length === 0) return { ok: true, text: messages.nothingToPush };
    return { ok: lines.every(({ ok }) => ok), text: lines.map(({ text }) => text).join('\n') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function checkRemote({ url, pairs }: RemotePairs, access: Access | undefined): Promise<Checked[]> {
  if (access === undefined) return [];
  const { remote } = access;
  const targets = [...new Set(pairs.map(({ to }) => to))];
  try {
    const refs = await remote.readRefs([...new Set(pairs.flatMap(({ from, to }) => [from, to]))]);
    const lines: Checked[] = [];
    for (const target of targets) {
      // One that is still to be made has no value of its own: the branch that it is made from stands for it.
      const stand = pairs.flatMap(({ from, to }) => (to === target ? [from] : []));
      const branch = [target, ...stand].find((each) => refs.has(each));
      const tip = branch === undefined ? undefined : refs.get(branch);
      if (branch === undefined || tip === undefined) continue;
      const outcome = await remote.tryPush(branch, tip);
      lines.push(
        outcome.kind === 'moved' || outcome.kind === 'stale'
          ? { ok: true, text: messages.pushAllowed(target, url) }
          : { ok: false, text: messages.pushFailed(target, url, outcome.reason) },
      );
    }
    return lines;
  } catch (error) {
    if (!(error instanceof GitError || error instanceof RemoteError)) throw error;
    return [{ ok: false, text: messages.remoteFailed(url, error) }];
  }
}
