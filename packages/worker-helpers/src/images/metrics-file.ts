/** The file that node_exporter reads: there in one step, so that no half of it is ever read, or not at all. */
import { access, chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../command/failure.ts';
import { listWords } from './messages.ts';

/**
 * @returns `no-directory` when there is nobody to read it: node_exporter's package makes the directory.
 * Throws Failure when it cannot be written.
 */
export async function writeMetricsFile(path: string, text: string): Promise<'written' | 'no-directory'> {
  const isThere = await access(dirname(path)).then(
    () => true,
    () => false,
  );
  if (!isThere) return 'no-directory';
  // The collector reads every file whose name ends in .prom.
  const aside = `${path}.${process.pid}.new`;
  try {
    await writeFile(aside, text);
    // The collector has a user of its own, whatever umask root has here.
    await chmod(aside, 0o644);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(listWords.metricsUnwritable(path, error.message), { cause: error });
  }
  return 'written';
}
