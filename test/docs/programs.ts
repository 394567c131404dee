/** The project's own commands as they define themselves: what options and words each takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, commonOptions, longName } from '@lpbuildbot/worker-helpers/packaging';
import * as z from 'zod';
import { commanderPrograms, commandNames, helpOf } from '../../scripts/lib/docs-commands.ts';
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

async function helpers(): Promise<Program[]> {
  return await Promise.all(
    [...commands].map(async ([name, load]): Promise<Program> => {
      const { options, operands } = (await load()).default.doc;
      const kinds = [...options, ...commonOptions].map(
        ({ key, kind }) => [longName(key), kind === 'flag' ? 'switch' : 'value'] as const,
      );
      const words = {
        least: operands?.min ?? 0,
        most: operands === undefined ? 0 : Number.POSITIVE_INFINITY,
      };
      return { name, usages: { options: new Map(kinds), words, verbatim: operands?.verbatim ?? false } };
    }),
  );
}

/** A command that is made with commander: its help is made from its definition. */
async function commanderProgram({ name, main }: (typeof commanderPrograms)[number]): Promise<Program> {
  const names = await commandNames(root, main);
  const usages = await Promise.all(
    names.map(async (command) => [command, usageIn(await helpOf(root, main, command))] as const),
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
  const all = [...(await helpers()), ...(await Promise.all(commanderPrograms.map(commanderProgram)))];
  return new Map(all.map((program) => [program.name, program]));
}

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** What `npm run` takes. */
export function npmScripts(): ReadonlySet<string> {
  const { scripts } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return new Set(Object.keys(scripts));
}
