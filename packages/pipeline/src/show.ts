/**
 * Pieces of a file inside a message: short, without anything that a terminal would obey, and without passwords, wherever in
 * the file those stand.
 */

/** The first and the last of a chain of names, when it is long. */
export function chain(names: readonly string[]): string {
  const shownNames = names.length > 12 ? [...names.slice(0, 6), '...', ...names.slice(-5)] : names;
  return shownNames.map((name) => plain(name)).join(' -> ');
}

/** A piece of the file in quotes: short, without anything a terminal would obey, and without passwords. */
export function shown(text: string): string {
  return `"${plain(text).replace(/["\\]/g, '\\$&')}"`;
}

/** The same without quotes. */
export function plain(text: string, most = 70): string {
  const harmless = text.replace(/\S+/g, withoutCredentials);
  const short = harmless.length > most ? `${harmless.slice(0, most - 10)}...` : harmless;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, codePoint);
}

/** Hides more rather than less: everything between a URL's scheme, or the word's start, and the last `@`. */
function withoutCredentials(word: string): string {
  const colon = word.indexOf(':');
  const at = word.lastIndexOf('@');
  if (colon < 0 || at < colon) return word;
  const scheme = word.indexOf('://');
  return `${scheme < 0 || scheme > at ? '' : word.slice(0, scheme + 3)}***${word.slice(at)}`;
}

export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
