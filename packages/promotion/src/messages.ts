/** Every sentence that this package says to people, in one place. */
import type { Sha } from '@lpbuildbot/pipeline';
import type { KnownBuild } from './buildbot/build-store.ts';
import type { PromotionMove } from './decide-promotion.ts';
import type { MergePair, PairName } from './pairs.ts';
import type { AuditEvent } from './state/audit.ts';
import { count, list, short } from './words.ts';

export const messages = {
  configUnreadable: (file: string, error: unknown) =>
    `${file}: the configuration cannot be read (${reason(error)}); name another one with --config FILE.`,
  configNotYaml: (file: string, error: unknown) => `${file}: not YAML: ${reason(error)}`,
  configWrong: (file: string, mistakes: readonly string[]) =>
    `${file}: ${count(mistakes.length, 'mistake')}\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
  pipelinesWrong: (report: string) => `the pipeline files cannot be used:\n${report}`,
  alreadyRunning: (state: string) =>
    `another lpbuildbot-promotion works on ${state}; ask it with "status", or stop it first.`,
  portInUse: (host: string, port: number) =>
    `port ${port} on ${host} is in use; choose another one with http.port in the configuration.`,
  secretMissing: (key: string, file: string, error: unknown) =>
    `${key} names ${file}, which cannot be read (${reason(error)}).`,

  moveReason: (move: PromotionMove) => {
    const left = move.left === 0 ? '' : `; ${count(move.left, 'newer commit')} not green`;
    return `newest green revision: ${buildList(move.builds)}${left}`;
  },
  mergeReason: (pair: MergePair) => {
    if (pair.schedule.kind === 'manual') return 'asked for';
    if (pair.schedule.kind === 'promotion') return `${pair.from} moved`;
    return `schedule ${pair.schedule.expression}`;
  },
  mergeCommit: (pair: MergePair, merged: Sha) =>
    `Merge ${pair.from} into ${pair.to}\n\n${pair.from} was at ${merged}.\nMerged by lpbuildbot for ${pair.project}.\n`,

  noSuchPair: (words: string, pairs: readonly PairName[]) =>
    `no branch pair matches "${words}"; there are:\n${pairs.map((pair) => `  ${pair.id}`).join('\n')}`,
  severalPairs: (words: string, pairs: readonly PairName[]) =>
    `"${words}" means several branch pairs; add --project, or name both branches:\n${pairs.map((pair) => `  ${pair.id}`).join('\n')}`,
  held: (pair: string, why: string) => `${pair} is held: ${why}`,
  alreadyHeld: (pair: string, who: string, why: string) => `${pair} was held already by ${who}: ${why}`,
  resumed: (pair: string) => `${pair} moves again.`,
  notHeld: (pair: string) => `${pair} is not held.`,
  shadowMergesNothing: (pair: string) => `${pair}: this service is in shadow mode and pushes nothing.`,
  pushAllowed: (branch: string, url: string) => `${branch}: may be pushed to ${url}`,
  pushFailed: (branch: string, url: string, why: string) => `${branch}: cannot be pushed to ${url}: ${why}`,
  remoteFailed: (url: string, error: unknown) => `${url} cannot be read: ${reason(error)}`,
  shadowPushesNothing: 'shadow mode: nothing is ever pushed.',
  nothingToPush: 'the pipeline files move no branch.',
  looking: 'The service does not answer; looking by ourselves.',
  noToken: (file: string, error: unknown) =>
    `the service's token in ${file} cannot be read (${reason(error)}); run this as the service's user.`,
  unauthorized: 'a changing call needs the token in an "Authorization: Bearer" header.',
  buildsNotReadYet: 'Buildbot has not been asked yet',
  /** One line for the log for each entry of the audit log. */
  audited: (event: AuditEvent) => {
    switch (event.event) {
      case 'moved':
        return `${event.pair}: moved ${revisions(event.from ?? undefined, event.to)}, ${event.reason}`;
      case 'merged':
        return `${event.pair}: merged, ${revisions(event.from, event.to)}`;
      case 'conflict':
        return `${event.pair}: conflict in ${event.files.join(', ')}`;
      default:
        return `${event.pair}: ${event.event}`;
    }
  },
};

/** `lp-devel-focal #1043`, for each build. */
function buildList(builds: readonly KnownBuild[]): string {
  return list(builds.map((build) => `${build.builder} #${build.number}`));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where a push went, in a line. */
function revisions(from: Sha | undefined, to: Sha): string {
  return `${from === undefined ? 'new' : short(from)} -> ${short(to)}`;
}
