/** A packed charm, read from its file. */
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { packedCharm } from './charm-file.ts';
import { type PackedCharm, Refused } from './world.ts';

/** @throws Refused when there is no such file, or it is not a charm. */
export async function charmAt(path: string): Promise<PackedCharm> {
  if (!existsSync(path)) throw new Refused(`no charm was found at "${path}"`);
  const files = new Map<string, string>();
  for (const name of ['metadata.yaml', 'config.yaml', 'actions.yaml']) {
    const { exitCode, stdout } = await execa('unzip', ['-p', path, name], { reject: false });
    if (exitCode === 0) files.set(name, stdout);
  }
  if (!files.has('metadata.yaml')) throw new Refused(`"${path}" is no charm: it has no metadata.yaml`);
  return packedCharm(path, (name) => files.get(name));
}
