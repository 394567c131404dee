/** The manual page of a command (roff with the man macros, man-pages(7)'s order of sections). */
import {
  type CommandDoc,
  commonOptions,
  type Described,
  exitCodesOf,
  longName,
  type OptionDoc,
  operandText,
} from './doc.ts';

interface Edition {
  readonly version: string;
  /** The day of the release, `2026-11-23`. */
  readonly date: string;
}

export function manPage(doc: CommandDoc, { version, date }: Edition): string {
  const { operands } = doc;
  return [
    `.\\" Made from the command's own definition.`,
    `.TH ${doc.name.toUpperCase()} ${doc.section} ${date} "lpbuildbot ${version}" "lpbuildbot"`,
    '.SH NAME',
    `${text(doc.name)} \\- ${text(doc.summary)}`,
    '.SH SYNOPSIS',
    ...synopsis(doc),
    '.SH DESCRIPTION',
    ...paragraphs(doc.description),
    ...(operands === undefined ? [] : tagged(italic(operands.placeholder), operands.about)),
    '.SH OPTIONS',
    ...[...doc.options, ...commonOptions].flatMap(option),
    '.SH EXIT STATUS',
    ...described(exitCodesOf(doc)),
    ...section('FILES', described(doc.files)),
    ...section('EXAMPLES', doc.examples.flatMap(example)),
    ...section('SEE ALSO', doc.seeAlso.length === 0 ? [] : [doc.seeAlso.map(reference).join(', ')]),
    '',
  ].join('\n');
}

/** The file name that man looks for. */
export function manFile({ name, section }: CommandDoc): string {
  return `${name}.${section}`;
}

/** Text as roff shows it unchanged: no escapes, no requests at the start of a line, hyphens that can be copied. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^\./gm, '\\&.');
}

const bold = (words: string): string => `\\fB${text(words)}\\fR`;
const italic = (words: string): string => `\\fI${text(words)}\\fR`;

function synopsis({ name, options, operands }: CommandDoc): string[] {
  const needed = options.flatMap((one) =>
    one.kind === 'value' && one.need === 'required'
      ? [`${bold(longName(one.key))} ${italic(one.placeholder)}`]
      : [],
  );
  const last =
    operands === undefined ? [] : [...(operands.verbatim ? [bold('--')] : []), italic(operandText(operands))];
  return [`.B ${text(name)}`, [...needed, `[${italic('OPTION')}...]`, ...last].join(' ')];
}

function paragraphs(all: readonly string[]): string[] {
  return all.flatMap((one, index) => (index === 0 ? [text(one)] : ['.PP', text(one)]));
}

function tagged(tag: string, words: string): string[] {
  return ['.TP', tag, text(words)];
}

function option(one: OptionDoc): string[] {
  const short = one.key === 'help' ? `${bold('-h')}, ` : one.key === 'version' ? `${bold('-V')}, ` : '';
  const name = short + bold(longName(one.key));
  if (one.kind === 'flag') return tagged(name, sentence(one.about));
  const byDefault = one.kind === 'value' && one.byDefault !== undefined ? ` Default: ${one.byDefault}.` : '';
  const manner =
    one.kind === 'list' ? ' May be given several times.' : one.need === 'required' ? ' Required.' : byDefault;
  return tagged(`${name} ${italic(one.placeholder)}`, `${sentence(one.about)}${manner}`);
}

/** Help shows half sentences in a column; the manual whole ones. */
function sentence(words: string): string {
  const start = words.charAt(0).toUpperCase() + words.slice(1);
  return start.endsWith('.') ? start : `${start}.`;
}

function described(all: readonly Described[]): string[] {
  return all.flatMap(({ what, meaning }) => tagged(bold(what), sentence(meaning)));
}

function example({ what, meaning }: Described): string[] {
  return ['.PP', `${text(sentence(meaning).slice(0, -1))}:`, '.PP', '.RS 4', '.nf', text(what), '.fi', '.RE'];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

function reference(page: string): string {
  const { name = page, number = '' } = /^(?<name>.+)\((?<number>\d)\)$/.exec(page)?.groups ?? {};
  return number === '' ? text(page) : `${bold(name)}(${number})`;
}
