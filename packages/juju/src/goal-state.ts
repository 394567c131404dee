/** What the model is meant to become: the units and relations that are there or on their way. */
import * as z from 'zod';
import type { Runner } from './runner.ts';
import { callJson } from './tool.ts';

const goalsSchema = z
  .record(z.string(), z.object({ status: z.string(), since: z.string() }))
  .nullish()
  .transform((goals) => goals ?? {});

const goalStateSchema = z.object({
  /** This application's units, this one included; `dying` for those that leave. */
  units: goalsSchema,
  /** For each endpoint the remote applications (`joined`) and their units. */
  relations: z
    .record(z.string(), goalsSchema)
    .nullish()
    .transform((relations) => relations ?? {}),
});
export type GoalState = Readonly<z.infer<typeof goalStateSchema>>;

/** `goal-state`. `since` is Juju's own form, `2026-11-23 02:23:54Z`. */
export async function goalState(run: Runner): Promise<GoalState> {
  return await callJson(run, goalStateSchema, { tool: 'goal-state', args: ['--format', 'json'] });
}
