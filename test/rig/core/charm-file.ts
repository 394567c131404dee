/** What Juju knows of a packed charm: metadata.yaml, config.yaml and actions.yaml, as they stand in the file. */
import { parseCharmcraft } from '@lpbuildbot/juju/testing';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { PackedCharm } from './world.ts';

const endpointsSchema = z
  .record(
    z.string(),
    z.looseObject({ interface: z.string(), scope: z.enum(['global', 'container']).default('global') }),
  )
  .default({});

const metadataSchema = z.looseObject({
  provides: endpointsSchema,
  requires: endpointsSchema,
  peers: endpointsSchema,
  storage: z
    .record(
      z.string(),
      z.looseObject({
        location: z.string().optional(),
        multiple: z.object({ range: z.union([z.string(), z.number()]) }).optional(),
      }),
    )
    .default({}),
  resources: z.record(z.string(), z.looseObject({ filename: z.string().optional() })).default({}),
});

/** `read` gives the text of a file in the charm, and nothing when the charm has no such file. */
export function packedCharm(path: string, read: (name: string) => string | undefined): PackedCharm {
  const file = (name: string): unknown => parse(read(name) ?? '{}');
  const metadata = metadataSchema.parse(file('metadata.yaml'));
  const joined = { ...metadata, config: file('config.yaml'), actions: file('actions.yaml') };
  return {
    path,
    charmcraft: parseCharmcraft(stringify(joined)),
    interfaces: { ...metadata.provides, ...metadata.requires, ...metadata.peers },
    storage: Object.fromEntries(
      Object.entries(metadata.storage).map(([name, { location, multiple }]) => [
        name,
        { location, least: multiple === undefined ? 1 : Number.parseInt(String(multiple.range), 10) },
      ]),
    ),
    resources: Object.fromEntries(
      Object.entries(metadata.resources).map(([name, { filename }]) => [name, filename ?? name]),
    ),
  };
}
