/**
 * Reads what the page shows from the running service. What takes a process (commits' subjects) or a request (Buildbot's
 * queue) is waited for only a moment: the page is made of what is there, and made again when the rest has come.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import { MirrorError } from '../git/mirror.ts';
import { GitError } from '../git/run.ts';
import type { Looker } from '../looker.ts';
import type { Pair } from '../pairs.ts';
import type { Service } from '../service.ts';
import type { StateReport } from '../state-report.ts';
import { pageView } from './page-view.ts';
import type { PageView } from './view.ts';

/** How long a page waits for what is missing, in milliseconds. */
const PATIENCE = 150;
/** How old what Buildbot said of its queue may be, in milliseconds. */
const QUEUE_AGE = 5000;
/** How many copies are read at the same time. */
const TOGETHER = 4;
/** How many builds of all pairs together the timeline may show. */
const BUILDS = 60;

export class PageSource {
  readonly #service: Service;
  readonly #onMore: () => void;
  readonly #lookers: ReadonlyMap<string, Looker>;
  readonly #builders: ReadonlySet<string>;
  #pending: ReadonlyMap<string, number> = new Map();
  #pendingAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<boolean> | undefined;

  /** @param onMore called when something that was missing has come. */
  constructor(service: Service, onMore: () => void) {
    this.#service = service;
    this.#onMore = onMore;
    this.#lookers = new Map(
      service.lookers.flatMap((looker) => looker.pairs.map((pair) => [pair.id, looker] as const)),
    );
    this.#builders = new Set(
      service.pairs.flatMap((pair) => (pair.kind === 'promotion' ? pair.requires : [])),
    );
  }

  async view(): Promise<PageView> {
    const report = await this.#service.state();
    // What is missing now may be more than what is being read already.
    const waited = this.#reading ?? this.#readMissing(report);
    if (waited !== undefined) {
      const inTime = await Promise.race([waited.then(() => true), after(PATIENCE)]);
      if (!inTime) void waited.then((more) => more && this.#onMore());
    }
    const { builds, history, config } = this.#service;
    const base = config['buildbot-web'] ?? config.buildbot;
    const mirror = (pair: Pair) => this.#service.mirror(this.#lookers.get(pair.id)?.url ?? '');
    return pageView({
      report,
      builds,
      pending: this.#pending,
      facts: (pair, commit) => mirror(pair)?.facts(commit),
      ahead: (pair, into, from) => mirror(pair)?.knownAhead(into, from),
      moves: (pair) => history.movesOf(pair),
      buildUrl: (builder, number) => {
        const builderid = builds.builderId(builder);
        return builderid === undefined ? undefined : `${base}#/builders/${builderid}/builds/${number}`;
      },
      buildbotUrl: base,
      recent: builds.recent(this.#builders, BUILDS),
      entries: history.entries(),
    });
  }

  /** Begins to read what is missing; undefined when nothing is. Resolves with whether there is something new. */
  #readMissing(report: StateReport): Promise<boolean> | undefined {
    const works = [...this.#missingCommits(report), ...this.#missingQueue(report)];
    if (works.length === 0) return undefined;
    this.#reading = together(works).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  #missingCommits(report: StateReport): (() => Promise<boolean>)[] {
    const wanted = new Map<string, { commits: Set<Sha>; ranges: (readonly [Sha, Sha])[] }>();
    for (const { pair, verdict, from, to } of report.projects.flatMap((project) => project.pairs)) {
      const url = this.#lookers.get(pair.id)?.url;
      const mirror = url === undefined ? undefined : this.#service.mirror(url);
      if (url === undefined || mirror === undefined) continue;
      const would = verdict?.kind === 'held' ? verdict.would : verdict;
      const moves = this.#service.history.movesOf(pair.id).map((move) => move.to);
      const commits = [from, to, would?.kind === 'move' ? would.to : undefined, ...moves];
      const missing = wanted.get(url) ?? { commits: new Set(), ranges: [] };
      for (const commit of commits)
        if (commit !== undefined && !mirror.asked(commit)) missing.commits.add(commit);
      const merges = pair.kind === 'merge' && verdict?.kind !== 'up-to-date' && verdict?.kind !== 'unrelated';
      if (merges && from !== undefined && to !== undefined && mirror.knownAhead(to, from) === undefined)
        missing.ranges.push([to, from]);
      if (missing.commits.size + missing.ranges.length > 0) wanted.set(url, missing);
    }
    return [...wanted].map(([url, { commits, ranges }]) => async () => {
      try {
        await this.#service.mirror(url)?.describe([...commits]);
        for (const [into, from] of ranges) await this.#service.mirror(url)?.countAhead(into, from);
        return true;
      } catch (error) {
        // The copy is being mended, or made; the next look says more.
        if (error instanceof GitError || error instanceof MirrorError) return false;
        throw error;
      }
    });
  }

  /** What waits for a worker matters only to those that wait for a build. */
  #missingQueue(report: StateReport): (() => Promise<boolean>)[] {
    const waits = report.projects.some(({ pairs }) =>
      pairs.some(({ verdict }) => verdict?.kind === 'waiting'),
    );
    if (!waits || performance.now() - this.#pendingAt < QUEUE_AGE) return [];
    return [
      async () => {
        this.#pendingAt = performance.now();
        const before = this.#pending;
        this.#pending = await this.#service.pendingRequests();
        return [...this.#pending].join() !== [...before].join();
      },
    ];
  }
}

/** Does these, a few at a time; whether one of them brought something. */
async function together(works: readonly (() => Promise<boolean>)[]): Promise<boolean> {
  const queue = [...works];
  let more = false;
  const one = async () => {
    for (let work = queue.shift(); work !== undefined; work = queue.shift()) if (await work()) more = true;
  };
  await Promise.all(Array.from({ length: TOGETHER }, one));
  return more;
}

async function after(milliseconds: number): Promise<false> {
  return await new Promise((done) => setTimeout(() => done(false), milliseconds).unref());
}
