/**
 * The manual page of a site, in the shape of Launchpad's own manual (https://ubuntu.com/docs/launchpad/developer/reference/services/): made of
 * sections of the Markdown pages, so that there is one text of each.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { rstBody, rstTitle } from './docs-rst.ts';

/** Where a reader of the one page finds the others. */
const source = 'https://git.launchpad.net/lpbuildbot/tree';

interface Part {
  readonly page: string;
  /** Without it: what stands before the first section. */
  readonly section?: string;
  /** Shown above it; nothing where it is the only one. */
  readonly title?: string;
}

const outline: readonly { readonly title: string; readonly parts: readonly Part[] }[] = [
  {
    title: 'Short description',
    parts: [{ page: 'docs/explanation/design.md', section: 'What it is for' }],
  },
  {
    title: 'Detailed description',
    parts: [
      { page: 'docs/explanation/design.md', section: 'The parts, and why each is there', title: 'The parts' },
      { page: 'docs/reference/promotion.md', section: 'The rules', title: 'How branches move' },
      { page: 'docs/reference/buildbot-master.md', section: 'Testfix mode', title: 'Testfix mode' },
      { page: 'docs/reference/site.md', section: 'Ports', title: 'Ports' },
    ],
  },
  {
    title: 'Documentation',
    parts: [
      { page: 'docs/README.md', section: 'Learn', title: 'Learn' },
      { page: 'docs/README.md', section: 'Do', title: 'Do' },
      { page: 'docs/README.md', section: 'Look up', title: 'Look up' },
      { page: 'docs/README.md', section: 'Understand', title: 'Understand' },
    ],
  },
  { title: 'Git repositories', parts: [{ page: 'docs/reference/site.md', section: 'Git repositories' }] },
  {
    title: 'Deployment',
    parts: [
      { page: 'docs/reference/site.md', section: 'Deployment' },
      {
        page: 'docs/reference/charm-master.md',
        section: 'On the machine',
        title: 'On the machine of the master',
      },
      {
        page: 'docs/reference/charm-worker.md',
        section: 'What runs, and where',
        title: 'On the machines of workers',
      },
    ],
  },
  {
    title: 'Log files',
    parts: [
      { page: 'docs/how-to/read-the-logs.md' },
      { page: 'docs/how-to/read-the-logs.md', section: 'On the master', title: 'Master' },
      { page: 'docs/how-to/read-the-logs.md', section: 'On a worker', title: 'Workers' },
    ],
  },
  {
    title: 'Monitoring',
    parts: [
      { page: 'docs/reference/site.md', section: 'Monitoring' },
      { page: 'docs/on-call.md', section: 'Look here first', title: 'When something is wrong' },
      {
        page: 'docs/on-call.md',
        section: 'The words of `show-promotions`',
        title: 'What is said of branches',
      },
      { page: 'docs/on-call.md', section: 'Checks of Nagios', title: 'Checks of Nagios' },
    ],
  },
];

/** @throws when a page has no such section. */
export function manualPage(root: string): string {
  const sections = outline.map(({ title, parts }) =>
    [rstTitle(title, 1), ...parts.flatMap((part) => partText(root, part))].join('\n'),
  );
  return [`.. Made by \`npm run docs\` of the pages beside it.\n`, rstTitle('Buildbot', 0), ...sections].join(
    '\n',
  );
}

function partText(root: string, { page, section, title }: Part): string[] {
  const markdown = readFileSync(join(root, page), 'utf8');
  const address = (target: string): string => {
    if (/^[a-z]+:/.test(target)) return target;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    return `${source}/${file}${anchor === undefined ? '' : `#${anchor}`}`;
  };
  const body = rstBody(sectionOf(markdown, page, section), 2, address);
  return [...(title === undefined ? [] : [rstTitle(title, 2)]), body];
}

function sectionOf(markdown: string, page: string, section: string | undefined): string {
  const [before = '', ...sections] = markdown.split(/^## /m);
  if (section === undefined) return before.replace(/^# .*\n/, '');
  const found = sections.find((text) => text.startsWith(`${section}\n`));
  if (found === undefined)
    throw new Error(`${page} has no section "${section}", which the manual is made of`);
  return found.slice(section.length + 1);
}
