/**
 * The JSON between the pipeline files and Buildbot's master.cfg: everything is decided here, so that the Python side
 * only hands values to Buildbot. `compile.ts` writes it, `packages/buildbot/python` reads it.
 */
import * as z from 'zod';

const step = z.strictObject({
  name: z.string().min(1),
  /** The argument vector, as Buildbot's ShellCommand takes it. */
  command: z.array(z.string()).min(1),
  /** The longest time the step may take, in seconds; null leaves Buildbot's own limit of 1200 silent seconds. */
  timeoutSeconds: z.int().positive().nullable(),
});

const builder = z.strictObject({
  name: z.string().min(1),
  branch: z.string().min(1),
  /** The image whose workers may build this; null for a builder that runs on the worker itself. */
  image: z.string().nullable(),
  steps: z.array(step).min(1),
});

const project = z.strictObject({
  name: z.string().min(1),
  repository: z.string().min(1),
  /** Where branches are moved: events of the repository may come under this address. */
  push: z.string().min(1),
  pollSeconds: z.number().positive(),
  testfix: z.boolean(),
  builders: z.array(builder).min(1),
});

export const compiledSchema = z.strictObject({
  format: z.literal(1),
  projects: z.array(project),
});
export type Compiled = z.infer<typeof compiledSchema>;
