/**
 * Reads what the page shows from the running service. What takes a process (commits' subjects) or a request (Buildbot's
 * queue) is waited for only a moment: the page is made of what is there, and made again when the rest has come.
 */
import type { MoveEntry } from '../history.ts';
import type { Looker } from '../looker.ts';
import { doTogether, inTime, missingCommits, type Wanted, type Work } from '../missing-commits.ts';
import type { Pair } from '../pairs.ts';
import type { Service } from '../service.ts';
import type { PairReport, StateReport } from '../state-report.ts';
import { withoutHold } from '../waiting.ts';
import { pageView } from './page-view.ts';
import type { PageView } from './view.ts';

/** How long a page waits for what is missing, in milliseconds. */
const PATIENCE = 150;
/** How old what Buildbot said of its queue may be, in milliseconds. */
const QUEUE_AGE = 5000;
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
    if (waited !== undefined && !(await inTime(waited, PATIENCE)))
      void waited.then((more) => more && this.#onMore());
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
    const mirrorOf = (pair: Pair) => this.#service.mirror(this.#lookers.get(pair.id)?.url ?? '');
    const commits = missingCommits(report, mirrorOf, (pair) =>
      wantedOf(pair, this.#service.history.movesOf(pair.pair.id)),
    );
    const works = [...commits, ...this.#missingQueue(report)];
    if (works.length === 0) return undefined;
    this.#reading = doTogether(works).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** What waits for a worker matters only to those that wait for a build. */
  #missingQueue(report: StateReport): Work[] {
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

/** What the page shows of a pair's commits. */
function wantedOf({ pair, verdict, from, to }: PairReport, moves: readonly MoveEntry[]): Wanted {
  const would = withoutHold(verdict);
  const merges = pair.kind === 'merge' && verdict?.kind !== 'up-to-date' && verdict?.kind !== 'unrelated';
  return {
    commits: [from, to, would?.kind === 'move' ? would.to : undefined, ...moves.map((move) => move.to)],
    count: merges && from !== undefined && to !== undefined ? [[to, from]] : [],
    oldest: [],
  };
}
