/**
 * Puts releases into a git repository, byte for byte: no filter, no ignore file and no line-end conversion that a release
 * itself asks for may change what is tested.
 */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { execa } from 'execa';
import type { BareRepository } from '../support/git-repository.ts';

/** Writes the content of a source distribution (its single top directory) and gives the git tree. */
export async function writeTree(repository: BareRepository, sdist: string): Promise<Sha> {
  const work = await mkdtemp(repository.world.path('unpack-'));
  try {
    await execa('tar', ['--extract', '--no-same-owner', '--file', sdist, '--directory', work]);
    const [top, ...others] = await readdir(work);
    if (top === undefined || others.length > 0) throw new Error(`${sdist} has not exactly one top directory`);
    const directory = join(work, top);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    const paths = files.map((file) => join(file.parentPath, file.name)).sort();
    const modes = await Promise.all(paths.map(modeOf));
    const printed = await repository.git(['hash-object', '-w', '--no-filters', '--stdin-paths'], {
      input: `${paths.join('\n')}\n`,
    });
    const blobs = printed.split('\n');
    const index = paths.map((path, at) => `${modes[at]} ${blobs[at]}\t${path.slice(directory.length + 1)}\n`);
    const env = { GIT_INDEX_FILE: join(work, 'index') };
    await repository.git(['update-index', '--index-info'], { input: index.join(''), env });
    return shaSchema.parse(await repository.git(['write-tree'], { env }));
  } finally {
    await rm(work, { recursive: true });
  }
}

async function modeOf(path: string): Promise<string> {
  const status = await lstat(path);
  if (!status.isFile()) throw new Error(`${path} is neither a file nor a directory`);
  return (status.mode & 0o100) === 0 ? '100644' : '100755';
}

/** The tree that is `base` with `addition` as its directory `name`, in place of one that was there. */
export async function withDirectory(
  repository: BareRepository,
  base: string,
  name: string,
  addition: string,
): Promise<Sha> {
  const listed = await repository.git(['ls-tree', base]);
  const others = listed.split('\n').filter((line) => line !== '' && !line.endsWith(`\t${name}`));
  const input = `${[...others, `040000 tree ${addition}\t${name}`].join('\n')}\n`;
  return shaSchema.parse(await repository.git(['mktree'], { input }));
}

/** Makes a commit that no branch holds yet. */
export async function writeCommit(
  repository: BareRepository,
  tree: string,
  parents: readonly string[],
  message: string,
): Promise<Sha> {
  const at = parents.flatMap((parent) => ['-p', parent]);
  return shaSchema.parse(await repository.git(['commit-tree', ...at, '-m', message, tree]));
}
