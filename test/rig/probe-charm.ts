/** Packs charms that tests are made of: a charmcraft.yaml, and a dispatch of shell. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { charmYaml } from '../../scripts/lib/pack-charm-yaml.ts';
import { zip } from '../../scripts/lib/pack-charm-zip.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';

const testdata = join(import.meta.dirname, 'testdata');

/** Gives the path of the charm's file in `directory`; `version` is what a file in the charm, `version`, says. */
export async function packTestCharm(
  name: string,
  directory: string,
  version = '1',
  sources = testdata,
): Promise<string> {
  const description = join(sources, name, 'charmcraft.yaml');
  // The rig's two share one.
  const own = join(sources, name, 'dispatch');
  const yaml = charmYaml(description, await readFile(description, 'utf8'), thisArchitecture);
  if (yaml.kind === 'wrong') throw new Error(yaml.reason);
  const plain = (path: string, text: string) => ({ path, mode: 0o644, content: Buffer.from(text) }) as const;
  const path = join(directory, `${name}-${version}.charm`);
  const parts = await zip([
    ...[...yaml.files].map(([file, text]) => plain(file, text)),
    plain('version', `${version}\n`),
    plain(`only-in-${version}`, ''),
    {
      path: 'dispatch',
      mode: 0o755,
      content: await readFile(existsSync(own) ? own : join(testdata, 'dispatch')),
    },
  ]);
  await writeFile(path, parts);
  return path;
}
