/** What is known of a command as plain data: what help, man page and completion are made from. */

/** What bash offers for a value: files, directories, fixed words, or the lines that a command prints. */
export type CompletionDoc =
  | 'file'
  | 'directory'
  | { readonly words: readonly string[] }
  | { readonly linesOf: string };

interface ValueDoc {
  readonly placeholder: string;
  readonly about: string;
  readonly complete?: CompletionDoc;
}

export type OptionDoc = { readonly key: string } & (
  | { readonly kind: 'flag'; readonly about: string }
  | ({
      readonly kind: 'value';
      readonly need: 'optional' | 'required';
      readonly byDefault?: string;
    } & ValueDoc)
  | ({ readonly kind: 'list' } & ValueDoc)
);

export interface OperandDoc extends ValueDoc {
  readonly min: 0 | 1;
  /** A command line of its own: options after its first word are its. */
  readonly verbatim: boolean;
}

export interface Described {
  readonly what: string;
  readonly meaning: string;
}

export interface CommandDoc {
  readonly name: string;
  /** Of the manual: 1 for everybody's commands, 8 for those that need root. */
  readonly section: 1 | 8;
  /** Half a sentence without a capital, as `man -k` shows it. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options: readonly OptionDoc[];
  readonly operands?: OperandDoc;
  /** Those besides the ones that all commands have (`commonExitCodes`). */
  readonly exitCodes: readonly Described[];
  readonly examples: readonly Described[];
  readonly files: readonly Described[];
  /** Other manual pages: `name(section)`. */
  readonly seeAlso: readonly string[];
  /** The exit code when the program itself is wrong; 70 unless the command's own codes reach that far. */
  readonly internalError?: number;
}

export const USAGE_ERROR = 2;
const INTERNAL_ERROR = 70;

export function internalErrorOf(doc: CommandDoc): number {
  return doc.internalError ?? INTERNAL_ERROR;
}

/** `maxAge` is `--max-age`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The options that every command has, after its own. */
export const commonOptions: readonly OptionDoc[] = [
  {
    key: 'logFormat',
    kind: 'value',
    need: 'optional',
    placeholder: 'FORMAT',
    about: 'text for people or json for programs; json by itself where standard error is the journal',
    complete: { words: ['text', 'json'] },
  },
  { key: 'verbose', kind: 'flag', about: 'say more about what is done' },
  { key: 'help', kind: 'flag', about: 'show how it is used' },
  { key: 'version', kind: 'flag', about: 'show the version' },
];

/** All exit codes of a command, in order. */
export function exitCodesOf(doc: CommandDoc): readonly Described[] {
  return [
    ...doc.exitCodes,
    { what: String(USAGE_ERROR), meaning: 'wrong usage: nothing was done' },
    { what: String(internalErrorOf(doc)), meaning: 'a mistake in the program itself: please report it' },
  ].toSorted((one, other) => Number.parseInt(one.what, 10) - Number.parseInt(other.what, 10));
}

/** `NAME...`, `[NAME...]`. */
export function operandText({ placeholder, min }: OperandDoc): string {
  return min === 0 ? `[${placeholder}...]` : `${placeholder}...`;
}
