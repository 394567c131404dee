/**
 * HTML that is escaped by how it is made: whatever is put into a template becomes text, and the only way to markup is another
 * template. So no commit message, author or branch name can become anything but letters, wherever it is shown.
 */

const made: unique symbol = Symbol('made by the html template');

/** Markup that came out of a template. */
export interface Html {
  readonly [made]: string;
}

export type Child = Html | string | number | undefined | false | readonly Child[];

/**
 * A template of markup. Strings and numbers are escaped, lists are joined, `undefined` and `false` are nothing. Attributes
 * must be in double quotes. Throws when a value stands where escaping would not protect: in a tag but outside of quotes, in
 * a comment, a script or a style.
 */
export function html(literals: TemplateStringsArray, ...values: readonly Child[]): Html {
  checked(literals);
  let text = literals[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (literals[index + 1] ?? '');
  return { [made]: text };
}

export const nothing: Html = { [made]: '' };

export function markup(value: Html): string {
  return value[made];
}

/** One entity for each character that can end a text or a quoted attribute. */
function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function render(value: Child): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (isList(value)) return value.map(render).join('');
  return value[made];
}

function isList(value: Html | readonly Child[]): value is readonly Child[] {
  return Array.isArray(value);
}

/** Templates whose places have been looked at; the literals of one template are one object for as long as it lives. */
const seen = new WeakSet<TemplateStringsArray>();

function checked(literals: TemplateStringsArray): void {
  if (seen.has(literals)) return;
  let before = '';
  for (const literal of literals.slice(0, -1)) {
    before += literal;
    const place = placeAfter(before);
    if (place !== 'text' && place !== 'quoted')
      throw new Error(`a value must not stand in ${place}: …${before.slice(-40)}`);
    // Stands for the value: enough that two values in a row are two.
    before += 'x';
  }
  seen.add(literals);
}

type Place = 'text' | 'quoted' | 'a tag' | 'a comment' | 'a script or style';

function placeAfter(markup: string): Place {
  if (/<(script|style)\b[^>]*>(?![\s\S]*<\/\1>)/i.test(markup)) return 'a script or style';
  if (markup.lastIndexOf('<!--') > markup.lastIndexOf('-->')) return 'a comment';
  // A whole tag is skipped with its quoted values, which may have a > in them.
  const open = markup.replace(/<[!/]?[a-z][^\s>]*(?:\s+[^\s"'=<>]+(?:="[^"]*")?)*\s*\/?>/gi, '');
  const tag = open.lastIndexOf('<');
  if (tag === -1) return 'text';
  return (open.slice(tag).match(/"/g)?.length ?? 0) % 2 === 1 ? 'quoted' : 'a tag';
}
