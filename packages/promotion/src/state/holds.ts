/**
 * Which branch pairs a person has stopped. A hold that is forgotten is a push that somebody forbade, so each has a file of
 * its own, and it is the file's being there that holds: one cut short by a full disk still does, with nothing left to
 * read but that it is there. No two commands ever write the same file for different pairs.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isErrno, readIfThere, replaceFile } from './files.ts';
import { parseStored } from './json.ts';

const holdSchema = z.strictObject({
  /** The pair's id. */
  pair: z.string(),
  who: z.string(),
  why: z.string(),
  /** Milliseconds since the epoch. */
  since: z.number(),
});
export type Hold = z.infer<typeof holdSchema>;

/** By pair id. */
export type Holds = ReadonlyMap<string, Hold>;

export async function readHolds(state: string): Promise<Holds> {
  const holds = new Map<string, Hold>();
  for (const name of await namesIn(directoryOf(state))) {
    const pair = pairOf(name);
    if (pair === undefined) continue;
    const text = await readIfThere(join(directoryOf(state), name));
    // Resumed between the two looks.
    if (text === undefined) continue;
    const parsed = parseStored(text, holdSchema);
    holds.set(pair, parsed ?? { pair, who: 'unknown', why: 'the file of this hold is damaged', since: 0 });
  }
  return holds;
}

export async function writeHold(state: string, hold: Hold): Promise<void> {
  await mkdir(directoryOf(state), { recursive: true, mode: 0o700 });
  await replaceFile(join(directoryOf(state), fileName(hold.pair)), `${JSON.stringify(hold)}\n`);
}

export async function removeHold(state: string, pair: string): Promise<void> {
  await rm(join(directoryOf(state), fileName(pair)), { force: true });
}

function directoryOf(state: string): string {
  return join(state, 'holds');
}

function fileName(pair: string): string {
  return `${encodeURIComponent(pair)}.json`;
}

function pairOf(name: string): string | undefined {
  if (!name.endsWith('.json')) return undefined;
  try {
    return decodeURIComponent(name.slice(0, -'.json'.length));
  } catch {
    return undefined;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}
