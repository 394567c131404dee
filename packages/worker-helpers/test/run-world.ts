/** What the tests of lpbuildbot-run share: an image that stays for the next time, a directory to bind, and the command as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { instanceKeys, kindOf, type Lxd, listInstances, openLxd } from '../src/lxd/index.ts';

const main = join(import.meta.dirname, '../src/main.ts');

/** The first ordinary user, whom ensureLxd lets containers have. */
export const OWNER = 1000;

/** A Debian 12, made by the product's own command; it is kept, since making it takes a minute. */
export const IMAGE = 'trial-debian';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export class Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  out = '';
  err = '';

  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv, stdin: 'ignore' | 'pipe') {
    this.process = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, name, ...args], {
      stdio: [stdin, 'pipe', 'pipe'],
      env,
    });
    this.process.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.process.stderr?.on('data', (chunk) => {
      this.err += chunk;
    });
    this.ended = once(this.process, 'close').then(() => ({
      code: this.process.exitCode,
      out: this.out,
      err: this.err,
    }));
  }

  /** Waits until it has said that on standard output. */
  async says(words: RegExp): Promise<void> {
    await until(() => words.test(this.out) || this.process.exitCode !== null, `it says ${words}`);
    if (!words.test(this.out)) throw new Error(`it ended without saying ${words}:\n${this.err}`);
  }
}

export class RunWorld implements AsyncDisposable {
  readonly lxd: Lxd;
  readonly directory: string;
  /** Belongs to an ordinary user, and is what commands are given. */
  readonly bound: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(directory: string, env: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.bound = join(directory, 'build');
    this.#env = { ...process.env, ...env };
    this.lxd = openLxd(this.#env);
  }

  /** `env` may name another LXD than this machine's. */
  static async open(env: NodeJS.ProcessEnv = {}): Promise<RunWorld> {
    const world = new RunWorld(await mkdtemp(join(tmpdir(), 'run-world-')), env);
    await mkdir(world.bound);
    await chown(world.bound, OWNER, OWNER);
    return world;
  }

  /** Makes the image, unless there is one already; more lines of its recipe make it another one, with a name of its own. */
  async ensureImage(name = IMAGE, more = ''): Promise<void> {
    await writeFile(
      join(this.directory, `${name}.yaml`),
      `images: { ${name}: { base: { archive: bookworm }${more} } }\n`,
    );
    const { code, err } = await this.command('lpbuildbot-create-image', name, '--recipes', this.directory);
    if (code !== 0) throw new Error(err);
  }

  async command(name: string, ...args: readonly string[]): Promise<Ended> {
    return await new Program(name, args, this.#env, 'ignore').ended;
  }

  /** lpbuildbot-run with the image, and the directory unless other options are given. */
  start(argv: readonly string[], options: readonly string[] = ['--bind', this.bound]): Program {
    return new Program('lpbuildbot-run', ['--image', IMAGE, ...options, '--', ...argv], this.#env, 'ignore');
  }

  async run(argv: readonly string[], options?: readonly string[]): Promise<Ended> {
    return await this.start(argv, options).ended;
  }

  async sh(script: string, ...options: readonly string[]): Promise<Ended> {
    return await this.run(['sh', '-c', script], ['--bind', this.bound, ...options]);
  }

  /** As sudo would start it for that user, whose program holds the other end of standard input. */
  startFor(uid: number, argv: readonly string[], options: readonly string[]): Program {
    const env = { ...this.#env, SUDO_UID: String(uid), SUDO_GID: String(uid) };
    return new Program('lpbuildbot-run', ['--image', IMAGE, ...options, '--', ...argv], env, 'pipe');
  }

  /** The containers of builds that are there because of that process, or of any. */
  async containers(of?: ChildProcess): Promise<string[]> {
    const instances = await listInstances(this.lxd);
    return instances
      .filter((instance) => kindOf(instance) === 'run')
      .filter(
        ({ config }) => of === undefined || config[instanceKeys.owner]?.split(':')[1] === String(of.pid),
      )
      .map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
    this.lxd.agent.destroy();
  }
}

/** Waits for a condition; two minutes are for a machine that does much else. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass that ${what}`);
    await sleep(50);
  }
}
