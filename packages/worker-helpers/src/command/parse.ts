/** From the words of a command line to the raw values of its options, by commander; types are the schemas' business. */
import { Command, CommanderError, Option } from 'commander';
import * as z from 'zod';
import {
  type CommandDoc,
  commonOptions,
  exitCodesOf,
  longName,
  type OptionDoc,
  operandText,
  USAGE_ERROR,
} from './doc.ts';
import { messages } from './messages.ts';
import type { Surroundings } from './world.ts';

export type RawArguments =
  | {
      readonly kind: 'parsed';
      readonly options: Readonly<Record<string, unknown>>;
      readonly operands: readonly string[];
    }
  /** Help or version was shown, or a mistake told. */
  | { readonly kind: 'ended'; readonly code: number };

export function parseArguments(
  doc: CommandDoc,
  argv: readonly string[],
  surroundings: Surroundings,
): RawArguments {
  const program = programOf(doc, surroundings);
  try {
    program.parse([...argv], { from: 'user' });
    const options = z.record(z.string(), z.unknown()).parse(program.opts());
    return { kind: 'parsed', options, operands: program.args };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'ended', code: error.exitCode === 0 ? 0 : USAGE_ERROR };
  }
}

/** Tells a mistake the way that commander does. */
export function tellUsageError(
  doc: CommandDoc,
  surroundings: Surroundings,
  mistakes: readonly string[],
): number {
  surroundings.err(messages.usageErrors(doc.name, mistakes));
  return USAGE_ERROR;
}

function programOf(doc: CommandDoc, { out, err, version }: Surroundings): Command {
  const program = new Command(doc.name)
    .description(doc.description.join('\n\n'))
    .usage(usageOf(doc))
    .helpOption('-h, --help', messages.help)
    .version(messages.version(doc.name, version), '-V, --version', messages.showVersion)
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) =>
        write(messages.usageErrors(doc.name, [text.trim().replace(/^error: /, '')])),
    })
    .addHelpText('after', messages.helpAfter(doc, exitCodesOf(doc)))
    .passThroughOptions(doc.operands?.verbatim ?? false)
    .exitOverride();
  const common = commonOptions.filter(({ key }) => key !== 'help' && key !== 'version');
  for (const option of [...doc.options, ...common]) program.addOption(optionOf(option));
  if (doc.operands !== undefined) {
    const { placeholder, about, min } = doc.operands;
    program.argument(min === 1 ? `<${placeholder}...>` : `[${placeholder}...]`, about);
  }
  return program;
}

function optionOf(doc: OptionDoc): Option {
  const name = longName(doc.key);
  if (doc.kind === 'flag') return new Option(name, doc.about);
  const option = new Option(`${name} <${doc.placeholder}>`, doc.about);
  if (doc.kind === 'list') {
    const texts: string[] = [];
    return option.default([], messages.mayBeRepeated).argParser((text: string) => {
      texts.push(text);
      return [...texts];
    });
  }
  option.makeOptionMandatory(doc.need === 'required');
  return doc.byDefault === undefined ? option : option.default(doc.byDefault);
}

/** What follows the command's name. */
function usageOf(doc: CommandDoc): string {
  const needed = doc.options.flatMap((option) =>
    option.kind === 'value' && option.need === 'required'
      ? [`${longName(option.key)} ${option.placeholder}`]
      : [],
  );
  const { operands } = doc;
  const last = operands === undefined ? [] : [...(operands.verbatim ? ['--'] : []), operandText(operands)];
  return [...needed, '[OPTION...]', ...last].join(' ');
}
