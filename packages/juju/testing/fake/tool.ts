/** The form that every fake hook tool has. */
import type { Arguments, FlagNames } from './flags.ts';
import type { Hook } from './hook.ts';

interface FakeTool {
  readonly flags: FlagNames;
  /** What it prints to stdout; it refuses by throwing. */
  readonly run: (hook: Hook, args: Arguments, stdin: string) => string;
}

export type FakeTools = Readonly<Record<string, FakeTool>>;
