/** The files of a spec: where Mojo looks for what a phase names, and which stages there are. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const stages = ['devel', 'staging', 'production'] as const;
export type Stage = (typeof stages)[number];

export class Spec {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The stage's own file, or else the one that all stages share; relative to the spec. undefined when neither is there. */
  async find(stage: Stage, name: string): Promise<string | undefined> {
    for (const path of [join(stage, name), name]) {
      if (await this.#has(path)) return path;
    }
    return undefined;
  }

  async read(path: string): Promise<string> {
    return await readFile(this.path(path), 'utf8');
  }

  path(relative: string): string {
    return join(this.directory, relative);
  }

  async #has(path: string): Promise<boolean> {
    return await access(this.path(path)).then(
      () => true,
      () => false,
    );
  }
}
