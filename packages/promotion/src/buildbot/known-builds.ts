/**
 * What is known of Buildbot's builds. A finished build never changes, so each is read once; what may change (builds that
 * run) is read again at each refresh. It lives in memory alone: kept on disk it could outlive Buildbot's own database
 * and vouch for a revision that nothing tested.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import { type Build, type Buildbot, BuildbotError } from './rest.ts';

/** What a finished build says about its revision. */
export type Colour = 'green' | 'red' | 'neither';

/** Buildbot's result codes by number (buildbot.process.results). */
const RESULTS = ['success', 'warnings', 'failure', 'skipped', 'exception', 'retry', 'cancelled'] as const;
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

/** How many builds are asked for at once. */
const PAGE = 200;
/** How many builds before the last known one are read again: a database may show ids in another order than it gave them. */
const OVERLAP = 20;
/** How far back the history is read after a start, in builds. */
const HISTORY = 50_000;
/** How many finished builds of one builder are remembered. */
const PER_BUILDER = 1000;

export class KnownBuilds implements Builds {
  readonly #buildbot: Buildbot;
  readonly #onProgress: () => void;
  /** By builder: the builds by id. */
  readonly #finished = new Map<string, Map<number, KnownBuild>>();
  /** By builder and revision: ids of finished builds. */
  readonly #byRevision = new Map<string, number[]>();
  readonly #running = new Map<number, KnownBuild>();
  readonly #patched = new Map<number, boolean>();
  readonly #outstanding = new Set<Promise<void>>();
  #builders: ReadonlyMap<number, string> = new Map();
  #builderIds: ReadonlyMap<string, number> = new Map();
  /** Every build with a lower id is known, back to where the history has been read. */
  #next: number | undefined;
  #newest: { readonly buildid: number; readonly builderid: number; readonly startedAt: number } | undefined;
  #historyRun = 0;

  /** @param onProgress called when a part of the older history has been read. */
  constructor(buildbot: Buildbot, onProgress: () => void) {
    this.#buildbot = buildbot;
    this.#onProgress = onProgress;
  }

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

  /** The id of a builder, which Buildbot's pages are found by. */
  builderId(name: string): number | undefined {
    return this.#builderIds.get(name);
  }

  /** The name of a builder, if it has been heard of. */
  builderName(builderid: number): string | undefined {
    return this.#builders.get(builderid);
  }

  /** Whether the newest build of this revision is known to have had no patch on top. */
  isSettled(build: KnownBuild): boolean {
    return this.#patched.has(build.buildrequestid);
  }

