/**
 * Juju's way of reading arguments (gnuflag): options anywhere, `--` ends them, `-h` inside of a cluster asks for help. Errors are
 * Juju's own, word for word, since a charm may only tell refusals by their words.
 */

/** A tool that says no. 1: Juju refuses; 2: the call is of the wrong form. */
export class ToolRefusal extends Error {
  readonly code: 1 | 2;

  constructor(code: 1 | 2, message: string) {
    super(message);
    this.code = code;
  }
}

export function refuse(message: string): never {
  throw new ToolRefusal(1, message);
}

export function misuse(message: string): never {
  throw new ToolRefusal(2, message);
}

/** The options a tool knows, with their dashes: `{ '--app': 'switch', '-r': 'value' }`. */
export type FlagNames = Readonly<Record<string, 'switch' | 'value'>>;

export interface Arguments {
  readonly flags: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/** `help` when that was asked for. */
export function readArguments(known: FlagNames, args: readonly string[]): Arguments | 'help' {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  const queue = [...args];
  while (true) {
    const word = queue.shift();
    if (word === undefined) return { flags, rest };
    if (word === '--') return { flags, rest: [...rest, ...queue] };
    if (word === '-' || !word.startsWith('-')) {
      rest.push(word);
      continue;
    }
    const long = word.startsWith('--');
    const equals = long ? word.indexOf('=') : -1;
    const name = long ? word.slice(0, equals < 0 ? undefined : equals) : word.slice(0, 2);
    const attached = long ? (equals < 0 ? undefined : word.slice(equals + 1)) : word.slice(2) || undefined;
    if (name === '--help' || name === '-h') return 'help';
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) misuse(`option provided but not defined: ${name}`);
    if (kind === 'switch') flags.set(name, attached ?? 'true');
    else flags.set(name, attached ?? queue.shift() ?? misuse(`option needs an argument: ${name}`));
  }
}

/** No more than `most` words; Juju's complaint names the others. */
export function atMost(words: readonly string[], most: number): void {
  const others = words.slice(most);
  if (others.length > 0) misuse(`unrecognized args: [${others.map(quoted).join(' ')}]`);
}

export function isOn({ flags }: Arguments, name: string): boolean {
  const value = flags.get(name);
  return value !== undefined && /^(1|t|true)$/i.test(value);
}

/** As Go writes a string in a message (%q). */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
