/**
 * Everything about one remote on GitHub, put together. Imported only when there is such a remote: Octokit takes memory that
 * a service for other remotes has better use for.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { Config } from '../config.ts';
import type { Mirror } from '../git/mirror.ts';
import { createGit, type Git } from '../git/run.ts';
import type { Remote } from '../remote.ts';
import { createFetch, type Fetch } from '../transport.ts';
import { backoff } from '../turns.ts';
import { GithubClient } from './client.ts';
import { appCredentials, type Credentials, tokenCredentials } from './credentials.ts';
import { askpassFor, withFreshToken } from './git-access.ts';
import { IssueWriter } from './issue-writer.ts';
import { Limits } from './limits.ts';
import type { Place } from './place.ts';
import { githubRemote } from './remote.ts';
import { Reporter } from './reporter.ts';
import { StatusWriter } from './status-writer.ts';
import { Writer } from './writer.ts';

export interface GithubSurroundings {
  readonly config: Config;
  /** The environment that git gets, which names proxies too. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where git's files are. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
}

/** A remote on GitHub, before it has its copy. */
export interface GithubAccess {
  /** What fetches from it. */
  readonly git: Git;
  readonly remote: Remote;
  readonly reporter: (needs: ReporterNeeds) => Reporter;
}

interface ReporterNeeds {
  readonly mirror: Mirror;
  /** Where people can look at a build. */
  readonly link: (build: KnownBuild) => string;
  readonly onTrouble: (reason: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Opens remotes; those of one site share its limits. */
export function createGithub(surroundings: GithubSurroundings): (url: string, place: Place) => GithubAccess {
  const { config, environment, now } = surroundings;
  const fetch = createFetch(config.git['ca-file'], environment);
  const limits = new Map<string, Limits>();
  return (url, place) => {
    const { host } = place.site;
    const shared = limits.get(host) ?? new Limits(now);
    limits.set(host, shared);
    return open(url, place, fetch, shared, surroundings);
  };
}

function open(
  url: string,
  { site, repository }: Place,
  fetch: Fetch,
  limits: Limits,
  { config, environment, directory, now, random }: GithubSurroundings,
): GithubAccess {
  const { retry } = config;
  const clientWith = (authorization: () => Promise<string>, onRefused: () => void) =>
    new GithubClient({
      api: site.api,
      fetch,
      limits,
      authorization,
      onRefused,
      credentials: site['token-file'] ?? site['app-key-file'] ?? '',
      readTimeoutMs: config.git['read-timeout'],
      writeTimeoutMs: config.git['push-timeout'],
      retry,
      random,
    });
  const credentials = credentialsOf(site, repository, clientWith, now);
  const client = clientWith(async () => `token ${await credentials.token()}`, credentials.forget);
  return {
    git: gitFor(url, site, credentials, environment, directory),
    remote: githubRemote(client, repository),
    reporter: ({ mirror, link, onTrouble, onError }) => {
      const writer = new Writer(client, limits, site['write-pause']);
      return new Reporter({
        statuses: site.statuses ? new StatusWriter(writer, repository, mirror, link) : undefined,
        issues: site.issues ? new IssueWriter(writer, repository, site['issue-label']) : undefined,
        delayMs: (failures) => backoff(retry.first, retry.most, failures, random),
        now,
        onTrouble,
        onError,
      });
    },
  };
}

function credentialsOf(
  site: Place['site'],
  repository: Place['repository'],
  clientWith: (authorization: () => Promise<string>, onRefused: () => void) => GithubClient,
  now: () => number,
): Credentials {
  const { 'token-file': tokenFile, 'app-id': id, 'app-key-file': keyFile } = site;
  if (id !== undefined && keyFile !== undefined) {
    const app = {
      id,
      keyFile,
      repository,
      clientWith: (sign: () => Promise<string>) => clientWith(sign, () => {}),
    };
    return appCredentials(app, now);
  }
  return tokenCredentials(tokenFile ?? '');
}

function gitFor(
  url: string,
  site: Place['site'],
  credentials: Credentials,
  environment: Readonly<Record<string, string>>,
  directory: string,
): Git {
  if (!/^https?:/.test(url)) return createGit(environment);
  const name = createHash('sha256').update(url).digest('hex').slice(0, 12);
  const file = site['token-file'] ?? join(directory, `github-${name}.token`);
  const git = createGit({ ...environment, ...askpassFor(file, join(directory, 'askpass')) });
  return site['token-file'] === undefined ? withFreshToken(git, credentials, file) : git;
}
