/**
 * What is known of Buildbot's builds. A finished build never changes, so each is read once; what may change (builds that
 * run) is read again at each refresh. It lives in memory alone: kept on disk it could outlive Buildbot's own database
 * and vouch for a revision that nothing tested.
 */
import { BuildStore, type KnownBuild, RESULTS } from './build-store.ts';
import { type Build, type Buildbot, BuildbotError } from './rest.ts';

/** How many builds are asked for at once. */
const PAGE = 200;
/** How many builds before the last known one are read again: a database may show ids in another order than it gave them. */
const OVERLAP = 20;
/** How far back the history is read after a start, in builds. */
const HISTORY = 50_000;

/** What identifies a build whatever the database: another one gives the same ids to others. */
type Mark = Pick<Build, 'buildid' | 'builderid' | 'startedAt'>;

export class KnownBuilds extends BuildStore {
  readonly #buildbot: Buildbot;
  readonly #onProgress: () => void;
  readonly #onFinished: (build: KnownBuild) => void;
  readonly #outstanding = new Set<Promise<void>>();
  #builders: ReadonlyMap<number, string> = new Map();
  #builderIds: ReadonlyMap<string, number> = new Map();
  /** Every build with a lower id is known, back to where the history has been read. */
  #next: number | undefined;
  /** That it is still there shows that the database is the same. */
  #newest: Mark | undefined;
  #refreshing: Promise<void> | undefined;
  #nextRefresh: Promise<void> | undefined;
  #historyRun = 0;
  #isWhole = false;
  /** How often the database may have become another one, and for how many of these times Buildbot has been read since. */
  #doubts = 0;
  #settledDoubts = 0;
  /** What events named meanwhile: their ids may be of another database than what is known. */
  readonly #heardInDoubt = new Set<number>();

  /**
   * @param onProgress called when a part of the older history has been read.
   * @param onFinished called once for each build that has ended, as soon as it is known, in no order.
   */
  constructor(
    buildbot: Buildbot,
    onProgress: () => void,
    onFinished: (build: KnownBuild) => void = () => {},
  ) {
    super();
    this.#buildbot = buildbot;
    this.#onProgress = onProgress;
    this.#onFinished = onFinished;
  }

  /** Whether everything has been read that Buildbot has, as far back as it is read at all. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The id of a builder, which Buildbot's pages are found by. */
  builderId(name: string): number | undefined {
    return this.#builderIds.get(name);
  }

  /** The name of a builder, if it has been heard of. */
  builderName(builderid: number): string | undefined {
    return this.#builders.get(builderid);
  }

  /** Finds out whether these builds had a patch on top. */
  async settle(builds: readonly KnownBuild[]): Promise<void> {
    const requests = [...new Set(builds.map((build) => build.buildrequestid))];
    for (let start = 0; start < requests.length; start += 4) {
      await Promise.all(requests.slice(start, start + 4).map((request) => this.#learnPatch(request)));
    }
  }

  async #learnPatch(buildrequestid: number): Promise<void> {
    if (this.isSettled({ buildrequestid })) return;
    this.settlePatch(buildrequestid, await this.#buildbot.isPatched(buildrequestid));
  }

  /** Buildbot is or was away, and what comes back may have another database: until the next refresh no event is believed. */
  doubt(): void {
    this.#doubts += 1;
  }

  /**
   * Starts reading one build that an event named; `caughtUp` waits for it. Resolves when it is read, or left to the next refresh; throws
   * BuildbotError when it could not be read, which only a refresh makes good.
   */
  hear(buildid: number): Promise<void> {
    if (this.#doubts > this.#settledDoubts) {
      this.#heardInDoubt.add(buildid);
      return Promise.resolve();
    }
    const reading = this.#read(buildid).finally(() => this.#outstanding.delete(reading));
    // Nobody has to wait for it.
    reading.catch(() => {});
    this.#outstanding.add(reading);
    return reading;
  }

  async #read(buildid: number): Promise<void> {
    const doubts = this.#doubts;
    const build = await this.#buildbot.build(buildid);
    if (doubts !== this.#doubts) {
      this.#heardInDoubt.add(buildid);
      return;
    }
    if (build === undefined) {
      this.remove(buildid);
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
   *
   * One after the other: two at once would each find half of what the other changes. Whoever asks while one runs gets the next one, since
   * they want what has come since it began.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined && this.#nextRefresh === undefined) return this.#beginRefresh();
    this.#nextRefresh ??= this.#afterThis().then(() => {
      this.#nextRefresh = undefined;
      return this.#beginRefresh();
    });
    return this.#nextRefresh;
  }

  async #afterThis(): Promise<void> {
    // Its failure is told to those who asked for it.
    await this.#refreshing?.catch(() => {});
  }

  #beginRefresh(): Promise<void> {
    const refreshing = this.#refreshNow().finally(() => {
      this.#refreshing = undefined;
    });
    this.#refreshing = refreshing;
    return refreshing;
  }

  async #refreshNow(): Promise<void> {
    const doubts = this.#doubts;
    await this.#readAll();
    this.#settledDoubts = Math.max(this.#settledDoubts, doubts);
    if (this.#doubts > this.#settledDoubts) return;
    for (const buildid of this.#heardInDoubt) void this.hear(buildid);
    this.#heardInDoubt.clear();
  }

  async #readAll(): Promise<void> {
    if (this.#next !== undefined && !(await this.#isSameDatabase())) this.#forget();
    if (this.#next === undefined) {
      await this.#readBuilders();
      const page = await this.#buildbot.buildsBefore(undefined, PAGE);
      await this.#take(page);
      this.#next = (page[0]?.buildid ?? 0) + 1;
      this.#isWhole = page.length < PAGE;
      if (!this.#isWhole) void this.#readHistory(page.at(-1)?.buildid ?? 0);
      return;
    }
    await this.#readNew(this.#next);
    const running = await this.#buildbot.running();
    await this.#take(running);
    // What ran before and runs no longer has ended; its event may have been lost.
    const still = new Set(running.map((build) => build.buildid));
    const ended = this.allRunning().filter(({ buildid }) => !still.has(buildid));
    for (const { buildid } of ended) await this.#read(buildid);
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
    const newest = this.#newest;
    if (newest === undefined) return true;
    const build = await this.#buildbot.build(newest.buildid);
    return build?.builderid === newest.builderid && build.startedAt === newest.startedAt;
  }

  #forget(): void {
    this.clear();
    this.#next = undefined;
    this.#newest = undefined;
    this.#historyRun += 1;
    this.#isWhole = false;
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
        if (run !== this.#historyRun) return;
        if (page.length === 0) break;
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
    this.#isWhole = true;
    this.#onProgress();
  }

  async #take(builds: readonly Build[]): Promise<void> {
    if (builds.some((build) => !this.#builders.has(build.builderid))) await this.#readBuilders();
    for (const build of builds) this.#know(build);
  }

  async #readBuilders(): Promise<void> {
    this.#builders = await this.#buildbot.builders();
    this.#builderIds = new Map([...this.#builders].map(([builderid, name]) => [name, builderid]));
  }

  #know(build: Build): void {
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
    if (this.record(known)) this.#onFinished(known);
  }
}
