/** When this process heard of the ends of builds, for how long a promotion took from there. */

/** How many ends are remembered. */
const REMEMBERED = 1000;

export class Heard {
  readonly #now: () => number;
  /** By build id, in milliseconds since the epoch. */
  readonly #times = new Map<number, number>();

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  hear(buildid: number): void {
    this.#times.set(buildid, this.#now());
    const oldest = this.#times.keys().next();
    if (this.#times.size > REMEMBERED && !oldest.done) this.#times.delete(oldest.value);
  }

  /** Milliseconds since the last of these builds' ends was heard of; undefined when none was. */
  since(builds: readonly { readonly buildid: number }[]): number | undefined {
    const times = builds.flatMap((build) => this.#times.get(build.buildid) ?? []);
    return times.length === 0 ? undefined : Math.max(0, this.#now() - Math.max(...times));
  }
}
