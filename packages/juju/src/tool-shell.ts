/**
 * Hook tools, run by one shell beside the charm's process. A process of Node's own for each call costs two milliseconds of processor
 * time, most of it for the copy of Node that starts it; a shell is small, and starts a tool in a quarter of that.
 *
 * The shell reads one command after the other. Behind each tool's output comes a mark of this process's own, with the exit code.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { HookToolUnavailableError } from './errors.ts';
import { type Runner, runHookTool, type ToolCall, type ToolOutput } from './runner.ts';

export interface ToolShell {
  readonly run: Runner;
  /** Ends the shell. What it was still asked for is an error. */
  readonly close: () => void;
}

interface Waiting {
  readonly tool: string;
  readonly fulfil: (output: ToolOutput) => void;
  readonly reject: (error: Error) => void;
}

/** What is longer goes the other way, on which the system itself says whether it is too long. In UTF-16 units. */
const LONGEST = 30_000;

/** Exit codes of a shell for a command that it cannot run, and for one that a signal ended (POSIX, 2.8.2). */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
const SIGNALLED = 128;

/** The shell is started by the first call that it serves. Calls with data on stdin, and very long ones, are run without it. */
export function openToolShell(): ToolShell {
  let shell: Shell | undefined;
  return {
    run: async (call) => {
      if (call.stdin !== undefined || lengthOf(call) > LONGEST) return await runHookTool(call);
      shell ??= new Shell();
      return await shell.run(call);
    },
    close: () => shell?.close(),
  };
}

class Shell {
  /** Not foreseeable for whoever writes what a tool prints. */
  readonly #mark = `${process.pid}-${process.hrtime.bigint()}-${Math.random()}`;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: Waiting[] = [];
  #stdout = '';
  #stderr = '';
  /** Why it runs no more, once it does not. */
  #ended: string | undefined;

  constructor() {
    this.#process = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#settle();
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#settle();
    });
    // Its end says more than that it does not listen.
    this.#process.stdin.on('error', () => undefined);
    this.#process.on('error', () => this.#end('ENOENT'));
    this.#process.on('close', (_code, signal) => this.#end(signal ?? 'the shell has ended'));
  }

  async run({ tool, args }: ToolCall): Promise<ToolOutput> {
    if (this.#ended !== undefined) throw new HookToolUnavailableError(tool, this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<ToolOutput>();
    this.#waiting.push({ tool, fulfil: resolve, reject });
    const command = [tool, ...args].map(quoted).join(' ');
    this.#process.stdin.write(
      `${command} </dev/null; printf '\\n%s %s\\n' ${this.#mark} $?; printf '\\n%s\\n' ${this.#mark} >&2\n`,
    );
    return await promise;
  }

  close(): void {
    this.#process.stdin.end();
  }

  /** Hands over what is whole on both streams. */
  #settle(): void {
    for (;;) {
      const [first] = this.#waiting;
      const out = this.#stdout.indexOf(`\n${this.#mark} `);
      const outEnd = this.#stdout.indexOf('\n', out + 1);
      const error = this.#stderr.indexOf(`\n${this.#mark}\n`);
      if (first === undefined || out < 0 || outEnd < 0 || error < 0) return;
      this.#waiting.shift();
      const code = Number(this.#stdout.slice(out + this.#mark.length + 2, outEnd));
      const output = { code, stdout: this.#stdout.slice(0, out), stderr: this.#stderr.slice(0, error) };
      this.#stdout = this.#stdout.slice(outEnd + 1);
      this.#stderr = this.#stderr.slice(error + this.#mark.length + 2);
      const reason = reasonOf(code);
      if (reason === undefined) first.fulfil(output);
      else first.reject(new HookToolUnavailableError(first.tool, reason));
    }
  }

  #end(reason: string): void {
    this.#ended = reason;
    for (const { tool, reject } of this.#waiting.splice(0)) {
      reject(new HookToolUnavailableError(tool, reason));
    }
  }
}

/** Why a tool has not come to an end of its own, if it has not. Juju's own exit codes are 0, 1 and 2. */
function reasonOf(code: number): string | undefined {
  if (code < NOT_EXECUTABLE) return undefined;
  if (code === NOT_EXECUTABLE) return 'EACCES';
  if (code === NOT_FOUND) return 'ENOENT';
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - SIGNALLED) ?? [];
  return name ?? `exit code ${code}`;
}

/** For a POSIX shell: nothing in single quotes means anything but itself. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function lengthOf({ tool, args }: ToolCall): number {
  return args.reduce((sum, arg) => sum + arg.length, tool.length);
}
