/**
 * What people have been told of, so that nothing is told twice: kept in one file, which is replaced once everything new is
 * in the outbox. Lost or damaged, it begins anew from now on: what happened before is then not told any more.
 */
import { join } from 'node:path';
import { shaSchema } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { readIfThere, replaceFile } from '../state/files.ts';
import { parseStored } from '../state/json.ts';

const builderSchema = z.strictObject({
  /** What its newest build that says anything says. */
  colour: z.enum(['green', 'red']).optional(),
  /** That build; when it started in seconds since the epoch, for another database may give its id again. */
  newest: z.strictObject({ buildid: z.int(), number: z.int(), startedAt: z.number() }).optional(),
  /** The last builds that have been considered. */
  told: z.array(z.string()),
  /** Builds that ended then or before are past, in seconds since the epoch. */
  floor: z.number(),
});
export type BuilderMemory = Readonly<z.infer<typeof builderSchema>>;

const waitSchema = z.strictObject({
  /** In milliseconds since the epoch. */
  since: z.number(),
  /** Where the branch has stood since then. */
  to: shaSchema.nullable(),
  /** Whether people know that it is stuck. */
  told: z.boolean(),
});
export type Wait = Readonly<z.infer<typeof waitSchema>>;

const conflictSchema = z.strictObject({
  /** The tips of the last conflicts that were told. */
  tips: z.array(z.string()),
  /** The key of the conflict with which it began; undefined when there is none. */
  thread: z.string().optional(),
  /** A mark of the files that were told last, while there is one. */
  files: z.string().optional(),
});

const memorySchema = z.strictObject({
  /** What happened before is past, in milliseconds since the epoch. */
  since: z.number(),
  entries: z.strictObject({
    /** The last entries of the audit log that have been considered. */
    seen: z.array(z.string()),
    /** Entries of an earlier run that are not newer are past, in milliseconds since the epoch. */
    floor: z.number(),
  }),
  /** By name. */
  builders: z.record(z.string(), builderSchema),
  /** By project and branch: whether people know that it is in testfix mode. */
  testfix: z.record(z.string(), z.enum(['on', 'off'])),
  /** By pair. */
  conflicts: z.record(z.string(), conflictSchema),
  /** By pair: the revision of the last refusal. */
  refused: z.record(z.string(), shaSchema),
  /** By pair: where the last move went. */
  moved: z.record(z.string(), shaSchema),
  /** By pair: since when it stands still. */
  waits: z.record(z.string(), waitSchema),
});
export type NewsMemory = Readonly<z.infer<typeof memorySchema>>;

export function emptyMemory(now: number): NewsMemory {
  return {
    since: now,
    entries: { seen: [], floor: now },
    builders: {},
    testfix: {},
    conflicts: {},
    refused: {},
    moved: {},
    waits: {},
  };
}

/** @param now milliseconds since the epoch, where a memory that begins anew begins. */
export async function readNewsMemory(state: string, now: number): Promise<NewsMemory> {
  const text = await readIfThere(file(state));
  return (text === undefined ? undefined : parseNewsMemory(text)) ?? emptyMemory(now);
}

/** Rejects on a full disk. */
export async function writeNewsMemory(state: string, memory: NewsMemory): Promise<void> {
  await replaceFile(file(state), printNewsMemory(memory));
}

export function printNewsMemory(memory: NewsMemory): string {
  return JSON.stringify(memory);
}

/** Undefined when the text is not a memory. */
export function parseNewsMemory(text: string): NewsMemory | undefined {
  return parseStored(text, memorySchema);
}

function file(state: string): string {
  return join(state, 'news.json');
}
