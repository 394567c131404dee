/** Everything that the page says to people, beside what `status` and `explain` say too. */
import type { Verb } from '../operate.ts';
import type { AuditEntry } from '../state/audit.ts';
import { count, list, short, span } from '../words.ts';
import type { BuilderView, PairView, Tone } from './view.ts';

/** How many files of a conflict fit into a line. */
const NAMED = 3;

export const pageMessages = {
  title: 'Promotion',
  skip: 'Skip to the branch pairs',
  live: 'Live',
  connecting: 'Connecting again',
  oneFresh: 'The stable branch is fresh',
  allFresh: 'Every stable branch is fresh',
  oneStale: (branch: string) => `${branch} is not fresh`,
  someStale: (stale: number, all: number) => `${stale} of ${all} stable branches are not fresh`,
  noneFresh: (all: number) => (all === 2 ? 'Neither stable branch is fresh' : 'No stable branch is fresh'),
  mergesNeed: (merges: number) => `${count(merges, 'merge')} ${merges === 1 ? 'needs' : 'need'} somebody`,
  needsScript: 'As of when it was loaded; load it again to see more.',
  asOf: 'As of',
  /** The page's script says the same. */
  ago: (milliseconds: number) => `${span(Math.max(1, Math.round(milliseconds / 1000)) * 1000)} ago`,
  shadow: 'Shadow mode: this service decides and tells, and pushes nothing.',
  buildbotProblem: (problem: string) => `Buildbot cannot be asked: ${problem}`,
  buildbot: 'Buildbot',
  flow: (project: string) => `Flow of ${project}`,
  flowHint:
    'Solid lines are promotions: a branch moves to a tested commit. Dashed lines are merges. Each leads to its pair below.',
  noBranch: 'no such branch',
  pairs: 'Branch pairs',
  allPairs: 'All branch pairs',
  attention: 'These need somebody',
  filter: 'Filter',
  filterHint: 'project, branch or state',
  filterApply: 'Apply',
  shownOf: (shown: number, all: number) => `${shown} ${pageMessages.of} ${all}`,
  noPairs: 'The pipeline files name no branch pair.',
  backToAll: 'All branch pairs',
  timeline: 'Timeline',
  timelineHint: 'Each bar is a build, each diamond a move. Times are in UTC.',
  running: 'now',
  nothingYet: 'Nothing has happened yet.',
  recent: 'What happened',
  waits: (waiting: number | undefined, kind: PairView['kind']) => {
    if (waiting === undefined) return undefined;
    if (waiting === 0) return kind === 'promotion' ? 'no commit waits' : 'nothing to merge';
    return `${count(waiting, 'commit')} ${waiting === 1 ? 'waits' : 'wait'}`;
  },
  unknownCommit: 'subject not known yet',
  noTip: 'There is no such branch.',
  candidate: 'Goes next',
  builders: (candidate: string | undefined) =>
    `Required builders${candidate === undefined ? '' : ` on ${candidate}`}`,
  noMerge: (from: string, fromTip: string, to: string, toTip: string) =>
    `${from} (${fromTip}) does not merge into ${to} (${toTip}).`,
  conflictIn: (files: readonly string[]) => `In conflict: ${someFiles(files)}.`,
  conflict: (files: number) => `In conflict: ${count(files, 'file')}`,
  moreFiles: (more: number) => `and ${more} more`,
  held: (who: string) => `Held by ${who}`,
  testfix: (builds: readonly string[]) =>
    `Testfix mode since ${list(builds)}: only a commit with [testfix] in its message is built.`,
  unblock: 'What would unblock it',
  moves: 'Last moves',
  to: 'to',
  footer: 'lpbuildbot',
  elsewhere: 'Elsewhere',
  of: 'of',
  pair: 'Branch pair',
  json: 'as JSON',
  text: 'as text',
  metrics: 'metrics',

  verb: (verb: Verb, kind: PairView['kind']) => {
    if (verb === 'hold') return 'Hold';
    if (verb === 'resume') return 'Resume';
    return kind === 'promotion' ? 'Promote now' : 'Merge now';
  },
  verbTitle: (verb: Verb, kind: PairView['kind'], from: string, to: string) =>
    `${pageMessages.verb(verb, kind)}: ${from} to ${to}`,
  consequence: (verb: Verb, kind: PairView['kind'], from: string, to: string) => {
    if (verb === 'hold') return `${to} will not be moved by this pair until somebody lets it go on.`;
    if (verb === 'resume') return `${to} moves again, at once if there is something to move.`;
    return kind === 'promotion'
      ? `Buildbot and the repository are asked again now, and ${to} moves if ${from} has a newer revision that every required builder passed. It never moves to one that is not tested.`
      : `${from} is merged into ${to} now, whatever the schedule says. A conflict changes nothing.`;
  },
  reason: 'Reason',
  reasonHint: 'Everybody sees it, and the audit log keeps it.',
  how: 'Who are you?',
  byLogin: 'Buildbot login',
  name: 'Name',
  password: 'Password',
  byToken: 'Token of this service',
  token: 'Token',
  tokenHint: 'From the file "token" in the state directory of the service.',
  yourName: 'Your name',
  loggedIn: (who: string) => `You are logged in as ${who}.`,
  rememberedHint:
    'This browser remembers you for twelve hours. Whether you may do this is asked again each time.',
  otherwise: 'Be somebody else',
  forget: 'Forget me',
  cancel: 'Cancel',
  refused: 'That did not work',
  failed: 'This page could not be made',
  failedHint: 'Load it again; if that does not help, the log of the service says more.',

  reasonMissing: 'Give a reason.',
  reasonTooLong: 'Give a shorter reason.',
  whoMissing: 'Give your name.',
  wrongToken: 'That is not the token of this service.',
  wrongLogin: 'Buildbot does not know this name with this password.',
  notAllowed: (who: string) => `Buildbot does not let ${who} change anything.`,
  loggedOut: 'Your login has ended: log in again.',
  noLogins: 'This Buildbot has no logins by name and password: use the token.',
  loginUnknown: (reason: string) => `Buildbot cannot be asked about your login (${reason}): use the token.`,
  tooMany: 'Too many failed attempts: wait a minute.',
  foreign: 'This request does not come from this page. Open the page and try again.',
  noSuchPair: 'There is no such branch pair any more.',
  tooManyWatch: 'too many clients watch already',
};

