/** The log of one run for one image: everything that its programs said. The newest of a name are kept, and the others deleted. */
import { appendFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const mostLogs = 10;
const tailLength = 4000;

export class BuildLog {
  readonly file: string;
  #tail = '';

  private constructor(file: string) {
    this.file = file;
  }

  /** `now` in milliseconds since the epoch. */
  static async open(directory: string, name: string, now: number): Promise<BuildLog> {
    await mkdir(directory, { recursive: true, mode: 0o750 });
    const time = new Date(now).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
    const file = join(directory, `${name}-${time}.log`);
    await writeFile(file, '', { mode: 0o640 });
    for (const old of oldLogs(await readdir(directory), name))
      await rm(join(directory, old), { force: true });
    return new BuildLog(file);
  }

  /** What cannot be written because the disk is full is still in `lastLines`. */
  write(text: string): void {
    this.#tail = (this.#tail + text).slice(-tailLength);
    try {
      appendFileSync(this.file, text);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  /** The end of what was written, without empty lines. */
  lastLines(count: number): string[] {
    return this.#tail
      .split(/[\r\n]+/)
      .filter((line) => line.trim() !== '')
      .slice(-count);
  }
}

/** Names of one image's logs that are too many; another image's name may begin with the same letters. */
function oldLogs(files: readonly string[], name: string): string[] {
  const time = /^\d{8}T\d{6}Z\.log$/;
  return files
    .filter((file) => file.startsWith(`${name}-`) && time.test(file.slice(name.length + 1)))
    .toSorted()
    .slice(0, -mostLogs);
}
