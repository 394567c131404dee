/** Puts a looker together with what it looks through and works with, and with what tells on GitHub about its branches. */
import type { Tools } from './apply.ts';
import type { KnownBuild } from './buildbot/build-store.ts';
import type { KnownBuilds } from './buildbot/known-builds.ts';
import type { Config } from './config.ts';
import type { Reporter } from './github/reporter.ts';
import type { Heard } from './heard.ts';
import { Looker } from './looker.ts';
import type { Access } from './open-remotes.ts';
import type { RemotePairs } from './pairs.ts';
import type { AuditEvent } from './state/audit.ts';
import type { Intents } from './state/intents.ts';
import type { Memory } from './state/memory.ts';
import type { Surroundings } from './surroundings.ts';
import type { Told } from './told.ts';
import type { FailureKind } from './trouble.ts';
import { backoff } from './turns.ts';

interface Parts {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly builds: KnownBuilds;
  /** Why nothing is known of the builds at the moment, if so. */
  readonly buildsProblem: () => string | undefined;
  /** Where people can look at a build. */
  readonly buildLink: (build: KnownBuild) => string;
  readonly heard: Heard;
  readonly memory: Memory;
  readonly intents: Intents;
  readonly told: Told;
  readonly tell: (event: AuditEvent) => Promise<void>;
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
  /** Called whenever what is known of the pairs may have changed. */
  readonly onChange: () => void;
  /** Called for each attempt that failed, by what kind of failure it was. */
  readonly onFailure: (kind: FailureKind) => void;
}

export function newLooker(
  remote: RemotePairs,
  access: Access,
  parts: Parts,
): { readonly looker: Looker; readonly reporter: Reporter | undefined } {
  const { config, heard, memory, told, inTurn, onChange, onFailure } = parts;
  const { mirror } = access;
  const { log, now, random, acting } = parts.surroundings;
  const onError = (error: unknown) => log.error({ error }, 'a look failed in a way that should not happen');
  const reporter = access.reporter?.({
    mirror,
    link: parts.buildLink,
    onTrouble: (reason) => {
      onFailure('github_report');
      log.warn({ url: remote.url, reason }, 'GitHub does not take what is to be said there');
    },
    onError: (error) => {
      onFailure('unexpected');
      onError(error);
    },
  });
  const tools: Tools = {
    remote: access.remote,
    mirror,
    author: { name: config.git['author-name'], email: config.git['author-email'] },
    intents: parts.intents,
    tell: parts.tell,
    now,
    sinceHeard: (builds) => heard.since(builds),
  };
  const looker = new Looker({
    url: remote.url,
    pairs: remote.pairs,
    eyes: {
      remote: access.remote,
      mirror,
      url: remote.url,
      fetchTimeoutMs: config.git['fetch-timeout'],
      builds: parts.builds,
      buildsProblem: parts.buildsProblem,
      state: config.state,
      memory,
      now,
    },
    tools,
    told,
    mode: acting === 'look' ? 'look' : config.mode,
    delayMs: (failures) => backoff(config.retry.first, config.retry.most, failures, random),
    inTurn,
    onChange,
    onTrouble: (url, trouble) =>
      log.warn({ url, reason: trouble.reason }, 'the remote cannot be worked with; trying again'),
    onFailure,
    onLooked: (looked) => reporter?.report(looked),
    onError,
  });
  return { looker, reporter };
}
