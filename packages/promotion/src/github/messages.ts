/** What the service says on GitHub, and of it: statuses, issues, and why GitHub cannot be worked with. */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { Blocker } from '../decide-promotion.ts';
import { count, list } from '../words.ts';

export interface ConflictFacts {
  readonly project: string;
  readonly from: Branch;
  readonly to: Branch;
  readonly fromTip: Sha;
  readonly toTip: Sha;
  readonly files: readonly string[];
}

/** How many files an issue lists: GitHub takes no more than 65,536 characters. */
const FILES = 200;
const FILE_LENGTH = 250;

export const githubMessages = {
  limited: (until: number) =>
    `GitHub takes no more requests from this account until ${new Date(until).toISOString().slice(0, 19)}Z`,
  scarce: (until: number) =>
    `few requests to GitHub are left until ${new Date(until).toISOString().slice(0, 19)}Z; they are kept for moving branches`,
  credentials: (file: string) => `GitHub does not accept the credentials of ${file} (401)`,
  noAccess: (repository: string) =>
    `GitHub knows no repository ${repository}, or does not show it to this account (404)`,
  noInstallation: (repository: string) =>
    `the GitHub App is not installed on ${repository}, or GitHub knows no such repository (404)`,
  moved: (repository: string) =>
    `${repository} is elsewhere on GitHub now: write its new place in the pipeline file`,
  status: (status: number, message: string) =>
    `GitHub: ${message === '' ? 'no reason given' : message} (${status})`,
  unreachable: (host: string, reason: string) => `${host} cannot be asked: ${reason}`,
  notUnderstood: (what: string) => `GitHub's answer is not as it should be: ${what}`,
  unreadableKey: (file: string, error: unknown) =>
    `${file} is no usable private key of a GitHub App (${error instanceof Error ? error.message : error})`,
  unreadableToken: (file: string, error: unknown) =>
    `the token in ${file} cannot be read (${error instanceof Error ? error.message : error})`,
  emptyToken: (file: string) => `${file} has no token in it`,
  conflictUnseen: 'GitHub finds a conflict where git finds none; merge by hand',

  onBranch: (branch: Branch) => `on ${branch}`,
  buildRuns: (build: KnownBuild) => `#${build.number} is building`,
  buildEnded: (build: KnownBuild) => `#${build.number}: ${build.result ?? 'unknown'}`,
  diverged: (from: Branch, to: Branch) => `${to} is not an ancestor of ${from}`,
  held: (who: string, why: string) => `held by ${who}: ${why}`,
  green: (branch: Branch) => `green; on its way to ${branch}`,
  blocked: (blockers: readonly Blocker[]) => {
    const red = blockers.filter(({ state }) => state === 'red');
    if (red.length > 0) return `failed: ${list(red.map(({ builder }) => builder))}`;
    return `waits for ${list(blockers.map(({ builder }) => builder))}`;
  },

  issueTitle: ({ from, to, project }: ConflictFacts) => `Conflict: ${from} into ${to} (${project})`,
  issueBody: ({ from, to, fromTip, toTip, files }: ConflictFacts) => {
    const shown = files.slice(0, FILES).map((file) => `- ${code(file.slice(0, FILE_LENGTH))}`);
    const more = files.length > FILES ? [`- and ${count(files.length - FILES, 'more file')}`] : [];
    return [
      `${code(from)} cannot be merged into ${code(to)} by itself: both changed the same lines.`,
      '',
      ...shown,
      ...more,
      '',
      `${code(from)} is at ${fromTip}, ${code(to)} at ${toTip}.`,
      '',
      `Merge ${code(from)} into ${code(to)} by hand, or change one of them so that they agree. This issue is closed when they merge.`,
      'Its text is kept up to date by lpbuildbot; write what you have to say as a comment.',
    ].join('\n');
  },
  issueMended: ({ from, to }: { readonly from: Branch; readonly to: Branch }) =>
    `${code(from)} and ${code(to)} have no conflict any more.`,
  issueEnded: ({ from, to }: { readonly from: Branch; readonly to: Branch }) =>
    `${code(from)} and ${code(to)} were in conflict, and are no more.`,
};

/**
 * Text that Markdown must leave as it is, in a code span: a fence longer than any in the text (GitHub Flavored Markdown,
 * 6.3). In there nobody is mentioned and nothing is a link.
 */
export function code(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') || plain.trim() === '' ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}
