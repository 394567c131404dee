/**
 * The commands of a piece of shell, as words: enough of POSIX shell's quoting to find what the documentation tells people to type, the commands
 * within `$(…)` included. What expands is kept as it stands.
 */

export interface ShellCommand {
  readonly words: readonly string[];
  /** From 0, within the piece. */
  readonly line: number;
}

interface Open {
  words: string[];
  word: string | undefined;
  line: number;
}

export function commandsIn(text: string): ShellCommand[] {
  const found: ShellCommand[] = [];
  const source = withoutHereDocuments(text);
  let at = 0;
  let line = 0;

  const close = (open: Open): void => {
    if (open.word !== undefined) open.words.push(open.word);
    if (open.words.length > 0) found.push({ words: open.words, line: open.line });
    open.words = [];
    open.word = undefined;
  };
  const add = (open: Open, text: string): void => {
    if (open.words.length === 0 && open.word === undefined) open.line = line;
    open.word = (open.word ?? '') + text;
  };

  /** Reads up to the closing sign, `)` of a substitution, or the end. */
  const read = (end: ')' | undefined): string => {
    const start = at;
    const open: Open = { words: [], word: undefined, line };
    while (at < source.length && source[at] !== end) {
      const sign = source[at] ?? '';
      if (sign === '\\') {
        if (source[at + 1] === '\n') line += 1;
        else add(open, source[at + 1] ?? '');
        at += 2;
      } else if (sign === "'") {
        const close = source.indexOf("'", at + 1);
        const inner = source.slice(at + 1, close < 0 ? source.length : close);
        add(open, inner);
        line += inner.split('\n').length - 1;
        at += inner.length + 2;
      } else if (sign === '"') {
        at += 1;
        add(open, '');
        while (at < source.length && source[at] !== '"') {
          if (source.startsWith('$(', at)) add(open, substitution());
          else {
            if (source[at] === '\n') line += 1;
            if (source[at] === '\\') at += 1;
            add(open, source[at] ?? '');
            at += 1;
          }
        }
        at += 1;
      } else if (source.startsWith('$(', at)) {
        add(open, substitution());
      } else if (/\s/.test(sign)) {
        if (sign === '\n') close(open);
        else if (open.word !== undefined) {
          open.words.push(open.word);
          open.word = undefined;
        }
        if (sign === '\n') line += 1;
        at += 1;
      } else if (sign === '#' && open.word === undefined) {
        while (at < source.length && source[at] !== '\n') at += 1;
      } else if (/[;|&]/.test(sign)) {
        close(open);
        at += 1;
      } else {
        add(open, sign);
        at += 1;
      }
    }
    close(open);
    return source.slice(start, at);
  };
  const substitution = (): string => {
    at += 2;
    const inner = read(')');
    at += 1;
    return `$(${inner})`;
  };

  read(undefined);
  return found;
}

/** Their lines emptied, so that the others keep their numbers. */
function withoutHereDocuments(text: string): string {
  const lines = text.split('\n');
  let end: string | undefined;
  return lines
    .map((line) => {
      if (end !== undefined) {
        if (line.trim() === end) end = undefined;
        return '';
      }
      const [marker, , word] = /<<-?\s*(['"]?)(\w+)\1/.exec(line) ?? [];
      if (word === undefined || marker === undefined) return line;
      end = word;
      return line.replace(marker, '');
    })
    .join('\n');
}

/** The words without assignments before the command, `sudo`, and redirections. */
export function plainWords(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !/^\w+=/.test(word) && word !== 'sudo');
  const rest = start < 0 ? [] : words.slice(start);
  const redirection = rest.findIndex((word) => /^\d?[<>]/.test(word));
  return redirection < 0 ? rest : rest.slice(0, redirection);
}
