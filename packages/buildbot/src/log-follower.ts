/**
 * Reads what is added to a log that Twisted rotates (`twistd.log`, `twistd.log.1`, …). How a running master took a new
 * configuration is said there and nowhere else.
 */
import { open, stat } from 'node:fs/promises';

export class LogFollower {
  readonly #path: string;
  #inode: number | undefined;
  #offset: number;

  private constructor(path: string, inode: number | undefined, offset: number) {
    this.#path = path;
    this.#inode = inode;
    this.#offset = offset;
  }

  /** Follows from the log's present end; the file need not be there yet. */
  static async atEnd(path: string): Promise<LogFollower> {
    const found = await stat(path).catch(() => undefined);
    return new LogFollower(path, found?.ino, found?.size ?? 0);
  }

  /** What was added since the last call. */
  async read(): Promise<string> {
    const current = await stat(this.#path).catch(() => undefined);
    if (current === undefined) return '';
    if (current.ino === this.#inode) return this.#take(this.#path);
    // Rotated at least once: the rest of the old file, then the new one.
    const rotated = `${this.#path}.1`;
    const old = await stat(rotated).catch(() => undefined);
    const rest = old !== undefined && old.ino === this.#inode ? await this.#take(rotated) : '';
    this.#inode = current.ino;
    this.#offset = 0;
    return rest + (await this.#take(this.#path));
  }

  async #take(path: string): Promise<string> {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, size - this.#offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
      this.#offset += bytesRead;
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}
