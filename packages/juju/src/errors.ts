/**
 * What should not happen when a hook tool is called. Errors carry their data, and never a secret: values of an action's
 * results, the one thing of worth that Juju takes as arguments, are left out, and so is whatever a tool printed to stdout.
 */
import { messages } from './messages.ts';
import type { ToolCall, ToolOutput } from './runner.ts';

/** Juju refused a call for a reason that the calling function does not know as an outcome. */
export class HookToolError extends Error {
  override readonly name = 'HookToolError';
  readonly tool: string;
  readonly args: readonly string[];
  /** The tool's exit code. */
  readonly code: number;
  readonly stderr: string;

  constructor(call: ToolCall, output: ToolOutput) {
    const args = presentable(call);
    super(messages.toolFailed([call.tool, ...args], output.code, output.stderr));
    this.tool = call.tool;
    this.args = args;
    this.code = output.code;
    this.stderr = output.stderr;
  }
}

/** The tool ended well, but said something that is not of the form that Juju documents. */
export class HookToolOutputError extends Error {
  override readonly name = 'HookToolOutputError';
  readonly tool: string;
  readonly args: readonly string[];
  /** Where the output is not as expected, without the output. */
  readonly problem: string;

  constructor(call: ToolCall, problem: string) {
    const args = presentable(call);
    super(messages.toolOutputWrong([call.tool, ...args], problem));
    this.tool = call.tool;
    this.args = args;
    this.problem = problem;
  }
}

/** The tool could not be run at all: absent (ENOENT), its arguments too long (E2BIG), or killed (SIGKILL). */
export class HookToolUnavailableError extends Error {
  override readonly name = 'HookToolUnavailableError';
  readonly tool: string;
  readonly reason: string;

  constructor(tool: string, reason: string) {
    super(messages.toolUnavailable(tool, reason));
    this.tool = tool;
    this.reason = reason;
  }
}

/** A value that cannot be handed to Juju unchanged, and is not handed over at all. */
export class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
  readonly tool: string;

  constructor(tool: string, reason: string) {
    super(messages.unsendable(tool, reason));
    this.tool = tool;
  }
}

/** The process was not started as Juju starts a charm. */
export class NotAHookError extends Error {
  override readonly name = 'NotAHookError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(messages.notAHook(problems));
    this.problems = problems;
  }
}

/** The arguments as they may stand in a log: `action-set` takes results nowhere but there. */
function presentable({ tool, args }: ToolCall): readonly string[] {
  return tool === 'action-set' ? args.map((arg) => arg.replace(/=[\s\S]*$/, '=…')) : args;
}
