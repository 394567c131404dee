/**
 * The audit log: one JSON object a line for every decision that changed something, or that was refused. It is also the
 * service's only memory of what people have been told, so that nothing can be told and forgotten, or remembered and
 * never told. Losing it costs its history and a repeated message, nothing else.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { shaSchema } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { isErrno } from './files.ts';
import { parseStored } from './json.ts';

const evidence = z.array(z.strictObject({ builder: z.string(), number: z.int(), buildid: z.int() }));

const common = {
  /** When, in ISO 8601. */
  at: z.string(),
  pair: z.string(),
};

export const entrySchema = z.discriminatedUnion('event', [
  /** The remote has taken the new value. `after: restart` says that the push was made before a crash and found done. */
  z.strictObject({
    ...common,
    event: z.literal('moved'),
    branch: z.string(),
    from: shaSchema.nullable(),
    to: shaSchema,
    builds: evidence,
    reason: z.string(),
    /** Milliseconds from hearing of the last build's end to the remote's answer. */
    latencyMs: z.number().optional(),
    after: z.literal('restart').optional(),
  }),
  z.strictObject({
    ...common,
    event: z.literal('merged'),
    branch: z.string(),
    from: shaSchema,
    to: shaSchema,
    merged: shaSchema,
    reason: z.string(),
    after: z.literal('restart').optional(),
  }),
  z.strictObject({
    ...common,
    event: z.literal('conflict'),
    from: shaSchema,
    into: shaSchema,
    files: z.array(z.string()),
  }),
  z.strictObject({ ...common, event: z.literal('conflict-ended') }),
  z.strictObject({ ...common, event: z.literal('diverged'), from: shaSchema, to: shaSchema }),
  z.strictObject({ ...common, event: z.literal('diverged-ended') }),
  z.strictObject({ ...common, event: z.literal('refused'), revision: shaSchema, reason: z.string() }),
  z.strictObject({
    ...common,
    event: z.literal('would-move'),
    branch: z.string(),
    from: shaSchema.nullable(),
    to: shaSchema,
    builds: evidence,
    reason: z.string(),
  }),
  z.strictObject({
    ...common,
    event: z.literal('would-merge'),
    branch: z.string(),
    from: shaSchema,
    merged: shaSchema,
  }),
  /** In shadow mode: somebody else moved the branch to where we would have, or elsewhere. */
  z.strictObject({ ...common, event: z.literal('shadow-agreed'), to: shaSchema }),
  z.strictObject({ ...common, event: z.literal('shadow-differed'), to: shaSchema, expected: shaSchema }),
  z.strictObject({ ...common, event: z.literal('held'), who: z.string(), why: z.string() }),
  z.strictObject({ ...common, event: z.literal('resumed'), who: z.string(), why: z.string() }),
  /** Somebody asked for the pair to be promoted or merged now; what came of it has entries of its own. */
  z.strictObject({ ...common, event: z.literal('asked'), who: z.string(), why: z.string() }),
]);

export type AuditEntry = z.infer<typeof entrySchema>;
/** Every kind of entry. */
export const auditEvents: readonly AuditEntry['event'][] = entrySchema.options.map(
  (option) => option.shape.event.value,
);
/** An entry before it has its time. */
export type AuditEvent = AuditEntry extends infer E ? (E extends AuditEntry ? Omit<E, 'at'> : never) : never;

/** How much of the end of the file is read at a start, in bytes: some thousand entries. */
const TAIL = 1024 * 1024;
/** How many entries wait in memory while the file can't be written. */
const WAITING = 10_000;

export class AuditLog {
  readonly #file: string;
  readonly #now: () => number;
  #waiting: string[] = [];
  /** How far the file has been read, in bytes. */
  #read = 0;
  /** Lines of our own that `news` has not passed over yet. */
  readonly #own = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  constructor(state: string, now: () => number) {
    this.#file = join(state, 'audit.jsonl');
    this.#now = now;
  }

  /** The entries at the end of the log, oldest first; what is not an entry (a line cut short) is passed over. */
  async tail(): Promise<AuditEntry[]> {
    let text: string;
    try {
      const handle = await open(this.#file, 'r');
      try {
        const { size } = await handle.stat();
        const length = Math.min(size, TAIL);
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
        text = buffer.toString('utf8', 0, bytesRead);
        this.#read = size;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isErrno(error) && error.code === 'ENOENT') return [];
      throw error;
    }
    return text.split('\n').flatMap((line) => parseStored(line, entrySchema) ?? []);
  }

  /** What others have added since the last call, or since `tail`: hold and resume write by themselves. */
  async news(): Promise<AuditEntry[]> {
    const { from, added } = await readFrom(this.#file, this.#read);
    const whole = added.subarray(0, added.lastIndexOf('\n') + 1);
    this.#read = from + whole.length;
    const lines = whole.toString('utf8').split('\n');
    return lines.flatMap((line) => (this.#own.delete(line) ? [] : (parseStored(line, entrySchema) ?? [])));
  }

  /**
   * Adds one entry. Never rejects: a disk that is full must not keep a branch from moving. What could not be written is
   * written, in order, before the next entry.
   * @param at when, in ISO 8601.
   * @returns whether everything is on disk now.
   */
  async add(event: AuditEvent, at: string = new Date(this.#now()).toISOString()): Promise<boolean> {
    const line = JSON.stringify({ at, ...event });
    this.#waiting.push(line);
    this.#own.add(line);
    if (this.#waiting.length > WAITING) this.#own.delete(this.#waiting.shift() ?? '');
    return await this.flush();
  }

  /** How many entries wait to be written. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Tries to write what waits. */
  async flush(): Promise<boolean> {
    let written = true;
    this.#writing = this.#writing.then(async () => {
      const lines = this.#waiting;
      if (lines.length === 0) return;
      try {
        await append(this.#file, lines);
        this.#waiting = this.#waiting.slice(lines.length);
      } catch {
        written = false;
      }
    });
    await this.#writing;
    return written;
  }
}

/** What the file has from there on, or in all when it is shorter: it has been put away, and a new one begun. */
async function readFrom(
  file: string,
  start: number,
): Promise<{ readonly from: number; readonly added: Buffer }> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const from = size < start ? 0 : start;
      const length = Math.min(size - from, TAIL);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
      return { from, added: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isErrno(error)) return { from: start, added: Buffer.alloc(0) };
    throw error;
  }
}

/** Appends whole lines; one that a crash or a full disk cut short before is closed first, so that it spoils only itself. */
async function append(file: string, lines: readonly string[]): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? undefined : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer;
    const start = last === undefined || last.toString() === '\n' ? '' : '\n';
    try {
      await handle.appendFile(`${start}${lines.join('\n')}\n`);
      await handle.datasync();
    } catch (error) {
      // Half an entry now, and the whole one later, would be one too many.
      await handle.truncate(size);
      throw error;
    }
  } finally {
    await handle.close();
  }
}
