/**
 * Looks for secrets where anybody on the machine, or anybody who reads a log, could see them: in the arguments and the
 * environments of processes, while something runs, and in files. The looking happens in a thread of its own, because most
 * processes that git starts live for a few milliseconds only.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

export interface Sighting {
  readonly where: 'arguments' | 'environment';
  /** The process, by its id and what it was called with (secrets included: this is for the test's own report). */
  readonly process: string;
  /** Which of the secrets, by its place in the list. */
  readonly secret: number;
}

export interface Watched<T> {
  readonly result: T;
  readonly sightings: readonly Sighting[];
  /** The arguments of every process that was seen: proves that the watch looked at the right moment. */
  readonly processes: readonly string[];
}

const reportSchema = z.object({
  sightings: z.array(
    z.object({ where: z.enum(['arguments', 'environment']), process: z.string(), secret: z.int() }),
  ),
  processes: z.array(z.string()),
});

/** Watches all processes of this machine that may be read, except this one, while `action` runs. */
export async function watchSecrets<T>(
  secrets: readonly string[],
  action: () => Promise<T>,
): Promise<Watched<T>> {
  if (secrets.some((secret) => secret.length < 8)) throw new Error('a secret this short is found everywhere');
  const worker = new Worker(new URL('./secret-watch-thread.ts', import.meta.url), {
    workerData: { secrets, self: process.pid },
  });
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  try {
    await next();
    const result = await action();
    const report = next();
    worker.postMessage('report');
    return { result, ...reportSchema.parse(await report) };
  } finally {
    await worker.terminate();
  }
}

/** The files under a directory (or the one file) that have one of the secrets in them, except those of `allowed`. */
export async function filesWithSecrets(
  path: string,
  secrets: readonly string[],
  allowed: readonly string[] = [],
): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const files = entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files ?? [path]) {
    if (allowed.includes(file)) continue;
    const text = await readFile(file, 'latin1').catch(() => '');
    if (secrets.some((secret) => text.includes(secret))) found.push(file);
  }
  return found;
}
