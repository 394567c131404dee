/**
 * The options of a `juju` command, parsed as its library gnuflag does: `--name value`, `--name=value`, `-n value`, between the words unless
 * the command forbids it, up to `--`. An option that the real command does not have is refused in its words; one that it has and the
 * rig cannot follow is refused too, and never ignored.
 */
import { Failure } from './console.ts';

/** `switch` takes no value, `value` the last one given, `values` all of them. */
type Kind = 'switch' | 'value' | 'values';

/** An option by its name without dashes. */
export type Options = Readonly<Record<string, Kind | { readonly same: string } | { readonly not: Kind }>>;

export class CommandLine {
  readonly words: readonly string[];
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(words: readonly string[], given: ReadonlyMap<string, readonly string[]>) {
    this.words = words;
    this.#given = given;
  }

  on(name: string): boolean {
    return this.text(name) === 'true';
  }

  text(name: string): string | undefined {
    return this.#given.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.#given.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }
}

/** @throws Failure with exit code 2. */
export function parseCommandLine(
  options: Options,
  args: readonly string[],
  where: 'anywhere' | 'before the words' = 'anywhere',
): CommandLine {
  const words: string[] = [];
  const given = new Map<string, string[]>();
  const left = [...args];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      words.push(...left);
      break;
    }
    if (!/^-./.test(word)) {
      words.push(word);
      if (where === 'anywhere') continue;
      words.push(...left);
      break;
    }
    const option = named(options, word);
    const value = option.value ?? (option.kind === 'switch' ? 'true' : left.shift());
    if (value === undefined) throw new Failure(`option needs an argument: ${option.shown}`, 2);
    if (option.kind === 'switch' && !/^(true|false)$/.test(value)) {
      throw new Failure(`invalid boolean value "${value}" for option ${option.shown}`, 2);
    }
    given.set(option.name, option.kind === 'values' ? [...(given.get(option.name) ?? []), value] : [value]);
  }
  return new CommandLine(words, given);
}

interface Named {
  readonly name: string;
  readonly kind: Kind;
  readonly shown: string;
  readonly value: string | undefined;
}

function named(options: Options, word: string): Named {
  const [, dashes = '', name = '', rest] = /^(--?)([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
  // `-n3` is `-n 3`; `-n=3` means the value "=3", which nobody means.
  const short = dashes === '-' && name.length > 1 ? name.slice(0, 1) : name;
  const value = short === name ? rest : word.slice(2);
  const shown = `${dashes}${short}`;
  const found =
    Object.hasOwn(options, short) && (short.length === 1) === (dashes === '-') ? options[short] : undefined;
  if (found === undefined) throw new Failure(`option provided but not defined: ${shown}`, 2);
  if (typeof found === 'string') return { name: short, kind: found, shown, value };
  if ('not' in found) throw new Failure(`the rig's juju cannot follow the option ${shown}`, 2);
  const kind = options[found.same];
  if (typeof kind !== 'string') throw new Error(`${shown} stands for ${found.same}, which is no option`);
  return { name: found.same, kind, shown, value };
}
