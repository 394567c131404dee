/**
 * A world of bare git repositories in a directory of its own, made with the real git. Author and clock are fixed, so the
 * same story gives the same commit ids on every machine; nothing of the user's own git configuration gets in.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { author } from './fast-import.ts';
import { BareRepository } from './git-repository.ts';

/** The first second of the world: 2026-01-01 00:00:00 UTC. */
const firstSecond = 1_767_225_600;

export class GitWorld implements AsyncDisposable {
  readonly directory: string;
  #minutes = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes an empty world; it removes its directory when it is disposed of. */
  static async create(): Promise<GitWorld> {
    const world = new GitWorld(await mkdtemp(join(tmpdir(), 'lpbuildbot-world-')));
    await mkdir(world.path('home'));
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** The next moment of the world's clock, in seconds since 1970: a minute after the one before. */
  tick(): number {
    this.#minutes += 1;
    return firstSecond + 60 * this.#minutes;
  }

  /** What git needs in its environment to be the same everywhere; add it to a child's own. `at`: see `tick`. */
  env(at: number = firstSecond): Record<string, string> {
    return {
      HOME: this.path('home'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: `${at} +0000`,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
      GIT_COMMITTER_DATE: `${at} +0000`,
    };
  }

  /**
   * Runs git and gives what it printed, without the last newline. Throws execa's error, which has git's own words, when
   * git fails.
   */
  async git(
    directory: string,
    args: readonly string[],
    options: {
      readonly input?: string | Iterable<string>;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<string> {
    const { stdout } = await execa('git', args, {
      cwd: directory,
      env: { ...this.env(), ...options.env },
      ...(options.input === undefined
        ? { stdin: 'ignore' }
        : typeof options.input === 'string'
          ? { input: options.input }
          : { stdin: options.input }),
    });
    return stdout;
  }

  /** An empty bare repository that remembers every move of its branches. */
  async repository(name: string): Promise<BareRepository> {
    const path = this.path(`${name}.git`);
    await this.git(this.directory, ['init', '--quiet', '--bare', '--template=', '-b', 'master', path]);
    const repository = new BareRepository(this, path);
    await repository.configure({
      'core.logAllRefUpdates': 'always',
      'http.receivepack': 'true',
      'receive.autogc': 'false',
      'gc.auto': '0',
    });
    return repository;
  }

  /** Somebody's own bare copy of a repository, from which they push. `url` defaults to the repository's path. */
  async clone(
    from: BareRepository,
    name: string,
    options: { readonly url?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<BareRepository> {
    const path = this.path(`${name}.git`);
    const url = options.url ?? from.path;
    await this.git(this.directory, ['clone', '--quiet', '--bare', '--template=', '--no-local', url, path], {
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const clone = new BareRepository(this, path);
    await clone.configure({ 'remote.origin.fetch': '+refs/heads/*:refs/remotes/origin/*', 'gc.auto': '0' });
    return clone;
  }
}