  /** Finds out whether these builds had a patch on top. */
  async settle(builds: readonly KnownBuild[]): Promise<void> {
    const requests = [...new Set(builds.map((build) => build.buildrequestid))];
    for (let start = 0; start < requests.length; start += 4) {
      await Promise.all(requests.slice(start, start + 4).map((request) => this.#learnPatch(request)));
    }
  }

  async #learnPatch(buildrequestid: number): Promise<void> {
    if (this.#patched.has(buildrequestid)) return;
    this.#patched.set(buildrequestid, await this.#buildbot.isPatched(buildrequestid));
  }

  /** Starts reading one build that an event named; `caughtUp` waits for it. */
  hear(buildid: number): void {
    const reading = this.#read(buildid).finally(() => this.#outstanding.delete(reading));
    // Whoever waits in caughtUp gets the failure; without anyone there, the next refresh reads the build again.
    reading.catch(() => {});
    this.#outstanding.add(reading);
  }

  async #read(buildid: number): Promise<void> {
    const build = await this.#buildbot.build(buildid);
    if (build === undefined) {
      this.#running.delete(buildid);
      return;
    }
    await this.#take([build]);
    // Known before the build ends, so that nothing has to be asked then.
    await this.#learnPatch(build.buildrequestid);
  }

  /** Resolves when all builds that events named so far have been read. Throws BuildbotError when one could not be. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.#outstanding]);
  }

  /**
   * Reads what is new since the last time. The first time, and whenever Buildbot's database is another one than before,
   * it reads the newest page and goes on with the older history by itself.
   */
  async refresh(): Promise<void> {
    if (this.#next !== undefined && !(await this.#isSameDatabase())) this.#forget();
    if (this.#next === undefined) {
      await this.#readBuilders();
      const page = await this.#buildbot.buildsBefore(undefined, PAGE);
      await this.#take(page);
      this.#next = (page[0]?.buildid ?? 0) + 1;
      if (page.length === PAGE) void this.#readHistory(page.at(-1)?.buildid ?? 0);
      return;
    }
    await this.#readNew(this.#next);
    const running = await this.#buildbot.running();
    await this.#take(running);
    // What ran before and runs no longer has ended; its event may have been lost.
    const still = new Set(running.map((build) => build.buildid));
    const ended = [...this.#running.keys()].filter((buildid) => !still.has(buildid));
    for (const buildid of ended) await this.#read(buildid);
  }

  async #readNew(next: number): Promise<void> {
    let first = Math.max(1, next - OVERLAP);
    for (;;) {
      const page = await this.#buildbot.buildsFrom(first, PAGE);
      await this.#take(page);
      first = (page.at(-1)?.buildid ?? first) + 1;
      this.#next = Math.max(next, first);
      if (page.length < PAGE) return;
    }
  }

  async #isSameDatabase(): Promise<boolean> {
    if (this.#newest === undefined) return true;
    const build = await this.#buildbot.build(this.#newest.buildid);
    return build?.builderid === this.#newest.builderid && build.startedAt === this.#newest.startedAt;
  }

  #forget(): void {
    this.#finished.clear();
    this.#byRevision.clear();
    this.#running.clear();
    this.#patched.clear();
    this.#next = undefined;
    this.#newest = undefined;
    this.#historyRun += 1;
  }

  async #readHistory(before: number): Promise<void> {
    this.#historyRun += 1;
    const run = this.#historyRun;
    let lowest = before;
    let read = PAGE;
    while (lowest > 1 && read < HISTORY) {
      let page: Build[];
      try {
        page = await this.#buildbot.buildsBefore(lowest, PAGE);
        if (run !== this.#historyRun || page.length === 0) return;
        await this.#take(page);
      } catch (error) {
        if (!(error instanceof BuildbotError)) throw error;
        // Begun anew by the next refresh, from the newest build on.
        if (run === this.#historyRun) this.#next = undefined;
        return;
      }
      read += page.length;
      lowest = page.at(-1)?.buildid ?? 0;
      this.#onProgress();
    }
  }

  async #take(builds: readonly Build[]): Promise<void> {
    if (builds.some((build) => !this.#builders.has(build.builderid))) await this.#readBuilders();
    for (const build of builds) this.#record(build);
  }

  async #readBuilders(): Promise<void> {
    this.#builders = await this.#buildbot.builders();
    this.#builderIds = new Map([...this.#builders].map(([builderid, name]) => [name, builderid]));
  }

  #record(build: Build): void {
    if (this.#newest === undefined || build.buildid >= this.#newest.buildid) this.#newest = build;
    const builder = this.#builders.get(build.builderid);
    if (builder === undefined) return;
    const known: KnownBuild = {
      builder,
      buildid: build.buildid,
      number: build.number,
      buildrequestid: build.buildrequestid,
      revision: build.revision ?? (build.finishedAt === undefined ? build.asked : undefined),
      startedAt: build.startedAt,
      finishedAt: build.finishedAt,
      result: build.finishedAt === undefined ? undefined : (RESULTS[build.results ?? -1] ?? 'unknown'),
    };
    if (known.result === undefined) {
      if (!this.#finished.get(builder)?.has(known.buildid)) this.#running.set(known.buildid, known);
      return;
    }
    this.#running.delete(known.buildid);
    const finished = this.#finished.get(builder) ?? new Map<number, KnownBuild>();
    this.#finished.set(builder, finished);
    if (finished.has(known.buildid)) return;
    finished.set(known.buildid, known);
    if (known.revision !== undefined) {
      const key = `${builder} ${known.revision}`;
      this.#byRevision.set(key, [...(this.#byRevision.get(key) ?? []), known.buildid]);
    }
    if (finished.size > PER_BUILDER) this.#drop(finished);
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
