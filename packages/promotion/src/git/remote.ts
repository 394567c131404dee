/** The remote repository: which commit its branches are at, and moving one, each with every possible answer spelled out. */
import { type Branch, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { type Git, GitError, reasonIn } from './run.ts';

export type Refs = ReadonlyMap<Branch, Sha>;

/**
 * What a push came to. `unclear` means that the connection ended at a point where the remote may or may not have moved
 * the branch: only a look at the remote tells.
 */
export type PushOutcome =
  | { readonly kind: 'moved' }
  /** The branch was not where it was expected. */
  | { readonly kind: 'stale' }
  /** The server declined, by a hook or by its own rules. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string };

export interface Push {
  /** The repository that has the commit. */
  readonly directory: string;
  readonly url: string;
  readonly branch: Branch;
  /** Where the branch must be now; undefined when it must not exist. */
  readonly expected: Sha | undefined;
  /** A descendant of `expected`: the caller has made sure of that. */
  readonly revision: Sha;
}

/**
 * Where these branches are; one that does not exist is missing from the answer.
 * Throws GitError when the remote can't be read.
 */
export async function readRefs(
  git: Git,
  url: string,
  branches: readonly Branch[],
  timeoutMs: number,
): Promise<Refs> {
  const patterns = branches.map((branch) => `refs/heads/${branch}`);
  const { stdout } = await git.run(['ls-remote', '--', url, ...patterns], { timeoutMs });
  const asked = new Map(branches.map((branch) => [`refs/heads/${branch}`, branch]));
  const refs = new Map<Branch, Sha>();
  for (const line of stdout.split('\n')) {
    const [id, name] = line.split('\t');
    // git matches patterns against the end of names too: refs/heads/x/refs/heads/master is not master.
    const branch = name === undefined ? undefined : asked.get(name);
    if (branch !== undefined) refs.set(branch, shaSchema.parse(id));
  }
  return refs;
}

/**
 * Moves one branch, if it is where it is expected to be. The lease makes the server compare the old value in the same
 * step as it writes the new one; that the new one descends from the old one depends on nothing but the two of them, and
 * the caller has looked.
 */
export async function push(git: Git, push: Push, timeoutMs: number): Promise<PushOutcome> {
  const ref = `refs/heads/${push.branch}`;
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-follow-tags',
    `--force-with-lease=${ref}:${push.expected ?? ''}`,
    '--',
    push.url,
    `${push.revision}:${ref}`,
  ];
  try {
    // git push exits with 1 when the remote was reached and a ref was not updated.
    const { stdout, stderr } = await git.run(args, { directory: push.directory, timeoutMs, answers: [1] });
    return readReport(stdout, stderr, ref);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { kind: 'unclear', reason: error.message };
  }
}

/** Reads git push's porcelain report (git-push(1), OUTPUT): flag, tab, from:to, tab, summary. */
export function readReport(stdout: string, stderr: string, ref: string): PushOutcome {
  const line = stdout.split('\n').find((candidate) => candidate.split('\t')[1]?.endsWith(`:${ref}`));
  const [flag, , summary = ''] = line?.split('\t') ?? [];
  if (flag === ' ' || flag === '+' || flag === '*' || flag === '=') return { kind: 'moved' };
  if (flag !== '!') return { kind: 'unclear', reason: reasonIn(stderr) || 'git push reported nothing' };
  // "failed to update ref", "cannot lock ref": somebody else's push was in between.
  if (
    /stale info|fetch first|non-fast-forward|failed to update ref|cannot lock ref|already exists/.test(
      summary,
    )
  ) {
    return { kind: 'stale' };
  }
  if (summary.startsWith('[remote failure]')) return { kind: 'unclear', reason: summary };
  const said = stderr
    .split('\n')
    .filter((text) => text.startsWith('remote:'))
    .map((text) => text.slice('remote:'.length).trim())
    .filter((text) => text !== '');
  return { kind: 'refused', reason: [summary, ...said].join(' ').slice(0, 500) };
}
