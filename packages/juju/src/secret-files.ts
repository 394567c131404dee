/**
 * A secret's content on its way to Juju: a directory of root's own, a file for each key, both gone when the call ends, however
 * it ends. The tools take `key#file=PATH`; on the command line everyone on the machine could read it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnsendableError } from './errors.ts';
import { messages } from './messages.ts';

export type SecretContent = Readonly<Record<string, string>>;

/** As Juju checks it (core/secrets): a letter, then two or more of a-z and 0-9, with single hyphens between. */
const keyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;

/** @throws UnsendableError for a key that Juju does not take, no key at all, and text that is not Unicode. */
export async function withSecretFiles<T>(
  tool: string,
  content: SecretContent,
  use: (args: readonly string[]) => Promise<T>,
): Promise<T> {
  const entries = Object.entries(content);
  if (entries.length === 0) throw new UnsendableError(tool, messages.emptySecret);
  for (const [key, value] of entries) {
    if (!keyPattern.test(key)) throw new UnsendableError(tool, messages.secretKey(key));
    if (!value.isWellFormed()) throw new UnsendableError(tool, messages.loneSurrogate);
  }
  const directory = mkdtempSync(join(tmpdir(), 'juju-secret-'));
  try {
    for (const [key, value] of entries) {
      writeFileSync(join(directory, key), value, { mode: 0o600, flag: 'wx' });
    }
    return await use(entries.map(([key]) => `${key}#file=${join(directory, key)}`));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
