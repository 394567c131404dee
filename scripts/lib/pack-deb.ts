/**
 * Builds the worker's packages with dpkg-buildpackage in a source tree of their own. Everything that the build needs is
 * put into the tree before: the bundle, what is made from the commands' definitions, and Node.js as the lock file has it.
 * So the build itself is Debian's plain one, runs without network, and gives the same bytes for the same input.
 *
 *     lpbuildbot-worker-VERSION/debian/…        as in the repository
 *     lpbuildbot-worker-VERSION/build/…         main.mjs, start.mjs, launch, commands, man/, completions/, sudoers/, node/
 */
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bashCompletion, commands, manFile, manPage } from '@lpbuildbot/worker-helpers/packaging';
import { z } from 'zod';
import { bundle } from './bundle.ts';
import { newestRelease, type Release, withRelease } from './pack-changelog.ts';
import { packFailed, packVersionsDiffer } from './pack-messages.ts';
import { type Architecture, nodeDirectory } from './pack-node.ts';
import { noticesOf } from './pack-notices.ts';
import { ensurePackTools } from './pack-tools.ts';
import { runProgram } from './run-program.ts';

export interface DebRequest {
  /** Where the packages go; made when it is not there. */
  readonly out: string;
  readonly architecture: Architecture;
  /** `helpers` leaves lpbuildbot-node out, which takes most of the time. */
  readonly packages: 'all' | 'helpers';
  /** Another version than that of the changelog, for tests of upgrades. */
  readonly version?: string;
}

export type PackOutcome =
  | { readonly kind: 'packed'; readonly files: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

const root = join(import.meta.dirname, '../..');
const helpers = join(root, 'packages/worker-helpers');

export async function packDeb(request: DebRequest): Promise<PackOutcome> {
  const tools = await ensurePackTools();
  if (tools.kind === 'failed') return tools;
  const temporary = await mkdtemp(join(tmpdir(), 'pack-deb-'));
  try {
    const staged = await stage(temporary, request);
    if (staged.kind === 'failed') return staged;
    const { output, code } = await runProgram(
      [
        'dpkg-buildpackage',
        '--no-sign',
        request.packages === 'all' ? '--build=binary' : '--build=all',
        `--host-arch=${request.architecture}`,
      ],
      // The machine's own settings must not show in the packages.
      { cwd: staged.tree, env: { LC_ALL: 'C.UTF-8', DEB_BUILD_OPTIONS: '', DEB_BUILD_PROFILES: '' } },
    );
    if (code !== 0) return { kind: 'failed', reason: packFailed(output) };
    const names = (await readdir(temporary)).filter((name) => name.endsWith('.deb')).toSorted();
    await mkdir(request.out, { recursive: true });
    for (const name of names) await copyFile(join(temporary, name), join(request.out, name));
    return { kind: 'packed', files: names.map((name) => join(request.out, name)) };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

type Staged =
  | { readonly kind: 'staged'; readonly tree: string }
  | { readonly kind: 'failed'; readonly reason: string };

async function stage(temporary: string, request: DebRequest): Promise<Staged> {
  const changelog = await readFile(join(root, 'debian/changelog'), 'utf8');
  const release = newestRelease(changelog);
  const { version } = manifestSchema.parse(JSON.parse(await readFile(join(helpers, 'package.json'), 'utf8')));
  if (release?.version !== version) {
    return { kind: 'failed', reason: packVersionsDiffer(release?.version, version) };
  }
  const packed: Release = { ...release, version: request.version ?? release.version };
  const tree = join(temporary, `lpbuildbot-worker-${packed.version}`);
  await cp(join(root, 'debian'), join(tree, 'debian'), { recursive: true });
  if (packed.version !== release.version) {
    await writeFile(join(tree, 'debian/changelog'), withRelease(changelog, packed.version));
  }
  await stageHelpers(join(tree, 'build'), packed);
  if (request.packages === 'all') await stageNode(join(tree, 'build/node'), request.architecture);
  return { kind: 'staged', tree };
}

const manifestSchema = z.object({ version: z.string() });

async function stageHelpers(build: string, release: Release): Promise<void> {
  await cp(join(root, 'packages/worker-helpers/images.d'), join(build, 'images.d'), { recursive: true });
  for (const directory of ['man', 'completions', 'sudoers'])
    await mkdir(join(build, directory), { recursive: true });
  const files = await bundle(join(helpers, 'src/main.ts'), join(build, 'main.mjs'), {
    LPBUILDBOT_VERSION: JSON.stringify(release.version),
  });
  await writeFile(join(build, 'third-party-notices'), await noticesOf(root, files));
  await copyFile(join(helpers, 'bin/launch'), join(build, 'launch'));
  const start = await readFile(join(helpers, 'bin/start.mjs'), 'utf8');
  await writeFile(join(build, 'start.mjs'), start.replace('@VERSION@', release.version));
  await copyFile(join(root, 'debian/lpbuildbot-worker.sudoers'), join(build, 'sudoers/lpbuildbot-worker'));
  await writeFile(join(build, 'commands'), `${[...commands.keys()].join('\n')}\n`);
  for (const [name, load] of commands) {
    const { doc } = (await load()).default;
    await writeFile(join(build, 'man', manFile(doc)), manPage(doc, release));
    await writeFile(join(build, 'completions', name), bashCompletion(doc));
  }
}

async function stageNode(directory: string, architecture: Architecture): Promise<void> {
  const source = await nodeDirectory(root, architecture);
  await mkdir(join(directory, 'bin'), { recursive: true });
  await copyFile(join(source, 'bin/node'), join(directory, 'bin/node'));
  await chmod(join(directory, 'bin/node'), 0o755);
  await copyFile(join(source, 'LICENSE'), join(directory, 'notices'));
}
