/** Addresses: of an endpoint, of the unit. */
import * as z from 'zod';
import type { RelationId } from './names.ts';
import type { Runner } from './runner.ts';
import { askTool, callJson, parseOutput } from './tool.ts';

/** An address that is not known yet may be an empty text. */
const textList = z
  .array(z.string())
  .nullish()
  .transform((list) => (list ?? []).filter((text) => text !== ''));

const networkSchema = z
  .object({
    'bind-addresses': z
      .array(
        z.object({
          'interface-name': z.string().default(''),
          addresses: z
            .array(
              z.object({ hostname: z.string().default(''), value: z.string(), cidr: z.string().default('') }),
            )
            .nullish()
            .transform((list) => list ?? []),
        }),
      )
      .nullish(),
    'egress-subnets': textList,
    'ingress-addresses': textList,
  })
  .transform((network) => ({
    /** Where the unit itself listens, by interface. */
    bindAddresses: (network['bind-addresses'] ?? []).map((bind) => ({
      interfaceName: bind['interface-name'],
      addresses: bind.addresses,
    })),
    /** Where its connections come from. */
    egressSubnets: network['egress-subnets'],
    /** Where others reach it; the first one is the one to give out. */
    ingressAddresses: network['ingress-addresses'],
  }));

export type Network = Readonly<z.infer<typeof networkSchema>>;

/** `network-get`: of an endpoint or an extra binding, in one relation when that is given. */
export async function networkGet(
  run: Runner,
  binding: string,
  relation?: RelationId,
): Promise<({ readonly kind: 'network' } & Network) | { readonly kind: 'no-such-binding' | 'gone' }> {
  const where = relation === undefined ? [] : ['-r', relation];
  const call = { tool: 'network-get', args: ['--format', 'json', ...where, '--', binding] };
  const answer = await askTool(run, call, ['no-such-binding', 'gone']);
  if (answer.kind === 'refused') return { kind: answer.refusal };
  return { kind: 'network', ...parseOutput(networkSchema, call, answer.stdout) };
}

/** `unit-get`: the unit's address, whatever the endpoint. */
export async function unitGet(run: Runner, which: 'private-address' | 'public-address'): Promise<string> {
  return await callJson(run, z.string(), { tool: 'unit-get', args: ['--format', 'json', which] });
}