/** The name of a tone, for those who cannot see its colour. */
export const toneName: Readonly<Record<Tone, string>> = {
  broken: 'needs somebody',
  held: 'held',
  unknown: 'unknown',
  waiting: 'waiting',
  busy: 'in progress',
  calm: 'as planned',
  fresh: 'fresh',
};

/** What stands on a line of the drawing. */
export function edgeLabel({ tone, word, waiting }: PairView): string {
  return tone === 'fresh' || waiting === undefined || waiting === 0 ? word : `${word}, ${waiting}`;
}

export function builderStateText(state: BuilderView['state'], result: string | undefined): string {
  switch (state) {
    case 'green':
      return 'passed';
    case 'red':
      return 'failed';
    case 'neither':
      return result === undefined ? 'ended without a verdict' : `ended with ${result}`;
    case 'running':
      return 'building';
    case 'queued':
      return 'waits for a worker';
    case 'not-built':
      return 'has not built it';
  }
}

/** What an entry of the audit log says, without its pair. */
export function eventText(entry: AuditEntry): string {
  switch (entry.event) {
    case 'moved':
      return `${entry.branch} moved to ${short(entry.to)}: ${entry.reason}`;
    case 'merged':
      return `${short(entry.merged)} merged into ${entry.branch} as ${short(entry.to)}: ${entry.reason}`;
    case 'conflict':
      return `conflict in ${someFiles(entry.files)}`;
    case 'conflict-ended':
      return 'the conflict is over';
    case 'diverged':
      return `diverged: ${short(entry.to)} is not on the branch that it comes from`;
    case 'diverged-ended':
      return 'no longer diverged';
    case 'refused':
      return `the server declines ${short(entry.revision)}: ${entry.reason}`;
    case 'would-move':
      return `would move ${entry.branch} to ${short(entry.to)}: ${entry.reason}`;
    case 'would-merge':
      return `would merge ${short(entry.merged)} into ${entry.branch}`;
    case 'shadow-agreed':
      return `somebody else moved it to ${short(entry.to)}, as this service would have`;
    case 'shadow-differed':
      return `somebody else moved it to ${short(entry.to)}; this service would have chosen ${short(entry.expected)}`;
    case 'held':
      return `held by ${entry.who}: ${entry.why}`;
    case 'resumed':
      return `resumed by ${entry.who}${entry.why === '' ? '' : `: ${entry.why}`}`;
    case 'asked':
      return `${entry.who} asked for it now: ${entry.why}`;
  }
}

function someFiles(files: readonly string[]): string {
  const more = files.length - NAMED;
  return more > 0 ? `${files.slice(0, NAMED).join(', ')} and ${more} more` : list(files);
}
