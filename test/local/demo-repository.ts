/** The demo's repository, as its developers see it: a bare repository, and one clone to work in. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type Commit, firstFiles, type HandMerge } from './demo-project.ts';

const BRANCHES = ['master', 'stable', 'db-devel', 'db-stable'];

/** Marks a commit with its step of the story. */
const TRAILER = 'Demo-Step';

const who = {
  GIT_AUTHOR_NAME: 'Demo Developer',
  GIT_AUTHOR_EMAIL: 'demo@localhost',
  GIT_COMMITTER_NAME: 'Demo Developer',
  GIT_COMMITTER_EMAIL: 'demo@localhost',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export class DemoRepository {
  readonly url: string;
  readonly #clone: string;

  private constructor(directory: string) {
    this.url = join(directory, 'calculator.git');
    this.#clone = join(directory, 'developer');
  }

  /** Makes the repository, or opens the one that an earlier start made. */
  static async open(directory: string): Promise<DemoRepository> {
    const demo = new DemoRepository(directory);
    // Named only when it is whole, so that a start that was interrupted begins again.
    const whole = await stat(demo.url).then(
      () => true,
      () => false,
    );
    if (!whole) await demo.#make();
    await rm(demo.#clone, { recursive: true, force: true });
    await execa('git', ['clone', '--quiet', demo.url, demo.#clone], { env: who });
    return demo;
  }

  async #make(): Promise<void> {
    const aside = `${this.url}.new`;
    await rm(aside, { recursive: true, force: true });
    await rm(this.#clone, { recursive: true, force: true });
    await mkdir(dirname(aside), { recursive: true });
    await execa('git', ['init', '--quiet', '--bare', '--initial-branch=master', aside], { env: who });
    await execa('git', ['clone', '--quiet', aside, this.#clone], { env: who, stderr: 'ignore' });
    await this.#write(firstFiles);
    await this.#git('checkout', '--quiet', '-B', 'master');
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', 'Add a calculator that adds');
    await this.#git('push', '--quiet', 'origin', ...BRANCHES.map((branch) => `HEAD:refs/heads/${branch}`));
    await execa('mv', ['--no-target-directory', aside, this.url]);
  }

  /** The steps that have been pushed, each with its revision. */
  async steps(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await execa(
      'git',
      ['log', '--branches', '--reverse', `--format=%H %(trailers:key=${TRAILER},valueonly,separator=%x2C)`],
      { cwd: this.url, env: who },
    );
    const marked = stdout.split('\n').map((line) => line.split(' '));
    return new Map(marked.flatMap(([revision, step]) => (revision && step ? [[step, revision]] : [])));
  }

  /** Whether a branch has a revision. */
  async has(branch: string, revision: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', revision, `refs/heads/${branch}`];
    const { exitCode } = await execa('git', args, { cwd: this.url, env: who, reject: false });
    return exitCode === 0;
  }

  /** Where a branch is. */
  async tip(branch: string): Promise<string> {
    return (await execa('git', ['rev-parse', `refs/heads/${branch}`], { cwd: this.url, env: who })).stdout;
  }

  /** Does what a developer does, and gives the revision that was pushed. */
  async push(what: Commit | HandMerge): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#git('fetch', '--quiet', 'origin');
      await this.#git('checkout', '--quiet', '--force', '-B', what.branch, `origin/${what.branch}`);
      if (what.kind === 'hand-merge') {
        await this.#git('merge', '--quiet', '--no-commit', '--no-ff', `origin/${what.from}`).catch(() => {});
      }
      await this.#write(what.files);
      await this.#git('add', '--all');
      await this.#git('commit', '--quiet', '--message', `${what.subject}\n\n${TRAILER}: ${what.step}`);
      const pushed = await execa('git', ['push', '--quiet', 'origin', what.branch], {
        cwd: this.#clone,
        env: who,
        reject: false,
      });
      // Promotion merges into db-devel at any moment; a developer fetches and does it again.
      if (pushed.exitCode === 0) return await this.#git('rev-parse', 'HEAD');
      if (attempt === 5) throw new Error(pushed.stderr);
    }
  }

  async #write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.#clone, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  async #git(...args: string[]): Promise<string> {
    return (await execa('git', args, { cwd: this.#clone, env: who })).stdout;
  }
}
