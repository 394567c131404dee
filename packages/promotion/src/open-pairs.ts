/** The pairs of pipelines, and everything that is needed to work on the remotes they live in. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pipeline } from '@lpbuildbot/pipeline';
import type { Config } from './config.ts';
import { gitEnvironment } from './git/environment.ts';
import { checkSecrets } from './given-files.ts';
import { type Access, openRemotes } from './open-remotes.ts';
import { groupByRemote, type RemotePairs } from './pairs.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * `directory` gets what git is given; two processes need one each. Accesses are by URL. Throws ConfigError when state directory or
 * secrets are not usable.
 */
export async function openPairs(
  pipelines: readonly Pipeline[],
  config: Config,
  surroundings: Pick<Surroundings, 'environment' | 'now' | 'random'>,
  directory = join(config.state, 'git'),
): Promise<{ readonly remotes: readonly RemotePairs[]; readonly accesses: ReadonlyMap<string, Access> }> {
  await checkSecrets(config);
  await mkdir(join(config.state, 'mirrors'), { recursive: true, mode: 0o700 });
  const remotes = groupByRemote(pipelines, config.mode);
  const urls = remotes.map((remote) => remote.url);
  const environment = await gitEnvironment(directory, config.git, urls, surroundings.environment);
  return { remotes, accesses: await openRemotes(urls, { ...surroundings, config, directory, environment }) };
}
