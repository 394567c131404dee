/**
 * What a command is: one definition, from which its parser, `--help`, man page and completion all come, so that they cannot
 * disagree. How a room attaches its command:
 *
 *     // src/prune/command.ts
 *     export default defineCommand({
 *       name: 'lpbuildbot-prune-images', section: 8, summary: 'delete images that are no longer needed',
 *       options: { keep: value({ placeholder: 'N', about: 'keep this many', type: z.coerce.number().int() }), dryRun: flag({ about: … }) },
 *       operands: some({ placeholder: 'NAME', about: 'only these images' }),
 *       …,
 *       action: async ({ options, operands }, world) => 0,   // options.keep: number | undefined; options.dryRun: boolean
 *     });
 *
 * and one line in commands.ts. A key `dryRun` is the option `--dry-run`. The action returns the exit code; for a failure that
 * a person can do something about it throws `Failure`; everything else that it throws is a mistake of ours, and is told as one.
 * Sentences belong into the room's messages.ts. Import what is heavy (ws, yaml) in the action's own modules: nothing of a
 * command is loaded for another one.
 */
import * as z from 'zod';
import { type CommandDoc, type CompletionDoc, internalErrorOf, longName, type OptionDoc } from './doc.ts';
import { Failure } from './failure.ts';
import { openLog } from './log.ts';
import { messages } from './messages.ts';
import { parseArguments, tellUsageError } from './parse.ts';
import type { Surroundings, World } from './world.ts';

/** The facts of an option that its schema cannot hold. */
type OptionFacts = OptionDoc extends infer D ? (D extends { key: string } ? Omit<D, 'key'> : never) : never;

const optionFacts = z.registry<OptionFacts>();

interface ValueDefinition<T extends z.ZodType> {
  readonly placeholder: string;
  readonly about: string;
  /** Takes the text of the command line; what it says about a bad one follows "it". */
  readonly type: T;
  readonly complete?: CompletionDoc;
}

/** An option that is there or not: a boolean. */
export function flag(facts: { readonly about: string }): z.ZodDefault<z.ZodBoolean> {
  return z
    .boolean()
    .default(false)
    .register(optionFacts, { ...facts, kind: 'flag' });
}

/** An option with a value, which may be absent: `T | undefined`. */
export function value<T extends z.ZodType>(facts: ValueDefinition<T>): z.ZodOptional<T> {
  const { type, ...doc } = facts;
  const schema = type.optional();
  optionFacts.add(schema, { ...doc, kind: 'value', need: 'optional' });
  return schema;
}

/** An option with a value that must be given. */
export function required<T extends z.ZodType>(facts: ValueDefinition<T>): T {
  const { type, ...doc } = facts;
  const schema = type.clone();
  optionFacts.add(schema, { ...doc, kind: 'value', need: 'required' });
  return schema;
}

/** An option with a value, and what it is when it is not given, as one would have written it. */
export function defaulted<T extends z.ZodType>(
  facts: ValueDefinition<T> & { readonly byDefault: string },
): T {
  const { type, byDefault, ...doc } = facts;
  const schema = type.clone();
  optionFacts.add(schema, { ...doc, kind: 'value', need: 'optional', byDefault });
  return schema;
}

/** An option that may be given many times: a list, empty without it. */
export function list<T extends z.ZodType>(facts: ValueDefinition<T>): z.ZodArray<T> {
  const { type, ...doc } = facts;
  const schema = z.array(type);
  optionFacts.add(schema, { ...doc, kind: 'list' });
  return schema;
}

/** What stands on the command line besides options. */
export interface Operands<T extends z.ZodType> {
  readonly placeholder: string;
  readonly about: string;
  /** The type of one of them. */
  readonly type: T;
  readonly min: 0 | 1;
  readonly max: 0 | 'many';
  /** A command line of its own: options after the first word are its. */
  readonly verbatim: boolean;
  readonly complete?: CompletionDoc;
}

interface OperandFacts {
  readonly placeholder: string;
  readonly about: string;
  readonly complete?: CompletionDoc;
}

type TypedOperandFacts<T extends z.ZodType> = OperandFacts & { readonly type: T };

/** No operands. */
export const none: Operands<z.ZodString> = {
  placeholder: '',
  about: '',
  type: z.string(),
  min: 0,
  max: 0,
  verbatim: false,
};

