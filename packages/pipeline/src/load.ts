/** Finds and reads pipeline files, so that `readPipelines` stays free of the file system. */
import { readFile } from 'node:fs/promises';
import { type Reading, readPipelines } from './read.ts';

/**
 * Reads the files and directories of one configuration; a directory means its `*.yaml` and `*.yml`, sorted. What cannot
 * be read is a mistake in the result, never an exception.
 */
export async function loadPipelines(paths: readonly string[]): Promise<Reading> {
  return readPipelines(
    await Promise.all(paths.map(async (file) => ({ file, text: await readFile(file, 'utf8') }))),
  );
}
