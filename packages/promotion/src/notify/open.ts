/** Puts what tells people together, when there is somebody to tell and a way to do it. */
import { join } from 'node:path';
import type { Pipeline, Sha } from '@lpbuildbot/pipeline';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { KnownBuilds } from '../buildbot/known-builds.ts';
import type { Config } from '../config.ts';
import { type Mirror, MirrorError } from '../git/mirror.ts';
import { GitError } from '../git/run.ts';
import { anchorOf } from '../page/pair-view.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { PairReport } from '../state-report.ts';
import type { Surroundings } from '../surroundings.ts';
import { createFetch } from '../transport.ts';
import { backoff } from '../turns.ts';
import { Desk } from './desk.ts';
import type { Fact } from './facts.ts';
import { createMail } from './mail.ts';
import { createMattermost } from './mattermost.ts';
import { readNewsMemory } from './memory.ts';
import { deskMessages } from './messages.ts';
import { Notifier } from './notifier.ts';
import { type Watch, watchOf } from './watched.ts';

interface Sources {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly pipelines: readonly Pipeline[];
  readonly builds: KnownBuilds;
  readonly reports: () => Promise<readonly PairReport[]>;
  /** Where people can look at a build. */
  readonly buildLink: (build: KnownBuild) => string;
  /** The copy of the repository that a project's branches are in. */
  readonly mirror: (project: string) => Mirror | undefined;
}

/**
 * Undefined when nobody is told: in shadow mode, where the old way of promoting tells people still, without news wanted, and
 * without a server for them.
 * @param tail the end of the audit log.
 */
export async function openNotifier(
  sources: Sources,
  tail: readonly AuditEntry[],
): Promise<Notifier | undefined> {
  const { config, surroundings, pipelines, builds, reports } = sources;
  const { log, now, acting } = surroundings;
  const watch = watchOf(pipelines);
  if (config.mode === 'shadow' || acting === 'look' || watch.projects.size === 0) return undefined;
  warnOfMissing(watch, sources);
  if (config.mattermost === undefined && config.mail === undefined) return undefined;
  const { url } = config.http;
  return new Notifier(
    {
      state: config.state,
      watch,
      memory: await readNewsMemory(config.state, now()),
      desk: await openDesk(watch, sources),
      builds,
      reports,
      describe: (facts, given) => describe(facts, given, sources.mirror),
      context: {
        commit: (project, revision) => sources.mirror(project)?.facts(revision),
        buildLink: sources.buildLink,
        pairLink: ({ project, from, to }) =>
          url === undefined
            ? undefined
            : `${url.replace(/\/*$/, '/')}#${anchorOf('pair', project, from, to)}`,
      },
      now,
      log,
      onError: (error) => log.error({ error }, 'telling the news failed in a way that should not happen'),
    },
    tail,
  );
}

function warnOfMissing({ projects }: Watch, { config, surroundings }: Sources): void {
  for (const way of ['mattermost', 'mail'] as const) {
    const wanting = [...projects.values()].filter(({ notify }) => notify[way] !== undefined);
    if (wanting.length === 0 || config[way] !== undefined) continue;
    const names = wanting.map(({ project }) => project);
    surroundings.log.warn({ projects: names, missing: way }, deskMessages.unwatched);
  }
}

async function openDesk({ projects }: Watch, { config, surroundings }: Sources): Promise<Desk> {
  const { mattermost, mail, retry } = config;
  const { environment, log, now, random } = surroundings;
  const notifies = [...projects.values()].map(({ notify }) => notify);
  return await Desk.open({
    directory: join(config.state, 'outbox'),
    post:
      mattermost &&
      createMattermost({
        webhookFile: mattermost['webhook-file'],
        user: mattermost.user,
        timeoutMs: mattermost.timeout,
        fetch: createFetch(mattermost['ca-file'], environment),
        now,
      }),
    mail:
      mail &&
      createMail({
        server: mail.server,
        from: mail.from,
        login:
          mail.user === undefined || mail['password-file'] === undefined
            ? undefined
            : { user: mail.user, passwordFile: mail['password-file'] },
        caFile: mail['ca-file'],
        timeoutMs: mail.timeout,
      }),
    channels: [...new Set(notifies.flatMap((notify) => notify.mattermost?.channel ?? []))],
    addresses: [...new Set(notifies.flatMap((notify) => notify.mail?.to ?? []))],
    pauseMs: { mattermost: mattermost?.pause ?? 0, mail: mail?.pause ?? 0 },
    delayMs: (failures) => backoff(retry.first, retry.most, failures, random),
    now,
    log,
  });
}

/** Reads by what people know the commits of these facts; resolves with whether the copies have all of them. */
async function describe(
  facts: readonly Fact[],
  reports: readonly PairReport[],
  mirror: (project: string) => Mirror | undefined,
): Promise<boolean> {
  let isWhole = true;
  for (const fact of facts) {
    const revision = revisionOf(fact);
    const copy = mirror(fact.project);
    if (revision === undefined || copy === undefined) continue;
    const tip = tipOf(fact, reports);
    try {
      // Asked for too early, it would be taken for one that is not there.
      if (tip !== undefined && (await copy.contains(tip, revision))) await copy.describe([revision]);
      else isWhole = false;
    } catch (error) {
      if (!(error instanceof GitError || error instanceof MirrorError)) throw error;
    }
  }
  return isWhole;
}

/** The commit that a fact speaks of by more than its id. */
function revisionOf(fact: Fact): Sha | undefined {
  if (fact.kind === 'build') return fact.build.revision;
  return fact.kind === 'entry' && fact.entry.event === 'moved' ? fact.entry.to : undefined;
}

/** The tip of the branch that this commit should be on, as far as it has been looked at. */
function tipOf(fact: Fact, reports: readonly PairReport[]): Sha | undefined {
  const isIts = ({ pair }: PairReport) =>
    fact.kind === 'build'
      ? pair.project === fact.project && pair.from === fact.branch
      : fact.kind === 'entry' && pair.id === fact.pair.id;
  return reports.find((report) => isIts(report) && report.from !== undefined)?.from;
}
