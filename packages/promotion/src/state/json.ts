/** JSON from a file that may be damaged: read as a value of a schema, or as nothing at all. */
import type { z } from 'zod';

export function parseStored<T>(text: string, schema: z.ZodType<T>): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}
