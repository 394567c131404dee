/** The shell of somebody who follows a page: one bash for all its blocks, so that what a block sets is there for the next. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPrinted, type Runnable, type RunnableStep } from './runnable.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const againMilliseconds = 2000;

export class ReaderShell implements AsyncDisposable {
  readonly #bash: ChildProcess;
  readonly #notes: string;
  readonly #ended: Promise<number>;
  #answer: (code: number) => void = () => {};

  private constructor(bash: ChildProcess, notes: string) {
    this.#bash = bash;
    this.#notes = notes;
    this.#ended = new Promise((resolve) => bash.once('close', (code) => resolve(code ?? 255)));
    if (bash.stdout !== null) {
      createInterface({ input: bash.stdout }).on('line', (line) => this.#answer(Number(line)));
    }
  }

  static async open(
    directory: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<ReaderShell> {
    const notes = await mkdtemp(join(tmpdir(), 'reader-'));
    const bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new ReaderShell(bash, notes);
  }

  /** Runs it as it stands. When one of its commands fails, the rest is not run. */
  async run(script: string): Promise<Ran> {
    const [file, out, err] = ['step', 'out', 'err'].map((name) => join(this.#notes, name));
    await writeFile(file ?? '', `${script}\n`);
    const answered = new Promise<number>((resolve) => {
      this.#answer = resolve;
    });
    // A command that fails under -e ends the shell: nobody goes on from there.
    this.#bash.stdin?.write(`set -e; source '${file}' >'${out}' 2>'${err}' </dev/null; set +e; echo 0\n`);
    const code = await Promise.race([answered, this.#ended]);
    return { code, stdout: await readFile(out ?? '', 'utf8'), stderr: await readFile(err ?? '', 'utf8') };
  }

  /** @throws an error that shows the page's place, the command, and what it did instead. */
  async follow({ place, steps }: Runnable): Promise<void> {
    for (const step of steps) {
      const deadline = Date.now() + (step.seconds ?? 0) * 1000;
      for (;;) {
        const ran = await this.run(step.seconds === undefined ? step.script : `{ ${step.script}\n} || true`);
        const problem = problemOf(step, ran);
        if (problem === undefined) break;
        if (Date.now() >= deadline) throw new Error(`${place}: ${step.script}\n${problem}`);
        await sleep(againMilliseconds);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bash.stdin?.end();
    await this.#ended;
    await rm(this.#notes, { recursive: true, force: true });
  }
}

function problemOf({ prints }: RunnableStep, { code, stdout, stderr }: Ran): string | undefined {
  if (code !== 0) return `ended with ${code}:\n${stdout}${stderr}`;
  if (prints === undefined || isPrinted(prints, stdout)) return undefined;
  return `should print:\n${prints}\nand printed:\n${stdout}${stderr}`;
}
