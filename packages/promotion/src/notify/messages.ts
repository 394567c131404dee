/** Everything that is said in Mattermost and by mail. What other people have written stands in code spans, or on lines of its own. */
import type { Sha } from '@lpbuildbot/pipeline';
import { colour, type KnownBuild } from '../buildbot/build-store.ts';
import type { CommitFacts } from '../git/mirror.ts';
import type { Pair } from '../pairs.ts';
import { wordAndText } from '../status-text.ts';
import { count, list, short, span } from '../words.ts';
import type { BuildFact, EntryFact, Fact, MendedFact, NewsEntry, StuckFact, TestfixFact } from './facts.ts';
import { code, link, plain } from './safe-text.ts';

/** What the words need besides the fact. */
export interface Context {
  /** What is known of a commit of this project. */
  readonly commit: (project: string, revision: Sha) => CommitFacts | undefined;
  /** Where people can look at a build. */
  readonly buildLink: (build: KnownBuild) => string;
  /** Where people can look at a pair; undefined when nobody can. */
  readonly pairLink: (pair: Pair) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How many files of a conflict are named in chat, and in mail. */
const FILES = { chat: 10, mail: 200 };
/** How long what others wrote may be, in characters. */
const SUBJECT = 120;
const NAME = 60;
const REASON = 500;

/** One message for Mattermost, below the 16,383 characters that it takes whatever others wrote. */
export function chatText(fact: Fact, context: Context): string {
  switch (fact.kind) {
    case 'build':
      return buildText(fact, context);
    case 'testfix-begun':
    case 'testfix-ended':
      return testfixText(fact);
    case 'entry':
      return entryText(fact, context);
    case 'mended':
      return headed('white_check_mark', fact, `${names(fact.pair)} have no conflict any more.`);
    case 'stuck':
    case 'unstuck':
      return stuckText(fact, context);
  }
}

function headed(icon: string, { project }: Fact, text: string): string {
  return `:${icon}: ${code(project)}: ${text}`;
}

function buildText(fact: BuildFact, context: Context): string {
  const { build, branch, becomes, project } = fact;
  const icons = { green: 'white_check_mark', red: 'x', neither: 'grey_question' };
  const name = link(code(`${build.builder} #${build.number}`), context.buildLink(build));
  const of = build.revision === undefined ? '' : `: ${commitText(build.revision, project, context)}`;
  return headed(icons[colour(build)], fact, `${name} on ${code(branch)} ${buildWord(build, becomes)}${of}`);
}

function buildWord(build: KnownBuild, becomes: BuildFact['becomes']): string {
  if (becomes === 'green') return 'passes again';
  const said = colour(build);
  if (said === 'neither') return `ended with ${code(build.result ?? 'nothing')}`;
  return said === 'green' ? 'passed' : 'failed';
}

/** `abc1234 Subject by Author`, as far as it is known. */
function commitText(revision: Sha, project: string, { commit }: Context): string {
  const facts = commit(project, revision);
  if (facts === undefined) return code(short(revision));
  return `${code(short(revision))} ${code(facts.subject, SUBJECT)} by ${code(facts.author, NAME)}`;
}

function testfixText(fact: TestfixFact): string {
  const branch = code(fact.branch);
  if (fact.kind === 'testfix-ended') return headed('unlock', fact, `${branch} is out of testfix mode.`);
  const builds = list(fact.red.map((build) => code(build)));
  const rule = 'until it is mended, only a commit with `[testfix]` in its message is built.';
  return headed('lock', fact, `${branch} is in testfix mode since ${builds} failed: ${rule}`);
}

function entryText(fact: EntryFact, context: Context): string {
  const { pair, entry, project } = fact;
  const [from, to] = [code(pair.from), code(pair.to)];
  switch (entry.event) {
    case 'moved': {
      const commit = commitText(entry.to, project, context);
      return headed('fast_forward', fact, `${to} moved to ${commit} (${code(entry.reason, REASON)})`);
    }
    case 'merged': {
      const made = `${from} was merged into ${to} as ${code(short(entry.to))}`;
      return headed('twisted_rightwards_arrows', fact, `${made} (${code(entry.reason, REASON)})`);
    }
    case 'conflict': {
      const files = someFiles(
        entry.files.map((file) => code(file)),
        FILES.chat,
      ).join(', ');
      const tips = `${from} is at ${code(short(entry.from))}, ${to} at ${code(short(entry.into))}.`;
      const text = `${from} cannot be merged into ${to}: conflict in ${files}. ${tips} Somebody has to merge them.`;
      return headed('warning', fact, `${text}${more(pair, context)}`);
    }
    case 'diverged': {
      const places = `${to} (${code(short(entry.to))}) is not on ${from} (${code(short(entry.from))})`;
      const text = `${places} and is not moved until somebody has mended that.`;
      return headed('warning', fact, `${text}${more(pair, context)}`);
    }
    case 'diverged-ended':
      return headed('white_check_mark', fact, `${to} and ${from} have diverged no longer.`);
    case 'refused': {
      const text = `the server declines ${code(short(entry.revision))} for ${to}: ${code(entry.reason, REASON)}`;
      return headed('no_entry', fact, `${text}${more(pair, context)}`);
    }
    case 'held': {
      const text = `${from} → ${to} is held by ${code(entry.who, NAME)}: ${code(entry.why, REASON)}`;
      return headed('raised_hand', fact, text);
    }
    case 'resumed': {
      const why = entry.why === '' ? '' : `: ${code(entry.why, REASON)}`;
      return headed('arrow_forward', fact, `${from} → ${to} goes on, by ${code(entry.who, NAME)}${why}`);
    }
  }
}

function stuckText(fact: StuckFact, context: Context): string {
  const { kind, pair, since, report, at } = fact;
  const arrow = `${code(pair.from)} → ${code(pair.to)}`;
  const length = span(at - since);
  if (kind === 'unstuck')
    return headed('white_check_mark', fact, `${arrow} goes on; it had waited for ${length}.`);
  const [word, text] = wordAndText(report, context.now);
  const why = code(`${word}: ${text}`, REASON);
  return headed('hourglass', fact, `${arrow} has not moved for ${length}: ${why}${more(pair, context)}`);
}

function names({ from, to }: Pair): string {
  return `${code(from)} and ${code(to)}`;
}

function more(pair: Pair, { pairLink }: Context): string {
  const url = pairLink(pair);
  return url === undefined ? '' : ` ${link('More', url)}`;
}

function someFiles(files: readonly string[], most: number): string[] {
  const rest = files.length - most;
  return rest > 0 ? [...files.slice(0, most), `and ${count(rest, 'more file')}`] : [...files];
}

interface MailText {
  readonly subject: string;
  readonly text: string;
}

export function conflictMail(
  pair: Pair,
  entry: Extract<NewsEntry, { event: 'conflict' }>,
  context: Context,
): MailText {
  const [from, to] = [plain(pair.from, 200), plain(pair.to, 200)];
  const files = someFiles(
    entry.files.map((file) => plain(file, 500)),
    FILES.mail,
  );
  return {
    subject: `[${pair.project}] Conflict: ${from} into ${to}`,
    text: body(
      `${from} cannot be merged into ${to} by itself: both changed the same lines.`,
      '',
      ...files.map((file) => `    ${file}`),
      '',
      `${from} is at ${entry.from},`,
      `${to} is at ${entry.into}.`,
      '',
      `Merge ${from} into ${to} by hand, or change one of them so that they agree.`,
      'Another mail says when they do.',
      ...moreLines(pair, context),
    ),
  };
}

export function mendedMail({ pair }: MendedFact, context: Context): MailText {
  const [from, to] = [plain(pair.from, 200), plain(pair.to, 200)];
  return {
    subject: `Re: [${pair.project}] Conflict: ${from} into ${to}`,
    text: body(`${from} and ${to} have no conflict any more.`, ...moreLines(pair, context)),
  };
}

function moreLines(pair: Pair, { pairLink }: Context): string[] {
  const url = pairLink(pair);
  return url === undefined ? [] : ['', url];
}

function body(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n\n-- \nSent by lpbuildbot\n`;
}

/** What could not be kept until it could be sent. */
export const droppedText = {
  chat: (dropped: number, since: number, until: number) =>
    `:wastebasket: ${count(dropped, 'message')} from ${minute(since)} to ${minute(until)} could not be sent for too long, and were dropped.`,
  mail: (dropped: number, since: number, until: number): MailText => ({
    subject: `[lpbuildbot] ${count(dropped, 'mail')} dropped`,
    text: body(
      `${count(dropped, 'mail')} about conflicts from ${minute(since)} to ${minute(until)}`,
      'could not be sent for too long, and were dropped.',
    ),
  }),
};

function minute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What the log says of sending. */
export const deskMessages = {
  goesOn: 'news are sent again',
  waits: 'news cannot be sent; they are kept and sent later',
  sentInPart: 'a message was not taken for everybody',
  givenUp: 'a message is refused again and again, and is given up',
  unwritten: 'news cannot be written to the disk; they wait in memory',
  unwatched: 'a pipeline file asks for news that the configuration has no server for',
};

/** Why something could not be sent, for the log, `status` and `/healthz`. */
export const deliveryMessages = {
  unreachable: (host: string, reason: string) => `${host} cannot be reached: ${plain(reason, 200)}`,
  noWebhook: (file: string) => `${file} has no address of a webhook in it`,
  unreadable: (file: string, error: unknown) =>
    `${file} cannot be read (${error instanceof Error ? error.message : error})`,
  limited: (host: string) => `${host} takes no more for now (429)`,
  failing: (host: string, status: number) => `${host} fails (${status})`,
  notMattermost: (host: string) =>
    `${host} answers, and not as Mattermost does: is it the address of a webhook?`,
  noSuchWebhook: (host: string) =>
    `${host} does not know the webhook: it was deleted, or its address is wrong`,
  disabled: (host: string) => `${host} has incoming webhooks switched off`,
  noChannel: (host: string, channel: string) => `${host} knows no channel ${channel} in the webhook's team`,
  notAllowed: (host: string, channel: string) =>
    `${host} does not let the webhook post to the channel ${channel}: it may be locked to another one`,
  declined: (host: string, status: number) => `${host} does not take it (${status})`,
  refused: (host: string, status: number, id: string) =>
    `${host} does not take this message (${status} ${plain(id, 100)})`,
  noLogin: (host: string, status: number | undefined) =>
    `${host} does not accept the user and the password${status === undefined ? '' : ` (${status})`}`,
  mail: (host: string, said: string) => `${host}: ${plain(said, 200)}`,
  someRefused: (addresses: readonly string[]) =>
    `not taken for ${addresses.map((each) => plain(each, 100)).join(', ')}`,
};
