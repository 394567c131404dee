/**
 * One bare repository of a test world: its branches are written and read as a story tells them, and its hooks are where
 * a remote misbehaves (refuses, moves meanwhile, dies before it has answered).
 */
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { ExecaError, execa } from 'execa';
import { commitCommand, type FileChanges, largeHistory } from './fast-import.ts';
import type { GitWorld } from './git-world.ts';

export interface NewCommit {
  readonly message: string;
  /** Default: one new file that no other commit touches, so that merges never conflict by accident. */
  readonly files?: FileChanges;
  /** Its first parent: refused when the branch is elsewhere by then. Default: where the branch is now. */
  readonly onto?: Sha;
  /** Further parents; what they changed is taken from `files` alone. */
  readonly merges?: readonly Sha[];
}

export interface LoggedCommit {
  readonly sha: Sha;
  readonly parents: readonly Sha[];
  readonly subject: string;
}

/** One line of a branch's reflog; 40 zeros stand for "no such branch". */
export interface Move {
  readonly from: string;
  readonly to: string;
}

export class BareRepository {
  readonly world: GitWorld;
  readonly path: string;
  #made = 0;

  constructor(world: GitWorld, path: string) {
    this.world = world;
    this.path = path;
  }

  git(args: readonly string[], options?: Parameters<GitWorld['git']>[2]): Promise<string> {
    return this.world.git(this.path, args, options);
  }

  /** Adds settings by writing the file: a process for each would cost more than the test. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(settings).map(([key, value]) => {
      const [first = '', ...rest] = key.split('.');
      const name = rest.pop();
      const section = rest.length === 0 ? first : `${first} "${rest.join('.')}"`;
      return `[${section}]\n\t${name} = ${value}\n`;
    });
    await appendFile(join(this.path, 'config'), lines.join(''));
  }

  /** Commits on top of a branch, which is made when it does not exist yet, and gives the new tip. */
  async commit(branch: string, commit: NewCommit | string): Promise<Sha> {
    const [sha] = await this.commits(branch, [commit]);
    if (sha === undefined) throw new Error('git fast-import named no commit');
    return sha;
  }

