/**
 * What is about to be pushed, written down before the push and deleted once it is in the audit log. When a crash or a
 * broken connection leaves open whether the remote took it, the next look compares the remote with the intent, and the
 * audit log gets its entry after all. Losing an intent costs that entry, nothing else, so nothing waits for the disk here.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { branchSchema, shaSchema } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { readIfThere } from './files.ts';
import { parseStored } from './json.ts';

const common = {
  pair: z.string(),
  branch: branchSchema,
  reason: z.string(),
  /** When it was left open whether the remote takes it, in milliseconds since the epoch; it may do so later still. */
  doubtfulSince: z.number().optional(),
};

const intentSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('move'),
    from: shaSchema.nullable(),
    to: shaSchema,
    builds: z.array(z.strictObject({ builder: z.string(), number: z.int(), buildid: z.int() })),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('merge'),
    from: shaSchema,
    merged: shaSchema,
    /** Unknown when the server makes the commit; that one is recognised by its message. */
    to: shaSchema.optional(),
    message: z.string().optional(),
  }),
]);

export type Intent = z.infer<typeof intentSchema>;

export class Intents {
  readonly #directory: string;
  readonly #open = new Map<string, Intent>();

  constructor(state: string) {
    this.#directory = join(state, 'intents');
  }

  /** Reads what an earlier run left open. `now` is in milliseconds since the epoch. */
  async load(now: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) {
      const text = await readIfThere(join(this.#directory, name));
      const intent = text === undefined ? undefined : parseStored(text, intentSchema);
      if (intent === undefined) await rm(join(this.#directory, name), { force: true });
      else this.#open.set(intent.pair, { ...intent, doubtfulSince: intent.doubtfulSince ?? now });
    }
  }

  get(pair: string): Intent | undefined {
    return this.#open.get(pair);
  }

  async begin(intent: Intent): Promise<void> {
    this.#open.set(intent.pair, intent);
    try {
      await writeFile(this.#file(intent.pair), JSON.stringify(intent), { mode: 0o600 });
    } catch {
      // A full disk: the push goes on, its entry depends on this process living through it.
    }
  }

  async end(pair: string): Promise<void> {
    this.#open.delete(pair);
    await rm(this.#file(pair), { force: true });
  }

  #file(pair: string): string {
    return join(this.#directory, `${encodeURIComponent(pair)}.json`);
  }
}
