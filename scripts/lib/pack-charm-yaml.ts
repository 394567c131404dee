/**
 * From a charm's one description, charmcraft.yaml, to the files that Juju reads: metadata.yaml, config.yaml, actions.yaml and
 * manifest.yaml, as charmcraft 4 writes them (its services/package.py and models/metadata.py). One thing is different: charmcraft makes a charm
 * for each base, this makes one for all bases of an architecture, because nothing in it depends on the base.
 */
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { charmYamlWrong } from './pack-charm-messages.ts';
import type { Architecture } from './pack-node.ts';

const anything = z.record(z.string(), z.unknown());
const address = z.url();
const addresses = z.union([address, z.array(address)]);

const optionSchema = z
  .strictObject({
    type: z.enum(['string', 'int', 'float', 'boolean', 'secret']),
    description: z.string(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  })
  .refine(({ type, default: value }) => value === undefined || isOfType(type, value), {
    error: 'the default is not of the type',
    path: ['default'],
  });

const name = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower case, digits and single hyphens');

const actionSchema = z.strictObject({
  description: z.string(),
  params: z.record(name, anything).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.boolean().optional(),
  parallel: z.boolean().optional(),
  'execution-group': z.string().optional(),
});

const charmcraftSchema = z.strictObject({
  name,
  type: z.literal('charm'),
  title: z.string(),
  summary: z.string(),
  description: z.string(),
  links: z
    .strictObject({
      contact: z.union([z.string(), z.array(z.string())]).optional(),
      documentation: address.optional(),
      issues: addresses.optional(),
      source: addresses.optional(),
      website: addresses.optional(),
    })
    .optional(),
  assumes: z.array(z.unknown()).optional(),
  'charm-user': z.string().optional(),
  'extra-bindings': anything.optional(),
  peers: anything.optional(),
  provides: anything.optional(),
  requires: anything.optional(),
  resources: anything.optional(),
  storage: anything.optional(),
  subordinate: z.boolean().optional(),
  config: z.strictObject({ options: z.record(name, optionSchema) }).optional(),
  actions: z.record(name, actionSchema).optional(),
  /** charmcraft's own part, for whoever builds with it. */
  parts: anything,
  platforms: z.record(
    z.string().regex(/^[a-z]+@\d+(\.\d+)?:(amd64|arm64)$/, 'distribution@release:architecture'),
    z.null(),
  ),
});

export type CharmYaml =
  | { readonly kind: 'files'; readonly name: string; readonly files: ReadonlyMap<string, string> }
  | { readonly kind: 'wrong'; readonly reason: string };

/** @param file only for the sentence about what is wrong. */
export function charmYaml(file: string, text: string, architecture: Architecture): CharmYaml {
  const read = charmcraftSchema.safeParse(parse(text));
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { kind: 'wrong', reason: charmYamlWrong(file, problems) };
  }
  const {
    type: _type,
    title,
    links = {},
    config,
    actions,
    parts: _parts,
    platforms,
    ...metadata
  } = read.data;
  const { contact, documentation, ...otherLinks } = links;
  const files: [string, unknown][] = [
    [
      'metadata.yaml',
      {
        ...metadata,
        ...otherLinks,
        'display-name': title,
        ...(contact === undefined ? {} : { maintainers: [contact].flat() }),
        ...(documentation === undefined ? {} : { docs: documentation }),
      },
    ],
    ['manifest.yaml', manifest(Object.keys(platforms), architecture)],
    ...(config === undefined ? [] : [['config.yaml', config] satisfies [string, unknown]]),
    ...(actions === undefined ? [] : [['actions.yaml', actions] satisfies [string, unknown]]),
  ];
  return {
    kind: 'files',
    name: metadata.name,
    files: new Map(
      files.map(([path, value]) => [
        path,
        // Every old and new parser agrees on text that is quoted wherever YAML 1.1 could take it for something else.
        stringify(value, {
          sortMapEntries: true,
          version: '1.1',
          aliasDuplicateObjects: false,
          lineWidth: 0,
          blockQuote: 'literal',
        }),
      ]),
    ),
  };
}

/** Without charmcraft's version and the time, which would make every build another. */
function manifest(platforms: readonly string[], architecture: Architecture): unknown {
  const bases = platforms.flatMap((platform) => {
    const [, distribution, channel, on] = /^(.+)@(.+):(.+)$/.exec(platform) ?? [];
    return on === architecture ? [{ name: distribution, channel, architectures: [on] }] : [];
  });
  // What charmcraft's attribute checkers find in a charm that is not of Python.
  const attributes = ['language', 'framework'].map((attribute) => ({ name: attribute, result: 'unknown' }));
  return { analysis: { attributes }, bases };
}

/** Whether a setting of that type may have the value, in charmcraft.yaml and in bundles. `off` is no text in YAML, but false. */
export function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'int':
      return Number.isInteger(value);
    case 'float':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return typeof value === 'string';
  }
}
