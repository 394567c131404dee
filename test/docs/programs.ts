/** The project's own commands as they define themselves: what options and words each takes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commands } from '@lpbuildbot/worker-helpers/packaging';
import * as z from 'zod';
import { root } from './pages.ts';

export interface Usage {
  /** By its name with the dashes. */
  readonly options: ReadonlyMap<string, 'switch' | 'value'>;
  readonly words: { readonly least: number; readonly most: number };
  /** Words after the first one are another command's. */
  readonly verbatim: boolean;
}

export interface Program {
  readonly name: string;
  /** Of the program itself, or by the name of its command. */
  readonly usages: Usage | ReadonlyMap<string, Usage>;
}

export function isSingle(usages: Program['usages']): usages is Usage {
  return 'options' in usages;
}

const common = ['--verbose', '--help', '--version'] as const;

async function helpers(): Promise<Program[]> {
  return await Promise.all(
    [...commands].map(async ([name, load]): Promise<Program> => {
      const { doc } = (await load()).default;
      const options = new Map<string, 'switch' | 'value'>([
        ...doc.options.map(
          ({ key, kind }) => [longName(key), kind === 'flag' ? 'switch' : 'value'] as const,
        ),
        ['--log-format', 'value'],
        ...common.map((option) => [option, 'switch'] as const),
      ]);
      const { operands } = doc;
      const words = { least: operands?.min ?? 0, most: operands === undefined ? 0 : Number.POSITIVE_INFINITY };
      return { name, usages: { options, words, verbatim: operands?.verbatim ?? false } };
    }),
  );
}

function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const execute = promisify(execFile);

/** A command that is made with commander: its help is made from its definition. */
async function commanderProgram(name: string, main: string): Promise<Program> {
  const help = async (...words: string[]): Promise<string> =>
    (await execute(process.execPath, [join(root, main), ...words, '--help'])).stdout;
  const [, list = ''] = (await help()).split('\nCommands:\n');
  const names = [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, command = '']) => command);
  const usages = await Promise.all(
    names.filter((command) => command !== 'help').map(async (command) => [command, usageIn(await help(command))] as const),
  );
  return { name, usages: new Map(usages) };
}

/** `Usage: NAME COMMAND [options] <one> [other] <many...>`, and lines such as `  -c, --config <file>  what it is`. */
function usageIn(help: string): Usage {
  const [, words = ''] = /^Usage: \S+ \S+ (.*)$/m.exec(help) ?? [];
  const operands = [...words.matchAll(/([<[])([^\]>]+)[\]>]/g)].filter(([, , name]) => name !== 'options');
  const lines = help.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)( [<[])?/gm);
  const options = [...lines].flatMap(([, short, long = '', value]) => {
    const kind: 'switch' | 'value' = value === undefined ? 'switch' : 'value';
    return [...(short === undefined ? [] : [[short, kind] as const]), [long, kind] as const];
  });
  return {
    options: new Map(options),
    words: {
      least: operands.filter(([, bracket]) => bracket === '<').length,
      most: operands.some(([, , name]) => name?.endsWith('...')) ? Number.POSITIVE_INFINITY : operands.length,
    },
    verbatim: false,
  };
}

export async function programs(): Promise<ReadonlyMap<string, Program>> {
  const all = await Promise.all([
    helpers(),
    commanderProgram('lpbuildbot-promotion', 'packages/promotion/src/main.ts'),
    commanderProgram('lpbuildbot-pipeline', 'packages/pipeline/src/main.ts'),
  ]);
  return new Map(all.flat().map((program) => [program.name, program]));
}

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** What `npm run` takes. */
export function npmScripts(): ReadonlySet<string> {
  const { scripts } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return new Set(Object.keys(scripts));
}
