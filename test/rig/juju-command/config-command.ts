/** `juju config`: settings, set, read and reset. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { resetConfig, config as setConfig } from '../core/commands.ts';
import { type Application, applicationOf } from '../core/world.ts';
import { type Caller, Failure, pathOf, readInput } from './console.ts';
import { goJson, goYaml } from './go-text.ts';
import { type Command, colourOptions, formatOf, formatOptions, pair, pairs } from './session.ts';

export const config: Command = {
  about: 'the model',
  options: { ...formatOptions, ...colourOptions, file: 'value', reset: 'values' },
  async run({ ground }, line, caller) {
    const { world } = ground;
    const [name, ...words] = line.words;
    if (name === undefined || name.includes('=')) throw new Failure('no application name specified', 2);
    const format = formatOf(line, 'yaml', ['json']);
    const set = words.filter((word) => word.includes('='));
    const [key, ...more] = words.filter((word) => !word.includes('='));
    const file = line.text('file');
    const reset = line.all('reset').flatMap((value) => value.replace(/^,+|,+$/g, '').split(','));
    checkTogether(key, more, set, reset, file);
    const application = applicationOf(world, name);
    if (key !== undefined) {
      caller.out(`${settingOf(application, key)}\n`);
      return;
    }
    if (file !== undefined) {
      const text = file === '-' ? await readInput(caller) : await readFile(pathOf(caller, file), 'utf8');
      setConfig(world, name, settingsIn(text, name), ground.now());
    }
    if (reset.length > 0) resetConfig(world, name, reset);
    if (set.length > 0) setConfig(world, name, await settings(pairs(set), caller), ground.now());
    if (set.length > 0 || reset.length > 0 || file !== undefined) return;
    caller.out((format === 'json' ? goJson : goYaml)(allOf(application)));
  },
};

function checkTogether(
  key: string | undefined,
  more: readonly string[],
  set: readonly string[],
  reset: readonly string[],
  file: string | undefined,
): void {
  const others = [
    ...(file === undefined ? [] : ['set values from a file']),
    ...(reset.length === 0 ? [] : ['reset values']),
  ];
  if (key !== undefined && others.length + set.length > 0) {
    const all = [...others, 'get value', ...(set.length === 0 ? [] : ['set values'])];
    throw new Failure(`cannot ${all.slice(0, -1).join(', ')} and ${all.at(-1)} simultaneously`, 2);
  }
  if (more.length > 0) throw new Failure('cannot specify multiple keys to get', 2);
  const both = reset.find((name) => set.some((word) => pair(word)[0] === name));
  if (both !== undefined) throw new Failure(`cannot set and reset key "${both}" simultaneously`, 2);
}

/** `key=@file` is what stands in the file. */
export async function settings(
  given: Readonly<Record<string, string>>,
  caller: Caller,
): Promise<Record<string, string>> {
  const read = Object.entries(given).map(async ([key, value]) => {
    if (!value.startsWith('@')) return [key, value] as const;
    return [key, await readFile(pathOf(caller, value.slice(1)), 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const fileSchema = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

/** A file of settings has them under the application's name. */
function settingsIn(text: string, application: string): Record<string, string | number | boolean> {
  const found = fileSchema.safeParse(parse(text));
  const own = found.success ? found.data[application] : undefined;
  if (own === undefined) throw new Failure(`no settings found for "${application}"`);
  return own;
}

function settingOf({ name, charm, config: values }: Application, key: string): string {
  const option = charm.charmcraft.options[key];
  if (option === undefined) {
    throw new Failure(`key "${key}" not found in "${name}" application config or charm settings.`);
  }
  return String(values.get(key) ?? option.default ?? '');
}

function allOf({ name, charm, config: values }: Application): unknown {
  const options = Object.entries(charm.charmcraft.options).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return {
    application: name,
    charm: charm.charmcraft.name,
    settings: Object.fromEntries(
      options.map(([key, { type, default: usual }]) => {
        const source = values.has(key) ? 'user' : usual === undefined || usual === null ? 'unset' : 'default';
        const value = values.get(key) ?? usual;
        return [
          key,
          { ...(usual != null && { default: usual }), source, type, ...(value != null && { value }) },
        ];
      }),
    ),
  };
}
