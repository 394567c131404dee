/**
 * The little that is worth keeping between runs: when each scheduled merge was last considered, and which branches have
 * been seen. A damaged or lost file means an empty memory: merges wait for their next tick, and a branch that was deleted
 * meanwhile may be made anew, at a green revision.
 */
import { join } from 'node:path';
import type { Branch } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { readIfThere, replaceFile } from './files.ts';
import { parseStored } from './json.ts';

const fileSchema = z.strictObject({
  /** By pair id: milliseconds since the epoch. */
  considered: z.record(z.string(), z.number()),
  /** By URL: names of branches. */
  seen: z.record(z.string(), z.array(z.string())),
});

export class Memory {
  readonly #file: string;
  readonly #considered = new Map<string, number>();
  readonly #seen = new Map<string, Set<string>>();
  #changed = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(state: string) {
    this.#file = join(state, 'memory.json');
  }

  async load(): Promise<void> {
    const text = await readIfThere(this.#file);
    const stored = text === undefined ? undefined : parseStored(text, fileSchema);
    for (const [pair, time] of Object.entries(stored?.considered ?? {})) this.#considered.set(pair, time);
    for (const [url, branches] of Object.entries(stored?.seen ?? {})) this.#seen.set(url, new Set(branches));
  }

  considered(pair: string): number | undefined {
    return this.#considered.get(pair);
  }

  consider(pair: string, time: number): void {
    this.#considered.set(pair, time);
    this.#changed = true;
  }

  hasSeen(url: string, branch: Branch): boolean {
    return this.#seen.get(url)?.has(branch) ?? false;
  }

  see(url: string, branch: Branch): void {
    const branches = this.#seen.get(url) ?? new Set();
    if (branches.has(branch)) return;
    this.#seen.set(url, branches.add(branch));
    this.#changed = true;
  }

  /** Writes what changed; on a full disk it stays changed, and is written the next time. */
  async save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      if (!this.#changed) return;
      this.#changed = false;
      const seen = Object.fromEntries([...this.#seen].map(([url, branches]) => [url, [...branches]]));
      try {
        await replaceFile(
          this.#file,
          JSON.stringify({ considered: Object.fromEntries(this.#considered), seen }),
        );
      } catch {
        this.#changed = true;
      }
    });
    await this.#saving;
  }
}
