/**
 * The reference of all commands, in Markdown, from their own definitions: the workers' from the definition that their manual pages come from, the
 * others (made with commander) from the help that they print.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CommandDoc,
  commands,
  commonOptions,
  exitCodesOf,
  longName,
  operandText,
} from '@lpbuildbot/worker-helpers/packaging';

const execute = promisify(execFile);

const head = `# The commands, with all their options

Made from the commands' own definitions by \`npm run docs\`; what they are for is told in [the worker's packages](worker-helpers.md),
[the promotion service](promotion.md) and [the pipeline file](pipeline-file.md). On a worker each has its manual page, too.
`;

/** Programs made with commander, in the order of the page. */
export const commanderPrograms: readonly { readonly name: string; readonly main: string }[] = [
  { name: 'lpbuildbot-promotion', main: 'packages/promotion/src/main.ts' },
  { name: 'lpbuildbot-pipeline', main: 'packages/pipeline/src/main.ts' },
];

export async function commandsPage(root: string): Promise<string> {
  const helpers = await Promise.all([...commands.values()].map(async (load) => (await load()).default.doc));
  const sorted = helpers.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const others = await Promise.all(
    commanderPrograms.map(async (program) => await helpSection(root, program)),
  );
  return [head, commonSection(), ...sorted.map(helperSection), ...others].join('\n');
}

function commonSection(): string {
  return `## What all commands of workers take

${optionTable(commonOptions)}`;
}

function helperSection(doc: CommandDoc): string {
  const { operands } = doc;
  const needed = doc.options.filter((option) => option.kind === 'value' && option.need === 'required');
  const words = [
    doc.name,
    ...needed.map((option) => optionText(option)),
    ...(doc.options.length > needed.length ? ['[OPTION...]'] : []),
    ...(operands === undefined ? [] : [operandText(operands)]),
  ];
  return [
    `## ${doc.name}\n`,
    fenced(words.join(' ')),
    `${sentence(doc.summary)}\n`,
    ...doc.description.map((paragraph) => `${escaped(paragraph)}\n`),
    ...(operands === undefined ? [] : [`\`${operands.placeholder}\`: ${escaped(operands.about)}.\n`]),
    ...(doc.options.length === 0 ? [] : [optionTable(doc.options)]),
    table(
      ['exit code', 'means'],
      exitCodesOf(doc).map(({ what, meaning }) => [what, escaped(meaning)]),
    ),
    ...(doc.files.length === 0
      ? []
      : [
          table(
            ['file', 'is'],
            doc.files.map(({ what, meaning }) => [`\`${what}\``, escaped(meaning)]),
          ),
        ]),
    ...doc.examples.map(({ what, meaning }) => `${sentence(meaning)}\n\n    ${what}\n`),
  ].join('\n');
}

function optionTable(options: CommandDoc['options']): string {
  return table(
    ['option', 'does'],
    options.map((option) => {
      const notes = [
        ...(option.kind === 'list' ? ['may be given many times'] : []),
        ...(option.kind === 'value' && option.need === 'required' ? ['must be given'] : []),
        ...(option.kind === 'value' && option.need === 'optional' && option.byDefault !== undefined
          ? [`without it: \`${option.byDefault}\``]
          : []),
      ];
      return [`\`${optionText(option)}\``, [escaped(option.about), ...notes].join('; ')];
    }),
  );
}

function optionText(option: CommandDoc['options'][number]): string {
  return option.kind === 'flag' ? longName(option.key) : `${longName(option.key)} ${option.placeholder}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** What Markdown would take for emphasis or a tag. */
function escaped(text: string): string {
  return text.replace(/[*_<]/g, '\\$&');
}

function sentence(text: string): string {
  return `${escaped(text.slice(0, 1).toUpperCase() + text.slice(1))}.`;
}

async function helpSection(
  root: string,
  { name, main }: (typeof commanderPrograms)[number],
): Promise<string> {
  const names = await commandNames(root, main);
  const texts = await Promise.all(
    names.map(async (command) => `### ${name} ${command}\n\n${fenced(await helpOf(root, main, command))}`),
  );
  return [`## ${name}\n`, fenced(await helpOf(root, main)), ...texts].join('\n');
}

/** The commands that it lists in its help, without `help` itself. */
export async function commandNames(root: string, main: string): Promise<string[]> {
  const [, list = ''] = (await helpOf(root, main)).split('\nCommands:\n');
  return [...list.matchAll(/^ {2}(\w[\w-]*)/gm)]
    .map(([, command = '']) => command)
    .filter((command) => command !== 'help');
}

/** Nothing of whoever runs this is in it. */
export async function helpOf(root: string, main: string, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, COLUMNS: '100', SUDO_USER: 'YOU', LPBUILDBOT_PROMOTION_CONFIG: '' };
  const { stdout } = await execute(process.execPath, [join(root, main), ...words, '--help'], { env });
  return stdout;
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}
