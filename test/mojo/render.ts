/** Renders a template of the spec with the real Jinja, the one that is locked for Buildbot, which draws its pages with it. */
import { join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { execa } from 'execa';
import * as z from 'zod';

/** What Mojo is known to give to a template, besides the exported variables whose names begin with MOJO_. */
export interface TemplateVariables {
  readonly series: string;
  readonly stage_name: string;
  readonly local_dir: string;
  readonly [exported: `MOJO_${string}`]: string;
}

export type Rendered =
  | { readonly kind: 'rendered'; readonly text: string }
  | {
      readonly kind: 'wrong';
      readonly problems: readonly { readonly line: number; readonly found: string }[];
    };

const answerSchema = z.union([
  z.object({ text: z.string() }),
  z.object({ problems: z.array(z.object({ line: z.number(), found: z.string() })) }),
]);

/** Throws when there is no Python that Buildbot's packages are locked for. */
export async function render(file: string, variables: TemplateVariables): Promise<Rendered> {
  const { stdout } = await execa(await python(), [join(import.meta.dirname, 'render.py')], {
    input: JSON.stringify({ file, variables }),
  });
  const answer = answerSchema.parse(JSON.parse(stdout));
  return 'text' in answer
    ? { kind: 'rendered', text: answer.text }
    : { kind: 'wrong', problems: answer.problems };
}

let interpreter: Promise<string> | undefined;

function python(): Promise<string> {
  interpreter ??= findPython();
  return interpreter;
}

async function findPython(): Promise<string> {
  const venv = await ensureVenv({
    python: process.env.LPBUILDBOT_PYTHON ?? 'python3',
    directory: join(import.meta.dirname, '../../.lpbuildbot/venv'),
  });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  return venv.python;
}
