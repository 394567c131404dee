/**
 * The one seam between a charm and Juju: running a hook tool. Everything else in this package is built on it, so that a test
 * can put another one in its place and still exercise the real arguments and the real parsing.
 */
import { spawn } from 'node:child_process';
import { HookToolUnavailableError } from './errors.ts';

export interface ToolCall {
  /** The tool's name, as it stands in the agent's directory of tools: `relation-set`. */
  readonly tool: string;
  readonly args: readonly string[];
  /** Data that must not be seen in the list of processes. */
  readonly stdin?: string;
}

export interface ToolOutput {
  /** 0; 1 when Juju refuses (not leader, not found); 2 for a call of the wrong form. */
  readonly code: number;
  readonly stdout: string;
  /** Starts with `ERROR ` and ends with a newline when the code is not 0. */
  readonly stderr: string;
}

export type Runner = (call: ToolCall) => Promise<ToolOutput>;

/**
 * Runs the real tool, found by PATH, which Juju sets for every hook. With Node's own spawn: a library for it would be a third of
 * what a short hook costs.
 * @throws HookToolUnavailableError when the tool cannot be started, or dies of a signal.
 */
export const runHookTool: Runner = async ({ tool, args, stdin }) => {
  const ended = Promise.withResolvers<ToolOutput>();
  // Only the reason: an error of Node's holds the whole command line, and that may hold an action's results.
  const unavailable = (reason: string): HookToolUnavailableError =>
    new HookToolUnavailableError(tool, reason);
  try {
    const child = spawn(tool, args, { stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A tool that does not read all of it has its reason, and says so itself.
    child.stdin?.on('error', () => undefined).end(stdin);
    child.on('error', (error) => ended.reject(unavailable(codeOf(error))));
    child.on('close', (code, signal) => {
      if (code === null) ended.reject(unavailable(signal ?? 'unknown'));
      else ended.resolve({ code, stdout, stderr });
    });
  } catch (error) {
    throw unavailable(codeOf(error));
  }
  return await ended.promise;
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
