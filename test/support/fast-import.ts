/**
 * Writes the stream that `git fast-import` reads (format: git-fast-import(1)). Histories are made this way because one
 * process writes one commit or twenty thousand, without an index or a work tree, in milliseconds.
 */

/** What a commit does to its first parent's files: new content by path, or `null` to delete one. */
export type FileChanges = Readonly<Record<string, string | null>>;

export interface StreamCommit {
  readonly branch: string;
  readonly mark: number;
  readonly message: string;
  /** Seconds since 1970, for author and committer alike. */
  readonly at: number;
  /** Commit ids or marks (`:1`); none makes a root commit. */
  readonly parents: readonly string[];
  readonly files: FileChanges;
}

/** The one who wrote every commit of a test world. */
export const author = { name: 'Ada Example', email: 'ada@example.org' };

export function commitCommand(commit: StreamCommit): string {
  const who = `${author.name} <${author.email}> ${commit.at} +0000`;
  const [from, ...merged] = commit.parents;
  return [
    `commit refs/heads/${commit.branch}\n`,
    `mark :${commit.mark}\n`,
    `author ${who}\ncommitter ${who}\n`,
    data(commit.message),
    from === undefined ? '' : `from ${from}\n`,
    ...merged.map((parent) => `merge ${parent}\n`),
    ...Object.entries(commit.files).map(([path, text]) =>
      text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`,
    ),
    '\n',
  ].join('');
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/**
 * A repository of the size that a long-lived project has, as a stream in pieces: a trunk of many commits, and feature
 * branches that each have one commit of their own and leave the trunk all along its length.
 */
export function* largeHistory(size: {
  readonly trunk: string;
  readonly commits: number;
  readonly branches: number;
  readonly startsAt: number;
}): Generator<string> {
  const onTrunk = size.commits - size.branches;
  for (let n = 1; n <= onTrunk; n += 1) {
    yield commitCommand({
      branch: size.trunk,
      mark: n,
      message: `Change ${n}`,
      at: size.startsAt + n,
      parents: n === 1 ? [] : [`:${n - 1}`],
      files: { [`lib/part${n % 89}/module${n % 11}.py`]: `revision = ${n}\n` },
    });
  }
  for (let n = 0; n < size.branches; n += 1) {
    const leaves = 1 + Math.floor((n * (onTrunk - 1)) / size.branches);
    yield commitCommand({
      branch: `feature/${String(n).padStart(5, '0')}`,
      mark: onTrunk + 1 + n,
      message: `Feature ${n}`,
      at: size.startsAt + onTrunk + n,
      parents: [`:${leaves}`],
      files: { [`features/${n}.txt`]: `feature ${n}\n` },
    });
  }
}
