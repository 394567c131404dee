/**
 * Other people's words (subjects, names, branches, files, what a server says) made safe to stand among ours, in chat and in
 * mail. Pure.
 */

/** Ends a line, hides, or turns the direction of what follows: none of it may be in a line that others read. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** Half a character, which JSON and mail cannot carry. */
const HALVES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** On one line with single spaces, nothing unseen in it, and no longer than this many characters. */
export function plain(text: string, most: number): string {
  const line = text
    .replace(HALVES, '\uFFFD')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(UNSEEN, '\uFFFD')
    .trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}

/**
 * For Mattermost, in a code span: a fence longer than any in the text. In there nothing is markup, a link, an emoji, a hashtag or
 * a channel, and nobody is mentioned. What Mattermost takes over from Slack (`<!channel>`, `<@id>`, `<url|text>`) it replaces
 * before it looks at any markup, also across two code spans, so that `<` and `>` must not be there at all.
 */
export function code(text: string, most = 200): string {
  const line = plain(text, most).replaceAll('<', '‹').replaceAll('>', '›');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** For Mattermost: an address that nothing in it can end early. */
export function link(label: string, url: string | undefined): string {
  if (url === undefined) return label;
  const safe = url.replace(
    /[\s()<>[\]\\`*|"]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
  return `[${label}](${safe})`;
}
