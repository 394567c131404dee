/** Markdown as this project writes it, as reStructuredText (https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html). Pure. */

/** Gives the address of what a page links to; the link as it stands in the page. */
export type LinkAddress = (target: string) => string;

/** By depth: of the page itself, its sections, and theirs. */
const underlines = ['=', '-', '^', '~'] as const;

export function rstTitle(title: string, depth: number): string {
  const text = rstText(title, (target) => target);
  return `${text}\n${(underlines[depth] ?? '"').repeat(Math.max(3, [...text].length))}\n`;
}

/** `depth` is that of a title of the second level (`##`). */
export function rstBody(markdown: string, depth: number, address: LinkAddress): string {
  const lines = markdown.split('\n').filter((line) => !/^\s*<!-- .* -->$/.test(line));
  const parts: string[] = [];
  for (let index = 0; index < lines.length; ) {
    const end = endOfPart(lines, index);
    const part = lines.slice(index, end);
    if (part.some((line) => line.trim() !== '')) parts.push(partText(part, depth, address));
    index = end;
  }
  return parts.join('\n');
}

/** A block of code, a table, a title, a list, or a paragraph. */
function endOfPart(lines: readonly string[], start: number): number {
  const first = lines[start] ?? '';
  const after = (fits: (line: string) => boolean): number => {
    const end = lines.findIndex((line, index) => index > start && !fits(line));
    return end < 0 ? lines.length : end;
  };
  if (first.startsWith('```')) {
    const end = lines.findIndex((line, index) => index > start && line === '```');
    return end < 0 ? lines.length : end + 1;
  }
  if (first.startsWith('#') || first.trim() === '') return start + 1;
  if (first.startsWith('|')) return after((line) => line.startsWith('|'));
  if (first.startsWith('    ')) return after((line) => line.startsWith('    '));
  if (isItem(first)) return after((line) => isItem(line) || /^ +\S/.test(line));
  return after((line) => line.trim() !== '' && !/^(\||```|#)/.test(line) && !isItem(line));
}

function isItem(line: string): boolean {
  return /^(-|\d+\.) /.test(line);
}

function partText(lines: readonly string[], depth: number, address: LinkAddress): string {
  const [first = ''] = lines;
  if (first.startsWith('```')) return literal(lines.slice(1, -1));
  if (first.startsWith('    ')) return literal(lines.map((line) => line.slice(4)));
  if (first.startsWith('|')) return tableText(lines, address);
  const [, marks, title = ''] = /^(#+) (.*)$/.exec(first) ?? [];
  if (marks !== undefined) return rstTitle(title, depth + marks.length - 2);
  return `${rstText(lines.join('\n'), address)}\n`;
}

function literal(lines: readonly string[]): string {
  return `::\n\n${lines.map((line) => (line.trim() === '' ? '' : `   ${line}`)).join('\n')}\n`;
}

function tableText([header = '', , ...rows]: readonly string[], address: LinkAddress): string {
  const cells = (line: string): string[] =>
    line
      .replace(/^\||\|\s*$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => rstText(cell.trim().replaceAll('\\|', '|'), address));
  const row = (line: string): string =>
    cells(line)
      .map((cell, index) => `${index === 0 ? '   * - ' : '     - '}${cell}`.trimEnd())
      .join('\n');
  const named = cells(header).some((cell) => cell !== '');
  const options = named ? '   :header-rows: 1\n\n' : '\n';
  return `.. list-table::\n${options}${[...(named ? [row(header)] : []), ...rows.map(row)].join('\n')}\n`;
}

const inline =
  /`` (?<wide>.+?) ``|`(?<code>[^`]+)`|\[(?<label>[^\]]+)\]\((?<target>[^)\s]+)\)|<(?<url>https?:[^>]+)>|\*\*(?<bold>.+?)\*\*|\*(?<slanted>[^*\s][^*]*)\*/gs;

/** The text of a paragraph or cell. */
function rstText(text: string, address: LinkAddress): string {
  let made = '';
  let from = 0;
  for (const match of text.matchAll(inline)) {
    made += escaped(text.slice(from, match.index));
    from = match.index + match[0].length;
    // Markup has to begin after a space or an opening sign, and to end before one or a closing sign.
    if (/[\p{L}\p{N}]$/u.test(made)) made += '\\ ';
    made += markup(match.groups ?? {}, address);
    if (/^[\p{L}\p{N}]/u.test(text.slice(from))) made += '\\ ';
  }
  return made + escaped(text.slice(from));
}

function markup(groups: Readonly<Record<string, string | undefined>>, address: LinkAddress): string {
  const { wide, code, label, target, url, bold, slanted } = groups;
  const literalText = wide ?? code;
  if (literalText !== undefined) return `\`\`${literalText}\`\``;
  if (url !== undefined) return url;
  // There is no markup within markup.
  if (label !== undefined) return `\`${plain(label)} <${address(target ?? '')}>\`__`;
  return bold === undefined ? `*${plain(slanted ?? '')}*` : `**${plain(bold)}**`;
}

function plain(text: string): string {
  return text
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[\\<>]/g, '\\$&');
}

function escaped(text: string): string {
  return text.replace(/[\\*`|]/g, '\\$&').replace(/_(?![\p{L}\p{N}])/gu, '\\_');
}
