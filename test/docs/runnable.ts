/**
 * The blocks of a page that tests run, as a reader would type them. A block of shell (`sh`) is run as it stands and has to succeed; of a session
 * (`console`) the lines after `$ ` are run, and what they print is what stands below them. HTML comments above a block, which readers do not see,
 * say where it is run:
 *
 *     <!-- world: tutorial -->    in the deployment that the tutorial makes (test/deploy/tutorial.test.ts)
 *     <!-- world: local -->       beside a repository and a Buildbot without Juju (local-blocks.test.ts)
 *     <!-- static: WHY -->        nowhere; that its commands exist is tested all the same (commands.test.ts)
 *     <!-- yours: WHY -->         the same, of the tutorial
 *     <!-- until: SECONDS -->     again and again, until it prints what it should
 *     <!-- last -->               after all others
 *     <!-- edit: WHAT -->         somebody edits files before that; the test does
 */
import type { Block } from '../support/markdown.ts';
import type { NamedPage } from './pages.ts';

export interface Runnable {
  /** `docs/x.md:12`, of its first line. */
  readonly place: string;
  readonly world: string;
  readonly when: 'in order' | 'last';
  readonly edit: string | undefined;
  readonly steps: readonly RunnableStep[];
}

export interface RunnableStep {
  readonly script: string;
  /** What it prints; nothing of a block of shell, where anything will do. */
  readonly prints: string | undefined;
  readonly seconds: number | undefined;
}

const forms = /^(world: [a-z-]+|(static|yours|edit): .+|until: \d+|last)$/;

/** @throws when a comment has none of the forms, or nothing says where a block is run. */
export function runnableBlocks(page: NamedPage, byDefault?: string): Runnable[] {
  return page.blocks.flatMap((block) => {
    if (!/^(sh|console)$/.test(block.info)) return [];
    const place = `${page.path}:${block.line}`;
    const strange = block.notes.find((note) => !forms.test(note));
    if (strange !== undefined) throw new Error(`${place}: the comment "${strange}" means nothing`);
    const value = (name: string): string | undefined =>
      block.notes.find((note) => note.startsWith(`${name}: `))?.slice(name.length + 2);
    if (value('static') !== undefined || value('yours') !== undefined) return [];
    const world = value('world') ?? byDefault;
    if (world === undefined)
      throw new Error(`${place}: no comment says in which world it is run, or why it is not`);
    const until = value('until');
    const seconds = until === undefined ? undefined : Number(until);
    return [
      {
        place,
        world,
        when: block.notes.includes('last') ? ('last' as const) : ('in order' as const),
        edit: value('edit'),
        steps: stepsOf(block, seconds),
      },
    ];
  });
}

function stepsOf({ info, text }: Block, seconds: number | undefined): RunnableStep[] {
  if (info === 'sh') return [{ script: text, prints: undefined, seconds }];
  return sessionOf(text).map(({ script, prints }) => ({ script, prints, seconds }));
}

/** The commands of a session, each with what stands below it. */
export function sessionOf(text: string): { readonly script: string; readonly prints: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, script = '', prints = ''] = /^((?:.*\\\n)*.*)\n?([\s\S]*)$/.exec(part) ?? [];
      return { script, prints };
    });
}

/**
 * Whether a page's words are what was printed: `…` alone on a line stands for any lines, within a line for any text; spaces are as many as
 * they are.
 */
export function isPrinted(expected: string, printed: string): boolean {
  const even = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' '))
      .filter((line) => line !== '');
  const pattern = even(expected)
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literal).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${even(printed).join('\n')}\n`.replace(/^\n$/, ''));
}

/** For a regular expression that means just that. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
