/**
 * The refusals that a charm has to expect, told by their text: Juju gives exit code 1 or 2 and a sentence, nothing else.
 * The texts are those that were recorded on Juju 4.0.14 (test/fixtures), and Juju 3's where it words the same thing differently.
 */
import type { ToolOutput } from './runner.ts';

export type Refusal = keyof typeof texts;

const texts = {
  'not-leader': /this unit is not the leader|cannot write relation settings/,
  /** The relation is over, and its ID means nothing any more. */
  gone: /relation not found/,
  'no-such-unit': /relation unit not found|application "[^"]*" not found|is not a valid unit or application/,
  'not-found': /not found/,
  'no-such-resource': /resource\S*(?: "[^"]*")? not found/,
  denied: /permission denied|is not allowed to read this secret/,
  'label-taken': /secret with label ".*" already exists/,
  conflict: /port range conflicts with/,
  'no-such-binding': /no network config found for binding/,
} as const;

/** The first of the expected refusals that the tool's words mean. */
export function refusalOf<R extends Refusal>(output: ToolOutput, expected: readonly R[]): R | undefined {
  return expected.find((refusal) => texts[refusal].test(output.stderr));
}