/** Any number of operands, none included. */
export function some<T extends z.ZodType>(facts: TypedOperandFacts<T>): Operands<T> {
  return { ...facts, min: 0, max: 'many', verbatim: false };
}

/** A command with its arguments, at the end, after `--` or not; at least one word. */
export function commandLine(facts: OperandFacts): Operands<z.ZodString> {
  return { ...facts, type: z.string(), min: 1, max: 'many', verbatim: true };
}

export type OptionShape = Readonly<Record<string, z.ZodType>>;

interface Parsed<O extends OptionShape, T extends z.ZodType> {
  readonly options: z.output<z.ZodObject<O>>;
  readonly operands: readonly z.output<T>[];
}

export interface Definition<O extends OptionShape, T extends z.ZodType>
  extends Omit<CommandDoc, 'options' | 'operands'> {
  readonly options: O;
  readonly operands: Operands<T>;
  /** Does it, and gives the exit code. */
  readonly action: (parsed: Parsed<O, T>, world: World) => Promise<number>;
}

/** A command whose types are no longer anybody's business. */
export interface CommandProgram {
  readonly doc: CommandDoc;
  /** Parses the arguments (without the program's name) and does what they say; gives the exit code. Never throws. */
  readonly run: (argv: readonly string[], surroundings: Surroundings) => Promise<number>;
}

const common = z.object({
  logFormat: z.enum(['text', 'json'], messages.logFormat).optional(),
  verbose: z.boolean().default(false),
});

export function defineCommand<O extends OptionShape, T extends z.ZodType>(
  definition: Definition<O, T>,
): CommandProgram {
  const { options, operands, action, ...rest } = definition;
  const doc: CommandDoc = {
    ...rest,
    options: Object.entries(options).map(([key, schema]) => optionDoc(rest.name, key, schema)),
    ...(operands.max === 0 ? {} : { operands }),
  };
  const schemas = { common, options: z.object(options), operands: z.array(operands.type) };

  const run = async (argv: readonly string[], surroundings: Surroundings): Promise<number> => {
    const raw = parseArguments(doc, argv, surroundings);
    if (raw.kind === 'ended') return raw.code;
    const parsed = {
      common: schemas.common.safeParse(raw.options),
      options: schemas.options.safeParse(raw.options),
      operands: schemas.operands.safeParse(raw.operands),
    };
    if (!parsed.common.success || !parsed.options.success || !parsed.operands.success) {
      const mistakes = [
        ...(parsed.common.error?.issues ?? []).map((issue) => optionMistake(raw.options, issue)),
        ...(parsed.options.error?.issues ?? []).map((issue) => optionMistake(raw.options, issue)),
        ...(parsed.operands.error?.issues ?? []).map((issue) =>
          messages.badValue(operands.placeholder, raw.operands[Number(issue.path[0])], issue.message),
        ),
      ];
      return tellUsageError(doc, surroundings, mistakes);
    }
    const { out, err, env, stderr } = surroundings;
    const format = parsed.common.data.logFormat ?? (stderr === 'journal' ? 'json' : 'text');
    const verbosity = parsed.common.data.verbose ? 'verbose' : 'normal';
    const log = await openLog({ name: doc.name, format, verbosity, write: err });
    const printed = (text: string): void => out(text.endsWith('\n') ? text : `${text}\n`);
    try {
      const given = { options: parsed.options.data, operands: parsed.operands.data };
      return await action(given, { out: printed, log, env });
    } catch (error) {
      if (error instanceof Failure) {
        log.error(error.message, 'cause' in error ? { err: error.cause } : {});
        return error.exitCode;
      }
      log.error(messages.internalError(stackOf(error)));
      return internalErrorOf(doc);
    }
  };
  return { doc, run };
}

function optionDoc(command: string, key: string, schema: z.ZodType): OptionDoc {
  const facts = optionFacts.get(schema);
  if (facts === undefined)
    throw new Error(`${command}: the option ${key} is not made by flag, value, required, defaulted or list`);
  return { key, ...facts };
}

function optionMistake(raw: Readonly<Record<string, unknown>>, { path, message }: z.core.$ZodIssue): string {
  const [key, index] = path;
  const given = raw[String(key)];
  const text = Array.isArray(given) ? z.unknown().parse(given[Number(index)]) : given;
  return messages.badValue(longName(String(key)), typeof text === 'string' ? text : undefined, message);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
