/** What Juju knows of the two charms: their charmcraft.yaml, read and typed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { root } from './pages.ts';

const endpoint = z.object({
  interface: z.string(),
  scope: z.string().optional(),
  limit: z.number().optional(),
});

const option = z.object({
  type: z.enum(['string', 'int', 'float', 'boolean', 'secret']),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string(),
});

const parameter = z.object({
  type: z.string(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  enum: z.array(z.string()).default([]),
});

const charmSchema = z.object({
  name: z.string(),
  assumes: z.array(z.string()),
  platforms: z.record(z.string(), z.unknown()),
  provides: z.record(z.string(), endpoint).default({}),
  requires: z.record(z.string(), endpoint).default({}),
  peers: z.record(z.string(), endpoint).default({}),
  storage: z
    .record(z.string(), z.object({ type: z.string(), location: z.string(), 'minimum-size': z.string() }))
    .default({}),
  resources: z.record(z.string(), z.object({ type: z.string(), filename: z.string() })).default({}),
  config: z.object({ options: z.record(z.string(), option) }),
  actions: z.record(
    z.string(),
    z.object({
      params: z.record(z.string(), parameter).default({}),
      required: z.array(z.string()).default([]),
    }),
  ),
});

export type Charm = z.infer<typeof charmSchema>;

export function readCharm(name: 'master' | 'worker'): Charm {
  const path = join(root, 'charms', name, 'charmcraft.yaml');
  return charmSchema.parse(parse(readFileSync(path, 'utf8')));
}

export function endpointsOf(charm: Charm): ReadonlyMap<string, Charm['provides'][string]> {
  return new Map(Object.entries({ ...charm.provides, ...charm.requires, ...charm.peers }));
}
