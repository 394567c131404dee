/** Databags as text, and what to change in one so that it holds what it should. Pure. */
import { UnsendableError } from './errors.ts';
import { messages } from './messages.ts';

/** The settings of one unit, or one application, in one relation. */
export type Databag = Readonly<Record<string, string>>;

/** Juju's own keys in every unit's databag; it fills them in when the unit joins. */
const jujuKeys: ReadonlySet<string> = new Set(['egress-subnets', 'ingress-address', 'private-address']);

/** What to set, `''` for what to delete, so that `current` becomes `desired`. Juju's own keys are left alone. */
export function databagChanges(current: Databag, desired: Databag): Databag {
  const extra = Object.keys(current).filter((key) => !Object.hasOwn(desired, key) && !jujuKeys.has(key));
  const changed = Object.entries(desired).filter(([key, value]) => {
    // A key may be called as something that every object has.
    return (Object.hasOwn(current, key) ? current[key] : '') !== value;
  });
  return Object.fromEntries([...extra.map((key): [string, string] => [key, '']), ...changed]);
}

/**
 * The mapping as YAML that every version of Juju reads alike: double-quoted, printable ASCII alone. Plain JSON is not enough:
 * YAML takes other characters for line breaks (NEL, LS, PS), refuses some (DEL), and knows no surrogate pairs.
 */
export function databagYaml(tool: string, data: Databag): string {
  const entries = Object.entries(data);
  if (entries.some(([key]) => key === '')) throw new UnsendableError(tool, messages.emptyDatabagKey);
  if (!entries.flat().every((text) => text.isWellFormed())) {
    throw new UnsendableError(tool, messages.loneSurrogate);
  }
  if (entries.length === 0) return '{}\n';
  return entries.map(([key, value]) => `${quoted(key)}: ${quoted(value)}\n`).join('');
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^\u0020-\u007e]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
  });
}
