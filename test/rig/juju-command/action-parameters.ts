/** Parameters of an action, from the command line and from a file. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Parameters } from '../core/tasks.ts';
import { type Caller, Failure, pathOf } from './console.ts';
import type { CommandLine } from './flags.ts';

/** What actions and their parameters may be called. */
export function isKey(text: string): boolean {
  return /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(text);
}

const paramsSchema = z.record(z.string(), z.unknown());

/** From the file, and over it those of the command line, which are YAML as well. */
export async function parametersOf(
  line: CommandLine,
  caller: Caller,
  words: readonly string[],
): Promise<Parameters> {
  const file = line.text('params');
  const all: Record<string, unknown> =
    file === undefined ? {} : paramsSchema.parse(parse(await readFile(pathOf(caller, file), 'utf8')));
  for (const word of words) {
    const [path, ...value] = word.split('=');
    if (path === undefined || value.length === 0) {
      throw new Failure(`argument "${word}" must be of the form key.key.key...=value`, 2);
    }
    const keys = path.split('.');
    for (const key of keys) {
      if (isKey(key)) continue;
      throw new Failure(
        `key "${key}" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
        2,
      );
    }
    const text = value.join('=');
    put(all, keys, line.on('string-args') ? text : parse(text));
  }
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, arriving(value)]));
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = paramsSchema.safeParse(into[first]);
  const next = inner.success ? inner.data : {};
  into[first] = next;
  put(next, rest, value);
}

/** Lists and mappings reach the controller as text of Go (fact 16). */
function arriving(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return goValue(value);
}

function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `map[${entries.map(([key, inner]) => `${key}:${goValue(inner)}`).join(' ')}]`;
}
