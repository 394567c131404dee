/**
 * Children of a test: started with a mark in their environment, so that everything they started in turn can be found
 * and ended with them, even what has left its process group or lost its parent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { killProcesses, type LeftProcess, processesOf } from '../../scripts/lib/left-processes.ts';
import { patience, waitUntil } from './wait.ts';

const markName = 'LPBUILDBOT_TEST_CHILD';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the test's own environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #mark: string;
  readonly #name: string;
  #output = '';
  #exit: Exit | undefined;

  private constructor(process: ChildProcess, pid: number, mark: string, name: string) {
    this.pid = pid;
    this.#process = process;
    this.#mark = mark;
    this.#name = name;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Starts a program in a process group of its own; throws when there is no such program. */
  static async start(command: string, args: readonly string[], options: StartOptions = {}): Promise<Child> {
    const mark = randomUUID();
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env, [markName]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (child.pid === undefined) throw new Error(`${command} has no process id`);
    return new Child(child, child.pid, mark, `${command} ${args.join(' ')}`);
  }

  /** Everything it has written so far, to standard output and standard error alike. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Waits until what it has written matches; throws at once when it ends without. */
  async waitFor(pattern: RegExp, timeout: number = patience): Promise<RegExpExecArray> {
    return waitUntil(
      `${pattern} from ${this.#name}`,
      () => {
        const match = pattern.exec(this.#output);
        if (match !== null) return match;
        if (this.#exit !== undefined) {
          const how = this.#exit.signal ?? `exit code ${this.#exit.code}`;
          throw new Error(`${this.#name} ended (${how}) before ${pattern}; it wrote:\n${this.#output}`);
        }
        return undefined;
      },
      { timeout, seen: () => this.#output },
    );
  }

  /** Waits until it has ended by itself. */
  async wait(timeout: number = patience): Promise<Exit> {
    return waitUntil(`the end of ${this.#name}`, () => this.#exit, { timeout, seen: () => this.#output });
  }

  /** Asks it to end, and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', timeout: number = patience): Promise<Exit> {
    this.#process.kill(signal);
    return this.wait(timeout);
  }

  /**
   * SIGKILL, as the kernel sends it when memory runs out (`alone`: what it had started goes on) or as a power cut does
   * (`all`).
   */
  async kill9(whom: 'alone' | 'all'): Promise<void> {
    this.#process.kill('SIGKILL');
    if (whom === 'all') await this.#killRest();
    await this.exited;
  }

  /** What it started that still runs, itself included. */
  async family(): Promise<readonly LeftProcess[]> {
    return processesOf({ group: this.pid, environment: `${markName}=${this.#mark}` }, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9('all');
  }

  async #killRest(): Promise<void> {
    // In rounds: a process may have started another one between being seen and being killed.
    await waitUntil(`the end of all that ${this.#name} started`, async () => {
      const left = await this.family();
      killProcesses(left.map(({ pid }) => pid));
      return left.length === 0;
    });
  }
}
