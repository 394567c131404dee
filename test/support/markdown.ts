/**
 * The documentation's pages as tests need them: headings with their anchors, links, tables, and blocks of code. It reads the Markdown that
 * this project writes (https://spec.commonmark.org and GitHub's tables), and no more of it.
 */

interface Heading {
  readonly title: string;
  readonly level: number;
  /** As GitHub makes it: `#the-rules`. */
  readonly anchor: string;
  readonly line: number;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

export interface Table {
  /** The title of the section that it stands in. */
  readonly section: string;
  readonly line: number;
  readonly header: readonly string[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

export interface Block {
  /** What stands behind the fence, such as `console`; empty for an indented block. */
  readonly info: string;
  readonly text: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  /** The HTML comments right above it, which readers do not see: what tests do with it. */
  readonly notes: readonly string[];
  readonly section: string;
}

export interface Page {
  readonly headings: readonly Heading[];
  readonly links: readonly Link[];
  readonly tables: readonly Table[];
  readonly blocks: readonly Block[];
  /** Code within sentences and tables. */
  readonly spans: readonly { readonly text: string; readonly line: number }[];
}

export function readPage(markdown: string): Page {
  const lines = markdown.split('\n');
  const { blocks, prose } = takeBlocks(lines);
  const headings = readHeadings(prose);
  const sectionAt = (line: number): string =>
    headings.findLast((heading) => heading.line <= line)?.title ?? '';
  return {
    headings,
    links: prose.flatMap((text, index) => linksOf(text).map((target) => ({ target, line: index + 1 }))),
    tables: readTables(prose, sectionAt),
    blocks: blocks.map((block) => ({ ...block, section: sectionAt(block.line) })),
    spans: spansOf(prose),
  };
}

/** The lines of the code, and the page with these lines emptied. */
function takeBlocks(lines: readonly string[]): {
  readonly blocks: readonly Omit<Block, 'section'>[];
  readonly prose: readonly string[];
} {
  const blocks: Omit<Block, 'section'>[] = [];
  const prose = [...lines];
  let index = 0;
  while (index < lines.length) {
    const [, indent, fence, info = ''] = /^( *)(`{3,})(.*)$/.exec(lines[index] ?? '') ?? [];
    const start = index;
    if (fence !== undefined && indent !== undefined) {
      index = lines.findIndex((line, at) => at > start && line.trim() === fence);
      if (index < 0) throw new Error(`the block at line ${start + 1} does not end`);
      const text = lines
        .slice(start + 1, index)
        .map((line) => line.slice(Math.min(indent.length, /^ */.exec(line)?.[0].length ?? 0)));
      blocks.push({
        info: info.trim(),
        text: text.join('\n'),
        line: start + 2,
        notes: notesAbove(lines, start),
      });
      prose.fill('', start, index + 1);
    } else if (isIndented(lines, index)) {
      while (index + 1 < lines.length && /^( {4}|\s*$)/.test(lines[index + 1] ?? '')) index += 1;
      const text = lines.slice(start, index + 1).map((line) => line.slice(4));
      blocks.push({
        info: '',
        text: text.join('\n').trimEnd(),
        line: start + 1,
        notes: notesAbove(lines, start),
      });
      prose.fill('', start, index + 1);
    }
    index += 1;
  }
  return { blocks, prose };
}

/** Four spaces after an empty line, and not what goes on in an item of a list. */
function isIndented(lines: readonly string[], index: number): boolean {
  if (!/^ {4}\S/.test(lines[index] ?? '') || lines[index - 1]?.trim() !== '') return false;
  const above = lines.slice(0, index).findLast((line) => /^\S/.test(line)) ?? '';
  return !/^(-|\d+\.) /.test(above);
}

function notesAbove(lines: readonly string[], start: number): string[] {
  const above = lines.slice(0, start).filter((line) => line.trim() !== '');
  const last = above.findLastIndex((line) => !/^\s*<!-- .* -->$/.test(line));
  return above.slice(last + 1).map((line) => line.trim().slice('<!-- '.length, -' -->'.length));
}

function readHeadings(prose: readonly string[]): Heading[] {
  const used = new Map<string, number>();
  return prose.flatMap((text, index): Heading[] => {
    const [, marks, title] = /^(#{1,6}) (.*)$/.exec(text) ?? [];
    if (marks === undefined || title === undefined) return [];
    const anchor = anchorOf(title);
    const before = used.get(anchor) ?? 0;
    used.set(anchor, before + 1);
    const unique = before === 0 ? anchor : `${anchor}-${before}`;
    return [{ title, level: marks.length, anchor: unique, line: index + 1 }];
  });
}

/** GitHub's own rule: small letters, nothing but letters, digits, `_` and `-`, spaces as `-`. */
function anchorOf(title: string): string {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

function linksOf(text: string): string[] {
  const prose = text.replace(/`[^`]*`/g, '``');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

function readTables(prose: readonly string[], sectionAt: (line: number) => string): Table[] {
  const tables: Table[] = [];
  for (let index = 0; index + 1 < prose.length; index += 1) {
    const header = prose[index] ?? '';
    if (!header.startsWith('|') || !/^\|[\s:|-]+\|$/.test(prose[index + 1] ?? '')) continue;
    const rows: Row[] = [];
    let at = index + 2;
    for (; prose[at]?.startsWith('|'); at += 1) rows.push({ cells: cellsOf(prose[at] ?? ''), line: at + 1 });
    tables.push({ section: sectionAt(index + 1), line: index + 1, header: cellsOf(header), rows });
    index = at;
  }
  return tables;
}

/** `\|` is a bar within a cell. */
function cellsOf(line: string): string[] {
  return line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function spansOf(prose: readonly string[]): Page['spans'] {
  return prose.flatMap((text, index) => [...codeOf(text)].map((span) => ({ text: span, line: index + 1 })));
}

/** The code within a line or a cell, without its backticks. */
export function codeOf(text: string): string[] {
  return [...text.matchAll(/`` (.+?) ``|`([^`]+)`/g)].map(([, wide, plain]) => wide ?? plain ?? '');
}

/** The table of that section whose first column has that title. */
export function tableIn(page: Page, section: string, column?: string): Table {
  const found = page.tables.find(
    (table) => table.section === section && (column === undefined || table.header[0] === column),
  );
  if (found === undefined)
    throw new Error(
      `there is no table${column === undefined ? '' : ` of ${column}`} in the section "${section}"`,
    );
  return found;
}
