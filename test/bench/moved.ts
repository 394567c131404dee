/** The moment at which a branch of a repository on this machine moves, seen by the kernel's own notice. */
import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

export class RefWatch {
  readonly #watcher: FSWatcher;
  readonly #waiting = new Map<string, (at: number) => void>();

  /** @param repository a bare repository whose branches are loose refs without a slash in their names. */
  constructor(repository: string) {
    this.#watcher = watch(join(repository, 'refs/heads'), (_event, name) => {
      if (name === null) return;
      const at = performance.now();
      this.#waiting.get(name)?.(at);
      this.#waiting.delete(name);
    });
  }

  /** Resolves with the time (of performance.now) of the branch's next move. */
  next(branch: string): Promise<number> {
    return new Promise((moved) => this.#waiting.set(branch, moved));
  }

  close(): void {
    this.#watcher.close();
  }
}
