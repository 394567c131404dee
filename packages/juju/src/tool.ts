/** How every hook tool is called: arguments checked, exit codes told apart, output parsed with zod. */
import type * as z from 'zod';
import { HookToolError, HookToolOutputError, UnsendableError } from './errors.ts';
import { messages } from './messages.ts';
import type { Refusal } from './refusals.ts';
import { refusalOf } from './refusals.ts';
import type { Runner, ToolCall } from './runner.ts';

/** @throws HookToolError whenever the exit code is not 0. */
export async function callTool(run: Runner, call: ToolCall): Promise<string> {
  const output = await sendTool(run, call);
  if (output.code !== 0) throw new HookToolError(call, output);
  return output.stdout;
}

type Answer<R extends Refusal> =
  | { readonly kind: 'answered'; readonly stdout: string }
  | { readonly kind: 'refused'; readonly refusal: R };

/**
 * As `callTool`, but the refusals named are outcomes.
 * @throws HookToolError for every other exit code than 0.
 */
export async function askTool<R extends Refusal>(
  run: Runner,
  call: ToolCall,
  expected: readonly R[],
): Promise<Answer<R>> {
  const output = await sendTool(run, call);
  if (output.code === 0) return { kind: 'answered', stdout: output.stdout };
  const refusal = refusalOf(output, expected);
  if (refusal === undefined) throw new HookToolError(call, output);
  return { kind: 'refused', refusal };
}

/**
 * The JSON that a tool printed.
 * @throws HookToolOutputError without the output itself: it may be a secret.
 */
export function parseOutput<T>(schema: z.ZodType<T>, call: ToolCall, stdout: string): T {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    throw new HookToolOutputError(call, 'not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, code }) => `${path.map(String).join('.') || 'top'}: ${code}`,
  );
  throw new HookToolOutputError(call, problems.join(', '));
}

export async function callJson<T>(run: Runner, schema: z.ZodType<T>, call: ToolCall): Promise<T> {
  return parseOutput(schema, call, await callTool(run, call));
}

async function sendTool(run: Runner, call: ToolCall): ReturnType<Runner> {
  if (call.args.some((arg) => arg.includes('\0'))) {
    throw new UnsendableError(call.tool, messages.nulInArgument);
  }
  if (![...call.args, call.stdin ?? ''].every((text) => text.isWellFormed())) {
    throw new UnsendableError(call.tool, messages.loneSurrogate);
  }
  return await run(call);
}