  /** The same for several commits in a row, in one process. Whoever is beaten to a branch begins again, as people do. */
  async commits(branch: string, commits: readonly (NewCommit | string)[]): Promise<readonly Sha[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#import(branch, commits);
      } catch (error) {
        const beaten =
          error instanceof ExecaError && /does not contain|cannot lock ref/.test(String(error.stderr));
        if (!beaten || attempt === 5) throw error;
      }
    }
  }

  async #import(branch: string, commits: readonly (NewCommit | string)[]): Promise<readonly Sha[]> {
    const tip = await this.tip(branch);
    const stream = commits.map((given, index) => {
      const commit: NewCommit = typeof given === 'string' ? { message: given } : given;
      const parent = index > 0 ? `:${index}` : (commit.onto ?? tip);
      this.#made += 1;
      return commitCommand({
        branch,
        mark: index + 1,
        message: commit.message,
        at: this.world.tick(),
        parents: [...(parent === undefined ? [] : [parent]), ...(commit.merges ?? [])],
        files: commit.files ?? { [`changes/${branch}-${this.#made}.txt`]: `${commit.message}\n` },
      });
    });
    const asks = commits.map((_, index) => `get-mark :${index + 1}\n`);
    const input = `feature done\n${stream.join('')}${asks.join('')}done\n`;
    const printed = await this.git(['fast-import', '--quiet', '--date-format=raw'], { input });
    return printed.split('\n').map((line) => shaSchema.parse(line));
  }

  /** A merge as a person makes it; throws when there is a conflict. */
  async merge(from: string, into: string): Promise<Sha> {
    const env = this.world.env(this.world.tick());
    const tree = (await this.git(['merge-tree', '--write-tree', into, from])).split('\n')[0] ?? '';
    const message = `Merge ${from} into ${into}`;
    const made = await this.git(['commit-tree', '-p', into, '-p', from, '-m', message, tree], { env });
    const sha = shaSchema.parse(made);
    await this.git(['update-ref', `refs/heads/${into}`, sha, await this.need(into)]);
    return sha;
  }

  /** Makes a branch, or moves it wherever the story wants it: backwards and sideways too. */
  async setBranch(branch: string, to: string): Promise<void> {
    await this.git(['update-ref', `refs/heads/${branch}`, to]);
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.git(['update-ref', '-d', `refs/heads/${branch}`]);
  }

  /** Fills an empty repository to the size of a long-lived project, in one process. */
  async growLarge(size: { readonly commits: number; readonly branches: number }): Promise<void> {
    const stream = largeHistory({ trunk: 'master', startsAt: this.world.tick(), ...size });
    await this.git(['fast-import', '--quiet', '--date-format=raw'], { input: inPieces(stream) });
    await this.git(['pack-refs', '--all']);
  }

  async tip(branch: string): Promise<Sha | undefined> {
    const { stdout, exitCode } = await execa('git', ['rev-parse', '--verify', '-q', `refs/heads/${branch}`], {
      cwd: this.path,
      env: this.world.env(),
      reject: false,
    });
    return exitCode === 0 ? shaSchema.parse(stdout) : undefined;
  }

  /** The tip of a branch that must be there. */
  async need(branch: string): Promise<Sha> {
    const sha = await this.tip(branch);
    if (sha === undefined) throw new Error(`${this.path} has no branch ${branch}`);
    return sha;
  }

  async branches(): Promise<ReadonlyMap<string, Sha>> {
    const printed = await this.git([
      'for-each-ref',
      '--format=%(refname:lstrip=2) %(objectname)',
      'refs/heads',
    ]);
    const rows = printed.split('\n').filter((line) => line !== '');
    return new Map(
      rows.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), shaSchema.parse(line.slice(space + 1))];
      }),
    );
  }

  /** Newest first. `what` is a branch, a commit or a range (`a..b`). */
  async log(what: string): Promise<readonly LoggedCommit[]> {
    const printed = await this.git(['log', '--topo-order', '--format=%H%x09%P%x09%s', what, '--']);
    return printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [sha, parents = '', subject = ''] = line.split('\t');
        const ids = parents.split(' ').filter((id) => id !== '');
        return { sha: shaSchema.parse(sha), parents: ids.map((id) => shaSchema.parse(id)), subject };
      });
  }

  /** Every move of a branch since it was made, oldest first; a deleted branch has none. */
  async moves(branch: string): Promise<readonly Move[]> {
    const text = await readFile(join(this.path, 'logs', 'refs', 'heads', branch), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ from: line.slice(0, 40), to: line.slice(41, 81) }));
  }

  async isAncestor(older: string, newer: string): Promise<boolean> {
    const { exitCode } = await execa('git', ['merge-base', '--is-ancestor', older, newer], {
      cwd: this.path,
      env: this.world.env(),
      reject: false,
    });
    return exitCode === 0;
  }

  /** Installs a hook (sh, run as githooks(5) says) in place of one that was there. */
  async setHook(name: 'pre-receive' | 'update' | 'post-receive', script: string): Promise<void> {
    await mkdir(join(this.path, 'hooks'), { recursive: true });
    const file = join(this.path, 'hooks', name);
    await writeFile(`${file}.new`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await rename(`${file}.new`, file);
  }

  async removeHooks(): Promise<void> {
    await rm(join(this.path, 'hooks'), { recursive: true, force: true });
  }

  /** From now on every push is turned away with these words. */
  async refusePushes(words: string): Promise<void> {
    await this.setHook('pre-receive', `echo '${words.replaceAll("'", '')}' >&2\nexit 1`);
  }

  /**
   * The remote's side of the race between look and push: while the next push is under way, somebody else moves the
   * branch. The hook runs after the pusher has read the refs and before its own update is done.
   */
  async moveDuringNextPush(branch: string, to: Sha): Promise<void> {
    await this.setHook(
      'pre-receive',
      `rm -f hooks/pre-receive\nenv -u GIT_QUARANTINE_PATH git update-ref 'refs/heads/${branch}' ${to}`,
    );
  }

  /** The next push is done but never answered: the remote's git dies as soon as the refs have moved. */
  async dieAfterNextPush(): Promise<void> {
    await this.setHook('post-receive', 'rm -f hooks/post-receive\nkill -9 "$PPID"');
  }
}

/** Joins small pieces: a stream of twenty thousand tiny writes spends its time in the event loop. */
function* inPieces(parts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
