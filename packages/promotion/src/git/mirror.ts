/**
 * A bare copy of the branches we look at. It answers what depends on commits alone, never where a branch is now: that is
 * asked of the remote each time. All of it can be lost and fetched again.
 */
import { rm } from 'node:fs/promises';
import { type Branch, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { type Git, GitError, reasonIn } from './run.ts';

/** How a promotion's two branches relate. */
export type Relation =
  | { readonly kind: 'same' }
  /** What `from` has beyond `to` and descends from it, newest first, children always before their parents. */
  | { readonly kind: 'ahead'; readonly candidates: readonly Sha[] }
  /** `to` is no ancestor of `from`. */
  | { readonly kind: 'diverged' };

export type MergeRelation =
  | { readonly kind: 'contained' }
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** The two have no commit in common: surely not what anybody wants merged. */
  | { readonly kind: 'unrelated' };

export interface CommitText {
  readonly message: string;
  readonly name: string;
  readonly email: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** What people know a commit by. */
export interface CommitFacts {
  readonly subject: string;
  readonly author: string;
  /** When it was committed, in milliseconds since the epoch. */
  readonly at: number;
}

/** How much of a subject or a name is kept; nobody reads more of one, and some tool somewhere writes more. */
const FACT_LENGTH = 200;

/** The limit for questions to the copy itself, in milliseconds: no network is involved. */
const LOCAL = 120_000;

/** How far back a branch that does not exist yet is searched for a green revision. */
const FIRST_CANDIDATES = 5000;

/** The copy does not have what it must have, or is damaged: fetch again. */
export class MirrorError extends Error {
  override readonly name = 'MirrorError';
}

export class Mirror {
  readonly directory: string;
  readonly #git: Git;
  /** Commits known to be in the copy, so that an unchanged look starts no process. */
  readonly #has = new Set<Sha>();
  readonly #relations = new Map<string, Relation>();
  readonly #merges = new Map<string, MergeRelation>();
  /** By commit; undefined for one that the copy did not have when it was asked for. */
  readonly #facts = new Map<string, CommitFacts | undefined>();
  readonly #counts = new Map<string, number>();
  /** By the two tips: when the commit was made, in milliseconds since the epoch. */
  readonly #oldest = new Map<string, number>();
  readonly #recent = new Map<string, readonly Sha[]>();
  #made = false;

  constructor(git: Git, directory: string) {
    this.#git = git;
    this.directory = directory;
  }

  /** Fetches these branches unless every one of these commits is here. */
  async bring(
    url: string,
    branches: readonly Branch[],
    commits: readonly Sha[],
    timeoutMs: number,
  ): Promise<void> {
    if (!this.#made) {
      await this.#git.run(['init', '--bare', '--quiet', '--template=', this.directory], { timeoutMs: LOCAL });
      this.#made = true;
    }
    if ((await this.#missing(commits)).length === 0) return;
    // Encoded, so that `a` of yesterday and `a/b` of today don't get into each other's way.
    const refspecs = branches.map(
      (branch) => `+refs/heads/${branch}:refs/tips/${encodeURIComponent(branch)}`,
    );
    await this.#git.run(
      [
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--',
        url,
        ...refspecs,
      ],
      { directory: this.directory, timeoutMs },
    );
    const missing = await this.#missing(commits);
    if (missing.length > 0) throw new MirrorError(`${missing[0]} was gone when it was fetched`);
  }

  async #missing(commits: readonly Sha[]): Promise<Sha[]> {
    const unknown = commits.filter((commit) => !this.#has.has(commit));
    if (unknown.length === 0) return [];
    const { stdout } = await this.#git.run(['cat-file', '--batch-check'], {
      directory: this.directory,
      timeoutMs: LOCAL,
      input: `${unknown.join('\n')}\n`,
    });
    const lines = stdout.split('\n');
    const missing: Sha[] = [];
    for (const [index, commit] of unknown.entries()) {
      if (lines[index]?.startsWith(`${commit} commit `)) this.#has.add(commit);
      else missing.push(commit);
    }
    return missing;
  }

  /** How `to` relates to `from`; without `to`, everything on `from` may become its first commit. */
  async relation(from: Sha, to: Sha | undefined): Promise<Relation> {
    if (from === to) return { kind: 'same' };
    return await remembered(this.#relations, `${from} ${to ?? ''}`, async () => {
      const range =
        to === undefined ? [`--max-count=${FIRST_CANDIDATES}`, from] : ['--ancestry-path', `${to}..${from}`];
      const { stdout } = await this.#git.run(['rev-list', '--date-order', ...range], {
        directory: this.directory,
        timeoutMs: LOCAL,
      });
      const candidates = shaSchema.array().parse(stdout.split('\n').filter((line) => line !== ''));
      // With --ancestry-path the list has `from` itself if, and only if, `to` is its ancestor.
      return candidates.length === 0 ? { kind: 'diverged' } : { kind: 'ahead', candidates };
    });
  }

  /** Whether `ancestor` is `commit` or an ancestor of it; false when the copy does not have `ancestor`. */
  async contains(commit: Sha, ancestor: Sha): Promise<boolean> {
    if (commit === ancestor) return true;
    if ((await this.#missing([ancestor])).length > 0) return false;
    const { code } = await this.#git.run(['merge-base', '--is-ancestor', ancestor, commit], {
      directory: this.directory,
      timeoutMs: LOCAL,
      answers: [1],
    });
    return code === 0;
  }

  /**
   * The merge commit with this message that brought `merged` into a branch on its way from one commit to another; undefined
   * when there is none.
   */
  async findMerge(sought: {
    readonly since: Sha;
    readonly until: Sha;
    readonly merged: Sha;
    readonly message: string;
  }): Promise<Sha | undefined> {
    const { since, until, merged, message } = sought;
    if (since === until) return undefined;
    if ((await this.#missing([since, merged])).length > 0) return undefined;
    const what = ['--first-parent', '--merges', '--no-commit-header', '--format=%H %P%n%B%x00'];
    const { stdout } = await this.#git.run(['rev-list', ...what, `${since}..${until}`], {
      directory: this.directory,
      timeoutMs: LOCAL,
    });
    for (const entry of stdout.split('\0')) {
      const [ids = '', ...text] = entry.trim().split('\n');
      const [commit, , second] = ids.split(' ');
      if (second === merged && text.join('\n').trim() === message.trim()) return shaSchema.parse(commit);
    }
    return undefined;
  }

  /** A commit and the newest of those before it, along its first parents. */
  async recent(tip: Sha, limit: number): Promise<readonly Sha[]> {
    return await remembered(this.#recent, `${tip} ${limit}`, async () => {
      const { stdout } = await this.#git.run(['rev-list', '--first-parent', `--max-count=${limit}`, tip], {
        directory: this.directory,
        timeoutMs: LOCAL,
      });
      return shaSchema.array().parse(stdout.split('\n').filter((line) => line !== ''));
    });
  }

  /** What merging `from` into `into` would give (git-merge-tree(1)). */
  async mergeRelation(into: Sha, from: Sha): Promise<MergeRelation> {
    return await remembered(this.#merges, `${into} ${from}`, async () => {
      if (await this.contains(into, from)) return { kind: 'contained' };
      const merged = await this.#git.run(
        ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', into, from],
        { directory: this.directory, timeoutMs: LOCAL, answers: [1, 128] },
      );
      if (merged.code === 128) {
        if (merged.stderr.includes('unrelated histories')) return { kind: 'unrelated' };
        throw new GitError('exit', 'merge-tree', merged.stdout, merged.stderr, reasonIn(merged.stderr));
      }
      const [tree = '', ...rest] = merged.stdout.split('\0');
      if (merged.code === 0) return { kind: 'clean', tree };
      return { kind: 'conflict', files: [...new Set(rest.filter((file) => file !== ''))] };
    });
  }

  /** Whether `describe` was asked for this commit already. */
  asked(commit: Sha): boolean {
    return this.#facts.has(commit);
  }

  /** What is known of a commit without asking git. */
  facts(commit: Sha): CommitFacts | undefined {
    return this.#facts.get(commit);
  }

  /** Reads what people know these commits by; those that the copy does not have stay unknown. */
  async describe(commits: readonly Sha[]): Promise<void> {
    const unknown = commits.filter((commit) => !this.#facts.has(commit));
    if (!this.#made || unknown.length === 0) return;
    const what = ['--no-walk=unsorted', '--ignore-missing', '--no-commit-header', '--encoding=UTF-8'];
    const { stdout } = await this.#git.run(['rev-list', ...what, '--format=%H%n%ct%n%an%n%s', '--stdin'], {
      directory: this.directory,
      timeoutMs: LOCAL,
      input: `${unknown.join('\n')}\n`,
    });
    for (const commit of unknown) remember(this.#facts, commit, undefined);
    // git writes each of the four in one line, whatever the commit has in it.
    const lines = stdout.split('\n');
    for (let line = 0; line + 3 < lines.length; line += 4) {
      const [id = '', time, author = '', subject = ''] = lines.slice(line, line + 4);
      const words = { author: author.slice(0, FACT_LENGTH), subject: subject.slice(0, FACT_LENGTH) };
      remember(this.#facts, id, { ...words, at: Number(time) * 1000 });
    }
  }

  /** How many commits `from` has that `into` has not; undefined while nobody has asked `countAhead`. */
  knownAhead(into: Sha, from: Sha): number | undefined {
    return this.#counts.get(`${into} ${from}`);
  }

  async countAhead(into: Sha, from: Sha): Promise<void> {
    await remembered(this.#counts, `${into} ${from}`, async () => {
      const { stdout } = await this.#git.run(['rev-list', '--count', `${into}..${from}`], {
        directory: this.directory,
        timeoutMs: LOCAL,
      });
      return Number(stdout);
    });
  }

  /**
   * When the oldest commit was made that `from` has along its first parents and `into` has not, in milliseconds since the
   * epoch; undefined while nobody has asked `findOldest`. What a merge brings along may be as old as it likes: the merge is
   * when it came.
   */
  knownOldest(into: Sha, from: Sha): number | undefined {
    return this.#oldest.get(`${into} ${from}`);
  }

  async findOldest(into: Sha, from: Sha): Promise<void> {
    await remembered(this.#oldest, `${into} ${from}`, async () => {
      const { stdout } = await this.#git.run(
        ['rev-list', '--first-parent', '--timestamp', `${into}..${from}`],
        { directory: this.directory, timeoutMs: LOCAL },
      );
      const times = stdout.split('\n').filter((line) => line !== '');
      return times.reduce(
        (oldest, line) => Math.min(oldest, Number.parseInt(line, 10) * 1000),
        Number.POSITIVE_INFINITY,
      );
    });
  }

  /** Writes a commit and returns its id. */
  async commit(tree: string, parents: readonly Sha[], text: CommitText): Promise<Sha> {
    const date = `${Math.floor(text.time)} +0000`;
    const { stdout } = await this.#git.run(
      ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
      {
        directory: this.directory,
        timeoutMs: LOCAL,
        input: text.message,
        environment: {
          GIT_AUTHOR_NAME: text.name,
          GIT_AUTHOR_EMAIL: text.email,
          GIT_AUTHOR_DATE: date,
          GIT_COMMITTER_NAME: text.name,
          GIT_COMMITTER_EMAIL: text.email,
          GIT_COMMITTER_DATE: date,
        },
      },
    );
    const commit = shaSchema.parse(stdout.trim());
    this.#has.add(commit);
    return commit;
  }

  /** Packs and prunes when git thinks that it is time. */
  async maintain(): Promise<void> {
    if (!this.#made) return;
    await this.#git.run(['-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'], {
      directory: this.directory,
      timeoutMs: 3_600_000,
    });
  }

  /** Forgets and deletes the copy, so that the next look fetches all of it anew. */
  async discard(): Promise<void> {
    this.#made = false;
    this.#has.clear();
    this.#relations.clear();
    this.#merges.clear();
    this.#facts.clear();
    this.#counts.clear();
    this.#oldest.clear();
    this.#recent.clear();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Commands that read and write the copy alone, so that nothing but the copy can make them fail. */
const COPY_ONLY = ['init', 'cat-file', 'rev-list', 'merge-base', 'merge-tree', 'commit-tree'];

/** Whether this failure may come from a damaged copy (or a lock left by a killed git) and not from the remote. */
export function blamesMirror(error: unknown): boolean {
  if (!(error instanceof GitError) || error.why !== 'exit') return false;
  const said = `${error.stderr} ${error.message}`;
  // A new copy needs no less room than the old one.
  if (/No space left on device|Disk quota exceeded/i.test(said)) return false;
  if (COPY_ONLY.includes(error.command)) return true;
  return /corrupt|bad object|unable to read|cannot lock ref|\.lock': File exists|not a git repository: '|index-pack failed|bad signature|bad (numeric )?config|missing (blob|tree|commit)|loose object|packfile/i.test(
    said,
  );
}

/** Keeps the last answers to questions whose answer can't change. */
async function remembered<T>(answers: Map<string, T>, question: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(question);
  if (known !== undefined) return known;
  const answer = await ask();
  remember(answers, question, answer);
  return answer;
}

function remember<T>(answers: Map<string, T>, question: string, answer: T): void {
  answers.set(question, answer);
  const oldest = answers.keys().next();
  if (answers.size > 2000 && !oldest.done) answers.delete(oldest.value);
}
