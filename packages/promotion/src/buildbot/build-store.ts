/** The builds that are known, in memory, and what the rules ask of them. known-builds.ts reads them from Buildbot. */
import type { Sha } from '@lpbuildbot/pipeline';

/** What a finished build says about its revision. */
export type Colour = 'green' | 'red' | 'neither';

/** Buildbot's result codes by number (buildbot.process.results). */
export const RESULTS = [
  'success',
  'warnings',
  'failure',
  'skipped',
  'exception',
  'retry',
  'cancelled',
] as const;
export type ResultWord = (typeof RESULTS)[number] | 'unknown';

/** One build of one builder, as the rules see it. */
export interface KnownBuild {
  readonly builder: string;
  readonly buildid: number;
  readonly number: number;
  readonly buildrequestid: number;
  readonly revision: Sha | undefined;
  /** Seconds since the epoch. */
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly finishedAt: number | undefined;
  /** Undefined while it runs. */
  readonly result: ResultWord | undefined;
}

/** What the rules may ask. */
export interface Builds {
  /** The newest finished build of exactly this revision that had no patch on top. */
  finished(builder: string, revision: Sha): KnownBuild | undefined;
  /** The newest build of this revision that still runs. */
  running(builder: string, revision: Sha): KnownBuild | undefined;
  /** The newest finished build of any revision that says green or red. */
  last(builder: string): KnownBuild | undefined;
}

/** Buildbot's own schedulers count warnings as success, and so do we. */
export function colour(build: KnownBuild): Colour {
  if (build.result === 'success' || build.result === 'warnings') return 'green';
  return build.result === 'failure' ? 'red' : 'neither';
}

/** How many finished builds of one builder are remembered. */
const PER_BUILDER = 1000;

export class BuildStore implements Builds {
  /** By builder: the builds by id. */
  readonly #finished = new Map<string, Map<number, KnownBuild>>();
  /** By builder and revision: ids of finished builds. */
  readonly #byRevision = new Map<string, number[]>();
  readonly #running = new Map<number, KnownBuild>();
  /** By build request: whether there was a patch on top. */
  readonly #patched = new Map<number, boolean>();

  finished(builder: string, revision: Sha): KnownBuild | undefined {
    let newest: KnownBuild | undefined;
    for (const id of this.#byRevision.get(`${builder} ${revision}`) ?? []) {
      const build = this.#finished.get(builder)?.get(id);
      if (build === undefined || this.#patched.get(build.buildrequestid) === true) continue;
      if (newest === undefined || build.buildid > newest.buildid) newest = build;
    }
    return newest;
  }

  running(builder: string, revision: Sha): KnownBuild | undefined {
    let newest: KnownBuild | undefined;
    for (const build of this.#running.values()) {
      if (build.builder !== builder || build.revision !== revision) continue;
      if (newest === undefined || build.buildid > newest.buildid) newest = build;
    }
    return newest;
  }

  last(builder: string): KnownBuild | undefined {
    let newest: KnownBuild | undefined;
    for (const build of this.#finished.get(builder)?.values() ?? []) {
      if (colour(build) === 'neither' || build.revision === undefined) continue;
      if (this.#patched.get(build.buildrequestid) === true) continue;
      if (newest === undefined || build.buildid > newest.buildid) newest = build;
    }
    return newest;
  }

  /** The newest builds of these builders, those that run included, the one that ended last first. */
  recent(builders: ReadonlySet<string>, limit: number): KnownBuild[] {
    const newest: KnownBuild[] = [];
    const consider = (build: KnownBuild) => {
      if (!builders.has(build.builder) || this.#patched.get(build.buildrequestid) === true) return;
      const last = newest.at(-1);
      if (newest.length >= limit && last !== undefined && endOf(build) <= endOf(last)) return;
      const place = newest.findLastIndex((other) => endOf(other) >= endOf(build));
      newest.splice(place + 1, 0, build);
      if (newest.length > limit) newest.pop();
    };
    for (const build of this.#running.values()) consider(build);
    for (const name of builders)
      for (const build of this.#finished.get(name)?.values() ?? []) consider(build);
    return newest;
  }

  /** Every build that has not finished, as far as it has been heard of. */
  allRunning(): KnownBuild[] {
    return [...this.#running.values()];
  }

  /** Whether it is known that this build had a patch on top, or had none. */
  isSettled({ buildrequestid }: Pick<KnownBuild, 'buildrequestid'>): boolean {
    return this.#patched.has(buildrequestid);
  }

  /** Whether this build is known to have had a patch on top. */
  isPatched({ buildrequestid }: Pick<KnownBuild, 'buildrequestid'>): boolean {
    return this.#patched.get(buildrequestid) === true;
  }

  protected settlePatch(buildrequestid: number, patched: boolean): void {
    this.#patched.set(buildrequestid, patched);
  }

  /** @returns whether it was not known before that this build has ended. */
  protected record(known: KnownBuild): boolean {
    const { builder } = known;
    if (known.result === undefined) {
      if (!this.#finished.get(builder)?.has(known.buildid)) this.#running.set(known.buildid, known);
      return false;
    }
    this.#running.delete(known.buildid);
    const finished = this.#finished.get(builder) ?? new Map<number, KnownBuild>();
    this.#finished.set(builder, finished);
    if (finished.has(known.buildid)) return false;
    finished.set(known.buildid, known);
    if (known.revision !== undefined) {
      const key = `${builder} ${known.revision}`;
      this.#byRevision.set(key, [...(this.#byRevision.get(key) ?? []), known.buildid]);
    }
    if (finished.size > PER_BUILDER) this.#drop(finished);
    return true;
  }

  /** A build that Buildbot does not have any more. */
  protected remove(buildid: number): void {
    this.#running.delete(buildid);
  }

  protected clear(): void {
    this.#finished.clear();
    this.#byRevision.clear();
    this.#running.clear();
    this.#patched.clear();
  }

  /** Forgets the build of a builder that ended first; the one that began first may have ended a moment ago. */
  #drop(finished: Map<number, KnownBuild>): void {
    let oldest: KnownBuild | undefined;
    for (const build of finished.values()) {
      if (oldest === undefined || endOf(build) < endOf(oldest)) oldest = build;
    }
    if (oldest === undefined) return;
    finished.delete(oldest.buildid);
    this.#patched.delete(oldest.buildrequestid);
    const key = `${oldest.builder} ${oldest.revision}`;
    const left = (this.#byRevision.get(key) ?? []).filter((id) => id !== oldest.buildid);
    if (left.length > 0) this.#byRevision.set(key, left);
    else this.#byRevision.delete(key);
  }
}

function endOf(build: KnownBuild): number {
  return build.finishedAt ?? Number.POSITIVE_INFINITY;
}
