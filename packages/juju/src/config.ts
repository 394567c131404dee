/** The operator's settings. */
import * as z from 'zod';
import type { Runner } from './runner.ts';
import { callJson } from './tool.ts';

const settingsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/**
 * `config-get`: every setting that has a value, as of the hook's start. One that was neither set nor has a default is absent.
 * A setting of type `secret` is a URI, of type `float` with a whole value a number like any other.
 */
export async function configGet(run: Runner): Promise<Settings> {
  return await callJson(run, settingsSchema, { tool: 'config-get', args: ['--format', 'json'] });
}
