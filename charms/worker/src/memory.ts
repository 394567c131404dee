/**
 * What the charm remembers on the machine between hooks, because the machine itself cannot tell it. All of it may be lost: then
 * work is done once more that need not be. It lies on the machine and not with Juju, because it speaks of the machine: a hook
 * that fails has still changed it.
 */
import * as z from 'zod';
import type { Machine } from './machine.ts';
import { places } from './places.ts';

const memorySchema = z.object({
  /** The unit that the machine belongs to. */
  unit: z.string().optional(),
  /** Set before anything is installed: LXD is the charm's to remove. */
  lxd: z.enum(['snap', 'package']).optional(),
  /** There was no user of the worker's name before. */
  user: z.literal('made').optional(),
  /** What of LXD's set-up is the charm's. */
  pool: z.string().optional(),
  network: z.string().optional(),
  /** Which file of the resource was installed last. */
  deb: z.string().optional(),
  /** Which version of Node.js the charm carried when it last installed packages. */
  node: z.string().optional(),
  /** The settings that apt's lists were last fetched for, and when, in milliseconds since the epoch. */
  lists: z.object({ source: z.string(), at: z.number() }).optional(),
  /** The newest version that the repository has. */
  candidate: z.string().optional(),
  /** What lpbuildbot-worker-setup was last given, as a digest, and when its file was written. */
  joined: z.object({ digest: z.string(), modified: z.number() }).optional(),
  /** The recipes that were accepted, as a digest, and the names in them. */
  recipes: z.object({ digest: z.string(), names: z.array(z.string()) }).optional(),
  /** Recipes that were refused, as a digest, and why. */
  refused: z.object({ digest: z.string(), why: z.string() }).optional(),
  /** The version of the helpers that Juju was told. */
  told: z.string().optional(),
  /** An operator has said so by the action. */
  drained: z.boolean().optional(),
});
export type Memory = Readonly<z.infer<typeof memorySchema>>;

export async function recall(machine: Machine): Promise<Memory> {
  const text = await machine.readText(places.memory);
  if (text === undefined) return {};
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch {
    // A file that was damaged, or of another version of the charm.
    return {};
  }
}

async function remember(machine: Machine, memory: Memory): Promise<void> {
  await machine.write(places.memory, `${JSON.stringify(memory)}\n`, 0o600);
}

/** Changes a part of it. */
export async function note(machine: Machine, change: Memory): Promise<'done'> {
  await remember(machine, { ...(await recall(machine)), ...change });
  return 'done';
}
