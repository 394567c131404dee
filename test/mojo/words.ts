/** The words of a manifest's line: shell-like quotes, and `${NAME}` or `${NAME:-default}` from the environment; nothing else of the shell. */

export interface Word {
  readonly key: string;
  /** As it stands there, without quotes and not yet expanded. */
  readonly value: string;
}

/** What was found and what to write. */
interface Slip {
  readonly found: string;
  readonly write: string;
}

export type Words =
  | { readonly kind: 'words'; readonly phase: string; readonly words: readonly Word[] }
  | { readonly kind: 'slips'; readonly slips: readonly Slip[] };

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

export function splitLine(line: string): Words {
  if (/^\s/.test(line)) return slip('space at the beginning of the line', 'begin with the phase');
  if (line.endsWith('\\')) return slip('a backslash at the end', 'write the phase in one line');
  const [phase = '', rest = ''] = /^(\S+)(.*)$/.exec(line)?.slice(1) ?? [];
  const words: Word[] = [];
  const slips: Slip[] = [];
  for (let at = 0; at < rest.length; ) {
    const text = rest.slice(at);
    const space = /^\s+/.exec(text)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const taken = takeWord(text);
    if (taken.kind === 'slip') {
      // `config = a` is one slip.
      if (slips.at(-1)?.write !== taken.write) slips.push({ found: taken.found, write: taken.write });
    } else words.push(taken.word);
    at += taken.length;
  }
  return slips.length > 0 ? { kind: 'slips', slips } : { kind: 'words', phase, words };
}

function slip(found: string, write: string): Words {
  return { kind: 'slips', slips: [{ found, write }] };
}

type Taken =
  | { readonly kind: 'word'; readonly word: Word; readonly length: number }
  | ({ readonly kind: 'slip'; readonly length: number } & Slip);

function takeWord(text: string): Taken {
  const wrong = (found: string, write: string, length: number): Taken => ({
    kind: 'slip',
    found,
    write,
    length,
  });
  if (text.startsWith('#'))
    return wrong('a comment after the phase', 'give it a line of its own', text.length);
  const [bare = ''] = /^\S+/.exec(text) ?? [];
  const [, key] = /^([A-Za-z][A-Za-z0-9_-]*)=/.exec(text) ?? [];
  if (key === undefined) return wrong(`"${bare}"`, 'write NAME=VALUE, without spaces around =', bare.length);
  const start = key.length + 1;
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, start + 1);
    if (end < 0) return wrong(`a quote that is not closed: ${text}`, `close it with ${quote}`, text.length);
    const value = text.slice(start + 1, end);
    const after = text[end + 1];
    if (after !== undefined && !/\s/.test(after)) {
      return wrong(
        `"${after}" right behind a closing quote`,
        'quote the whole value',
        bare.length > end ? bare.length : end + 2,
      );
    }
    if (quote === "'" && value.includes('$')) {
      return wrong(`$ in single quotes: ${value}`, 'write double quotes', end + 1);
    }
    return checked(key, value, end + 1, wrong);
  }
  const value = bare.slice(start);
  if (/["']/.test(value)) return wrong(`a quote within ${bare}`, 'quote the whole value', bare.length);
  if (value === '') return wrong(`${key} without a value`, 'give one, or leave it out', bare.length);
  return checked(key, value, bare.length, wrong);
}

function checked(
  key: string,
  value: string,
  length: number,
  wrong: (found: string, write: string, length: number) => Taken,
): Taken {
  const left = value.replaceAll(reference, '');
  if (/[$`\\]/.test(left)) {
    return wrong(
      `shell syntax in ${key}=${value}`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
      'write ${NAME} or ${NAME:-default}; nothing else is known to work',
      length,
    );
  }
  return { kind: 'word', word: { key, value }, length };
}

/** Gives the names that have no value as well; where one has none, its reference stands for nothing. */
export function expand(
  value: string,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const text = value.replaceAll(reference, (_all, name: string, fallback: string | undefined) => {
    const found = environment[name];
    // As the shell does: an empty variable takes the default as well.
    if (found !== undefined && (found !== '' || fallback === undefined)) return found;
    if (fallback === undefined) missing.push(name);
    return fallback ?? '';
  });
  return { text, missing };
}
