/** Any remote repository, through git itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Branch, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import type { Push, PushOutcome, Refs, Remote } from '../remote.ts';
import { type Git, GitError, reasonIn } from './run.ts';

interface GitRemote {
  readonly git: Git;
  readonly url: string;
  /** The copy, which has the commits that are pushed. */
  readonly directory: string;
  readonly readTimeoutMs: number;
  readonly pushTimeoutMs: number;
}

export function gitRemote(remote: GitRemote): Remote {
  return {
    readRefs: (branches) => readRefs(remote, branches),
    push: (wanted) => push(remote, wanted, 'push'),
    tryPush: (branch, tip) => tryPush(remote, branch, tip),
    merge: undefined,
  };
}

async function readRefs(remote: GitRemote, branches: readonly Branch[]): Promise<Refs> {
  const patterns = branches.map((branch) => `refs/heads/${branch}`);
  const { stdout } = await remote.git.run(['ls-remote', '--', remote.url, ...patterns], {
    timeoutMs: remote.readTimeoutMs,
  });
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
async function push(
  remote: GitRemote,
  { branch, expected, revision }: Push,
  how: 'push' | 'dry-run',
): Promise<PushOutcome> {
  const ref = `refs/heads/${branch}`;
  const args = [
    'push',
    ...(how === 'push' ? [] : ['--dry-run']),
    '--porcelain',
    '--no-verify',
    '--no-follow-tags',
    `--force-with-lease=${ref}:${expected ?? ''}`,
    '--',
    remote.url,
    `${revision}:${ref}`,
  ];
  try {
    // git push exits with 1 when the remote was reached and a ref was not updated.
    const { stdout, stderr } = await remote.git.run(args, {
      directory: remote.directory,
      timeoutMs: remote.pushTimeoutMs,
      answers: [1],
    });
    return readReport(stdout, stderr, ref);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { kind: 'unclear', reason: error.message };
  }
}

/** The branch's own value needs no commit in the copy, only that there is one: a command may ask before the first look. */
async function tryPush(remote: GitRemote, branch: Branch, tip: Sha): Promise<PushOutcome> {
  if (!existsSync(join(remote.directory, 'HEAD'))) {
    await remote.git.run(['init', '--bare', '--quiet', '--template=', remote.directory], {
      timeoutMs: remote.readTimeoutMs,
    });
  }
  return await push(remote, { branch, expected: tip, revision: tip }, 'dry-run');
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
