/** What the tools print: Juju's `json`, `yaml` and `smart`, which is for people and shells. */
import { stringify } from 'yaml';
import { type Arguments, type FlagNames, misuse, quoted } from './flags.ts';

type Value = string | number | boolean | null | readonly Value[] | ReadonlyMap<string, Value>;

export const formatFlags: FlagNames = { '--format': 'value', '-o': 'value', '--output': 'value' };

/** Tools without `smart` are those that Juju made later: secret-get, secret-info-get, goal-state. */
export function formatted(args: Arguments, value: unknown, without: 'smart' | 'nothing' = 'nothing'): string {
  const format = args.flags.get('--format') ?? (without === 'smart' ? 'yaml' : 'smart');
  const known = without === 'smart' ? ['json', 'yaml'] : ['json', 'yaml', 'smart'];
  if (!known.includes(format)) {
    misuse(`invalid value ${quoted(format)} for option --format: unknown format ${quoted(format)}`);
  }
  const plain = plainValue(value);
  if (format === 'json') return `${json(plain)}\n`;
  return format === 'yaml' ? yaml(plain) : smart(plain);
}

/** Go sorts the keys of a map; a struct keeps its order. A map here, since an object puts keys like `1` first. */
export function sorted<T>(entries: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function plainValue(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object') return String(value);
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  const present = entries.filter(([, inner]) => inner !== undefined);
  return new Map(present.map(([key, inner]) => [key, plainValue(inner)]));
}

/** Go escapes what could end a script element in a web page. */
function json(value: Value): string {
  if (isList(value)) return `[${value.map(json).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${[...value].map(([key, inner]) => `${json(key)}:${json(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function yaml(value: Value): string {
  if (value === null) return '';
  // 1.1 for its quotes around `yes` and `n`, which Go sets as well; a Map is a mapping like any other.
  const text = stringify(value, {
    version: '1.1',
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:omap'),
    indentSeq: false,
    lineWidth: 0,
  });
  // A text of several lines by itself is indented all the same.
  return typeof value === 'string' && /^\|\n\S/.test(text) ? text.replaceAll(/\n(?=.)/g, '\n  ') : text;
}

function smart(value: Value): string {
  if (value === null || value === '') return '';
  if (typeof value === 'string') return `${value}\n`;
  if (typeof value === 'boolean') return value ? 'True\n' : 'False\n';
  return isList(value) ? value.map((item) => `${item}\n`).join('') : yaml(value);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
