/** The credential of the cloud that the model is in. */
import * as z from 'zod';
import type { Runner } from './runner.ts';
import { askTool, parseOutput } from './tool.ts';

const cloudSchema = z.object({
  type: z.string(),
  name: z.string(),
  region: z.string().optional(),
  endpoint: z.string().optional(),
  credential: z
    .object({ 'auth-type': z.string(), attrs: z.record(z.string(), z.string()).nullish() })
    .transform(({ 'auth-type': authType, attrs }) => ({ authType, attributes: attrs ?? {} }))
    .optional(),
});
export type Cloud = Readonly<z.infer<typeof cloudSchema>>;

/** `credential-get`: `denied` until the operator says `juju trust`. */
export async function credentialGet(
  run: Runner,
): Promise<({ readonly kind: 'cloud' } & Cloud) | { readonly kind: 'denied' }> {
  const call = { tool: 'credential-get', args: ['--format', 'json'] };
  const answer = await askTool(run, call, ['denied']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'cloud', ...parseOutput(cloudSchema, call, answer.stdout) };
}
