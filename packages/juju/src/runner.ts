/**
 * The one seam between a charm and Juju: running a hook tool. Everything else in this package is built on it, so that a test
 * can put another one in its place and still exercise the real arguments and the real parsing.
 */
import { execa } from 'execa';
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
 * Runs the real tool, found by PATH, which Juju sets for every hook.
 * @throws HookToolUnavailableError when the tool cannot be started, or dies of a signal.
 */
export const runHookTool: Runner = async ({ tool, args, stdin }) => {
  const input = stdin === undefined ? ({ stdin: 'ignore' } as const) : ({ input: stdin } as const);
  const result = await execa(tool, args, { ...input, reject: false, stripFinalNewline: false });
  if (result.exitCode === undefined) {
    // Only its code: the error itself holds the whole command line, and that may hold an action's results.
    throw new HookToolUnavailableError(tool, result.code ?? result.signal ?? 'unknown');
  }
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
};
