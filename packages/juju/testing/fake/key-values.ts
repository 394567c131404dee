/** `key=value` arguments and `--file`, as relation-set and state-set take them. */
import { parseDocument } from 'yaml';
import type { Databag } from '../../src/databag.ts';
import { type Arguments, misuse, quoted, refuse } from './flags.ts';
import type { Hook } from './hook.ts';

/**
 * Reads the arguments now (a wrong form is exit code 2) and the file when asked to (that is 1). Arguments win over the file.
 * Juju takes white space off the ends of values given as arguments, and leaves those of a file alone.
 */
export function changesOf(hook: Hook, args: Arguments, stdin: string): () => Databag {
  const given = args.rest.map((word): [string, string] => {
    const equals = word.indexOf('=');
    if (equals < 1) misuse(`expected "key=value", got ${quoted(word)}`);
    return [word.slice(0, equals).trim(), word.slice(equals + 1).trim()];
  });
  return () => {
    const file = args.flags.get('--file');
    const fromFile = file === undefined ? {} : mapping(file === '-' ? stdin : read(hook, file));
    return { ...fromFile, ...Object.fromEntries(given) };
  };
}

function read({ surroundings }: Hook, path: string): string {
  try {
    return surroundings.readFile(path);
  } catch {
    return refuse(`open ${path}: no such file or directory`);
  }
}

/** Scalars as they are written (`5`, `1.0`, `true`), as Go reads them into a map of strings; nothing for null. */
function mapping(text: string): Databag {
  const document = parseDocument(text, { schema: 'failsafe', version: '1.2' });
  const [error] = document.errors;
  if (error !== undefined) refuse(`yaml: ${error.message.split('\n')[0]}`);
  const value: unknown = document.toJS();
  if (value === null || value === undefined || value === '') return {};
  if (typeof value !== 'object' || Array.isArray(value)) refuse(wrongType('!!seq', 'map[string]string'));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (typeof inner !== 'string') refuse(wrongType(Array.isArray(inner) ? '!!seq' : '!!map', 'string'));
      return [key, inner];
    }),
  );
}

function wrongType(found: string, wanted: string): string {
  return `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${found} into ${wanted}`;
}
