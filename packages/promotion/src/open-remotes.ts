/** Finds out what kind each remote is, and makes what it is worked with: its way in, and its copy. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { Mirror } from './git/mirror.ts';
import { gitRemote } from './git/remote.ts';
import { createGit, type Git } from './git/run.ts';
import type { GithubAccess } from './github/open.ts';
import { githubPlace } from './github/place.ts';
import type { Remote } from './remote.ts';

export interface Access {
  /** What talks to the remote for the copy. */
  readonly git: Git;
  readonly mirror: Mirror;
  readonly remote: Remote;
  /** What tells on GitHub about its branches; undefined elsewhere. */
  readonly reporter: GithubAccess['reporter'] | undefined;
}

interface OpenSurroundings {
  readonly config: Config;
  /** Where git's files are, and its environment. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
}

/** By URL. */
export async function openRemotes(
  urls: readonly string[],
  surroundings: OpenSurroundings,
): Promise<ReadonlyMap<string, Access>> {
  const { config, environment } = surroundings;
  const plain = createGit(environment);
  let openGithub: ReturnType<typeof import('./github/open.ts').createGithub> | undefined;
  const accesses = new Map<string, Access>();
  for (const url of urls) {
    const directory = join(config.state, 'mirrors', mirrorName(url));
    const place = githubPlace(url, config.github);
    if (place === undefined) {
      const mirror = new Mirror(plain, directory);
      const remote = gitRemote({
        git: plain,
        url,
        directory,
        readTimeoutMs: config.git['read-timeout'],
        pushTimeoutMs: config.git['push-timeout'],
      });
      accesses.set(url, { git: plain, mirror, remote, reporter: undefined });
    } else {
      // Only now: it brings a library that takes memory.
      openGithub ??= (await import('./github/open.ts')).createGithub(surroundings);
      const { git, remote, reporter } = openGithub(url, place);
      accesses.set(url, { git, mirror: new Mirror(git, directory), remote, reporter });
    }
  }
  return accesses;
}

/** A name that a person recognises and that no two URLs share. */
function mirrorName(url: string): string {
  const readable = url.replace(/[^A-Za-z0-9]+/g, '-').slice(-40);
  return `${readable}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}.git`;
}
