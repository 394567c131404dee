/** What the harness needs of a charm's charmcraft.yaml: what Juju would know of the charm. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const optionSchema = z.object({
  type: z.enum(['string', 'int', 'float', 'boolean', 'secret']),
  default: z.union([z.string(), z.number(), z.boolean()]).nullish(),
});

const endpointsSchema = z.record(z.string(), z.object({ interface: z.string() })).default({});

const storageSchema = z.object({
  type: z.enum(['filesystem', 'block']),
  multiple: z.object({ range: z.union([z.string(), z.number()]) }).optional(),
});

const actionSchema = z.object({
  params: z
    .record(
      z.string(),
      z.object({
        type: z.string().optional(),
        default: z.unknown().optional(),
        enum: z.array(z.unknown()).optional(),
        minimum: z.number().optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
  additionalProperties: z.boolean().default(false),
});

const schema = z
  .object({
    name: z.string(),
    config: z.object({ options: z.record(z.string(), optionSchema).default({}) }).default({ options: {} }),
    provides: endpointsSchema,
    requires: endpointsSchema,
    peers: endpointsSchema,
    'extra-bindings': z.record(z.string(), z.unknown()).default({}),
    storage: z.record(z.string(), storageSchema).default({}),
    resources: z.record(z.string(), z.object({ type: z.string() })).default({}),
    actions: z.record(z.string(), actionSchema.nullish()).default({}),
  })
  .transform((yaml) => ({
    name: yaml.name,
    options: yaml.config.options,
    endpoints: new Map([
      ...endpoints('provides', yaml.provides),
      ...endpoints('requires', yaml.requires),
      ...endpoints('peer', yaml.peers),
    ]),
    extraBindings: Object.keys(yaml['extra-bindings']),
    storage: Object.fromEntries(
      Object.entries(yaml.storage).map(([name, { type, multiple }]) => [
        name,
        { type, most: most(multiple?.range) },
      ]),
    ),
    resources: Object.keys(yaml.resources),
    actions: Object.fromEntries(
      Object.entries(yaml.actions).map(([name, action]) => [name, action ?? actionSchema.parse({})]),
    ),
  }));

type Role = 'provides' | 'requires' | 'peer';
export type Charmcraft = Readonly<z.infer<typeof schema>>;

/** @throws when the text is not YAML or not a charm's. */
export function parseCharmcraft(text: string): Charmcraft {
  return schema.parse(parse(text));
}

export function readCharmcraft(path: string): Charmcraft {
  return parseCharmcraft(readFileSync(path, 'utf8'));
}

function endpoints(role: Role, names: Readonly<Record<string, unknown>>): [string, Role][] {
  return Object.keys(names).map((name) => [name, role]);
}

/** `multiple: { range: "0-3" }`; without it there can be one, and with `2+` or `0-` as many as one likes. */
function most(range: string | number | undefined): number {
  if (range === undefined) return 1;
  const [, last] = /^\d+-(\d+)$/.exec(String(range)) ?? [];
  if (last !== undefined) return Number(last);
  return /^\d+$/.test(String(range)) ? Number(range) : Number.POSITIVE_INFINITY;
}
