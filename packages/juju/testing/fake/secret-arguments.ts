/** How the secret tools read their arguments: URIs, contents, options. */
import { parse } from 'yaml';
import * as z from 'zod';
import type { Databag } from '../../src/databag.ts';
import { type Arguments, type FlagNames, misuse, quoted } from './flags.ts';
import type { Surroundings } from './hook.ts';
import type { SecretUpdate } from './secret-changes.ts';

export const secretFlags: FlagNames = {
  '--description': 'value',
  '--expire': 'value',
  '--file': 'value',
  '--label': 'value',
  '--owner': 'value',
  '--rotate': 'value',
};

const rotations = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'];

/** The 20 characters at the end. */
export function secretIdOf(text: string): string {
  const [, id] = /^(?:secret:(?:\/\/)?)?(?:[0-9a-f-]{36}\/)?([0-9a-v]{20})$/.exec(text) ?? [];
  return id ?? misuse(`secret URI ${quoted(text)} not valid`);
}

export function givenOptions({
  flags,
}: Arguments): SecretUpdate & { readonly owner: 'unit' | 'application' } {
  const expire = flags.get('--expire');
  const expiry = expire === undefined || expire === '' ? undefined : expiryOf(expire);
  const rotation = flags.get('--rotate') || undefined;
  if (rotation !== undefined && !rotations.includes(rotation)) {
    misuse(`rotate policy ${quoted(rotation)} not valid`);
  }
  const owner = flags.get('--owner') ?? 'application';
  if (owner !== 'unit' && owner !== 'application') misuse(`secret owner ${quoted(owner)} not valid`);
  const label = flags.get('--label') || undefined;
  const description = flags.get('--description') || undefined;
  return {
    owner,
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(expiry === undefined ? {} : { expiry }),
  };
}

/** `key=value`, `key#file=PATH`, `key#base64=VALUE`, and `--file`. */
export function givenContent({ flags, rest }: Arguments, { readFile }: Surroundings): Databag {
  const content = new Map(rest.map((word) => entryOf(word, readFile)));
  const file = flags.get('--file');
  if (file !== undefined && file !== '') {
    const parsed = z.record(z.string(), z.coerce.string()).parse(parse(readFile(file)));
    for (const [key, value] of Object.entries(parsed)) content.set(key, value);
  }
  return Object.fromEntries([...content].map(decoded));
}

function entryOf(word: string, readFile: Surroundings['readFile']): [string, string] {
  const equals = word.replace(/=+$/, '').indexOf('=');
  if (equals < 1) misuse(`key value ${quoted(word)} not valid`);
  const key = word.slice(0, equals);
  const value = word.slice(equals + 1);
  if (!key.endsWith('#file')) return [key, value];
  const name = key.slice(0, -'#file'.length);
  try {
    return [name, readFile(value)];
  } catch {
    return misuse(`reading content for secret key ${quoted(name)}: open ${value}: no such file or directory`);
  }
}

function decoded([key, value]: [string, string]): [string, string] {
  const encoded = key.endsWith('#base64');
  const name = encoded ? key.slice(0, -'#base64'.length) : key;
  if (!/^[a-z](?:-?[a-z0-9]){2,}$/.test(name)) misuse(`key ${quoted(name)} not valid`);
  return [name, encoded ? Buffer.from(value, 'base64').toString('utf8') : value];
}

function expiryOf(text: string): string {
  const [, sign, amount, unit] = /^(-?)(\d+)(h|m|s)$/.exec(text) ?? [];
  if (amount !== undefined) {
    if (sign === '-' || Number(amount) === 0) misuse(`negative expire duration ${quoted(text)} not valid`);
    const seconds = Number(amount) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
    return new Date(Date.now() + seconds * 1000).toISOString();
  }
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text) ? new Date(text) : undefined;
  if (time === undefined || Number.isNaN(time.getTime()))
    misuse(`expire time or duration ${quoted(text)} not valid`);
  return time.toISOString().replace('.000Z', 'Z');
}
