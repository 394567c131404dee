/**
 * What GitHub's API does to a repository, done to a real one. Branches are moved as GitHub's own machines do it, by a push
 * into the repository, so that its hooks refuse, interfere and die there too.
 */
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { execa } from 'execa';
import type { BareRepository } from './git-repository.ts';

export type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'refused'; readonly message: string }
  /** What moved it is gone before it could say whether it has. */
  | { readonly kind: 'died' };

/** Moves or makes a branch, only ever forward. */
export async function moveRef(repository: BareRepository, ref: string, sha: string): Promise<Moved> {
  const { exitCode, stdout, stderr } = await execa(
    'git',
    ['push', '--porcelain', repository.path, `${sha}:${ref}`],
    {
      cwd: repository.path,
      env: repository.world.env(),
      reject: false,
    },
  );
  const line = stdout.split('\n').find((candidate) => candidate.includes(`:${ref}\t`));
  if (exitCode === 0) return { kind: 'moved' };
  const [flag, , summary = ''] = line?.split('\t') ?? [];
  if (flag !== '!' || summary.startsWith('[remote failure]')) return { kind: 'died' };
  if (/non-fast-forward|fetch first/.test(summary)) {
    return { kind: 'refused', message: 'Update is not a fast forward' };
  }
  const said = stderr
    .split('\n')
    .flatMap((text) => (text.startsWith('remote:') ? [text.slice(7).trim()] : []));
  const hook = /hook declined/.test(summary);
  return {
    kind: 'refused',
    message: hook ? `Repository rule violations found\n\n${said.join(' ')}` : 'Reference cannot be updated',
  };
}

export type Merged =
  | { readonly kind: 'merged'; readonly sha: Sha; readonly parents: readonly Sha[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'conflict' }
  | Exclude<Moved, { kind: 'moved' }>;

/** Merges a commit into a branch, always by a merge commit, which has GitHub as its committer. */
export async function mergeInto(
  repository: BareRepository,
  base: string,
  head: Sha,
  message: string,
): Promise<Merged> {
  const tip = await repository.need(base);
  if (await repository.isAncestor(head, tip)) return { kind: 'nothing' };
  const env = {
    ...repository.world.env(repository.world.tick()),
    GIT_COMMITTER_NAME: 'GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@github.com',
  };
  const tree = await execa('git', ['merge-tree', '--write-tree', tip, head], {
    cwd: repository.path,
    env,
    reject: false,
  });
  if (tree.exitCode !== 0) return { kind: 'conflict' };
  const made = await repository.git(
    ['commit-tree', '-p', tip, '-p', head, '-F', '-', tree.stdout.split('\n')[0] ?? ''],
    { env, input: message },
  );
  const sha = shaSchema.parse(made);
  const moved = await moveRef(repository, `refs/heads/${base}`, sha);
  return moved.kind === 'moved' ? { kind: 'merged', sha, parents: [tip, head] } : moved;
}

/** The commit that a name means; undefined when the repository has none such. */
export async function commitOf(repository: BareRepository, name: string): Promise<Sha | undefined> {
  const { stdout, exitCode } = await execa('git', ['rev-parse', '--verify', '-q', `${name}^{commit}`], {
    cwd: repository.path,
    env: repository.world.env(),
    reject: false,
  });
  return exitCode === 0 ? shaSchema.parse(stdout) : undefined;
}
