/**
 * The promotion service without its surroundings: pipelines, remotes, builds and memory put together, so that the daemon,
 * the one-shot commands and the tests all run the very same thing.
 */
import type { Pipeline } from '@lpbuildbot/pipeline';
import { AskedBuildbot } from './buildbot/asked.ts';
import { buildLinks } from './buildbot/build-links.ts';
import type { BuildEvent } from './buildbot/events.ts';
import { KnownBuilds } from './buildbot/known-builds.ts';
import { createBuildbot } from './buildbot/rest.ts';
import type { Config } from './config.ts';
import { dependentsOf } from './dependents.ts';
import { maintainCopies } from './git/maintain.ts';
import type { Mirror } from './git/mirror.ts';
import type { Reporter } from './github/reporter.ts';
import { readPipelineFiles } from './given-files.ts';
import { Heard } from './heard.ts';
import { History } from './history.ts';
import type { Looker } from './looker.ts';
import { messages } from './messages.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { readFigures } from './metrics/read-figures.ts';
import { newLooker } from './new-looker.ts';
import type { Notifier } from './notify/notifier.ts';
import { openNotifier } from './notify/open.ts';
import { openPairs } from './open-pairs.ts';
import type { Access } from './open-remotes.ts';
import type { Pair, RemotePairs } from './pairs.ts';
import { type AuditEntry, type AuditEvent, AuditLog } from './state/audit.ts';
import { readHolds } from './state/holds.ts';
import { Intents } from './state/intents.ts';
import { Memory } from './state/memory.ts';
import { report, type StateReport } from './state-report.ts';
import type { Surroundings } from './surroundings.ts';
import { Told } from './told.ts';
import { createTurns } from './turns.ts';

/** How many remotes are looked at together, and how long a slow one counts as one of them. */
const PLACES = 6;
const GRACE_MS = 1500;

export class Service {
  readonly config: Config;
  readonly builds: KnownBuilds;
  readonly lookers: readonly Looker[];
  readonly metrics: Metrics;
  readonly history = new History();
  readonly #surroundings: Surroundings;
  /** By URL: how each remote is worked with. */
  readonly #accesses: ReadonlyMap<string, Access>;
  readonly #mirrors: ReadonlyMap<string, Mirror>;
  /** By project. */
  readonly #copies: ReadonlyMap<string, Mirror | undefined>;
  readonly #asked: AskedBuildbot;
  readonly #audit: AuditLog;
  readonly #memory: Memory;
  readonly #intents: Intents;
  readonly #told = new Told();
  readonly #reporters: Reporter[] = [];
  #notifier: Notifier | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #heard: Heard;
  readonly #dependents: ReturnType<typeof dependentsOf>;

  private constructor(
    config: Config,
    pipelines: readonly Pipeline[],
    remotes: readonly RemotePairs[],
    accesses: ReadonlyMap<string, Access>,
    surroundings: Surroundings,
  ) {
    this.config = config;
    this.#surroundings = surroundings;
    this.#accesses = accesses;
    const buildbot = createBuildbot(config.buildbot);
    this.builds = new KnownBuilds(
      buildbot,
      () => {
        this.requestAll();
        this.#notifier?.wake();
      },
      (build) => this.#notifier?.hearOfBuild(build),
    );
    this.#asked = new AskedBuildbot({
      buildbot,
      builds: this.builds,
      log: surroundings.log,
      onFailure: () => this.metrics.failure('buildbot_unreachable'),
    });
    this.#audit = new AuditLog(config.state, surroundings.now);
    this.#memory = new Memory(config.state);
    this.#intents = new Intents(config.state);
    this.#heard = new Heard(surroundings.now);
    const inTurn = createTurns(PLACES, GRACE_MS);
    this.#mirrors = new Map([...accesses].map(([url, { mirror }]) => [url, mirror]));
    this.lookers = remotes.flatMap((remote) => {
      const access = accesses.get(remote.url);
      return access === undefined ? [] : [this.#newLooker(remote, access, inTurn)];
    });
    this.#copies = new Map(
      this.lookers.flatMap(({ url, pairs }) => pairs.map((pair) => [pair.project, this.#mirrors.get(url)])),
    );
    this.metrics = createMetrics({
      mode: config.mode,
      pairs: this.pairs,
      builds: this.builds,
      state: () => this.state(),
      mirrorOf: ({ project }) => this.#copies.get(project),
      figures: () => readFigures(buildbot, this.builds, this.metrics.failure),
      auditWaiting: () => this.#audit.waiting,
    });
    this.#dependents = dependentsOf(this.lookers, pipelines, config.mode);
  }

  /** Throws ConfigError when pipelines, state directory or secrets are not usable. */
  static async open(config: Config, surroundings: Surroundings): Promise<Service> {
    return await Service.of(await readPipelineFiles(config.pipelines), config, surroundings);
  }

  /** The service for pipelines that have been read already. Throws ConfigError as `open` does. */
  static async of(
    pipelines: readonly Pipeline[],
    config: Config,
    surroundings: Surroundings,
  ): Promise<Service> {
    const { remotes, accesses } = await openPairs(pipelines, config, surroundings);
    const service = new Service(config, pipelines, remotes, accesses, surroundings);
    await service.#memory.load();
    await service.#intents.load(surroundings.now());
    const tail = await service.#audit.tail();
    for (const entry of tail) service.#follow(entry);
    service.#notifier = await openNotifier(
      {
        config,
        surroundings,
        pipelines,
        builds: service.builds,
        reports: async () => (await service.state()).projects.flatMap(({ pairs }) => pairs),
        buildLink: buildLinks(config, service.builds),
        mirror: (project) => service.#copies.get(project),
      },
      tail,
    );
    return service;
  }

  get pairs(): Pair[] {
    return this.lookers.flatMap((looker) => looker.pairs);
  }

  /** The copy of the repository at this URL. */
  mirror(url: string): Mirror | undefined {
    return this.#mirrors.get(url);
  }

  /** Calls this whenever something that people can see may have changed, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#notifier?.wake();
    for (const listener of this.#listeners) listener();
  }

  #follow(entry: AuditEntry): void {
    this.#told.follow(entry);
    this.history.follow(entry);
    this.#notifier?.hear(entry);
  }

  /** Reads what is new in Buildbot, then asks for a look at everything. Never rejects. */
  async reconcile(): Promise<void> {
    await this.#asked.refresh();
    this.requestAll();
    for (const entry of await this.#audit.news()) this.#follow(entry);
    this.#changed();
    await this.#audit.flush();
  }

  /** Looks at everything now, and resolves when all of it is done or has failed. */
  async lookNow(): Promise<void> {
    await this.#asked.refresh();
    await Promise.all(this.lookers.map((looker) => looker.lookNow()));
    await Promise.all(this.#reporters.map((reporter) => reporter.settled()));
    await this.#notifier?.settled();
  }

  requestAll(): void {
    for (const looker of this.lookers) looker.request();
  }

  /**
   * A build has begun or ended: reads it, and looks at the pairs that it matters to. Resolves when it is read; throws BuildbotError when it
   * could not be.
   */
  async hear(event: Extract<BuildEvent, { buildid: number }>): Promise<void> {
    if (event.kind === 'finished') this.#heard.hear(event.buildid);
    const reading = this.builds.hear(event.buildid);
    this.expect(event.builderid);
    await reading;
  }

  /** A builder has something to build: looks at the pairs that its branch is part of, since that may just have moved. */
  expect(builderid: number): void {
    const name = this.builds.builderName(builderid);
    const affected = this.#dependents.get(name ?? '');
    if (name === undefined) this.requestAll();
    else affected?.looker.request(affected.ids);
  }

  /** Looks at a promotion now, with what Buildbot and the remote say now; resolves when that is done or has failed. */
  async promoteNow(pair: Pair): Promise<void> {
    await this.#asked.refresh();
    await this.lookerOf(pair)?.lookNow();
  }

  lookerOf(pair: Pair): Looker | undefined {
    return this.lookers.find((candidate) => candidate.pairs.some((other) => other.id === pair.id));
  }

  /** Merges a pair now; resolves when that is done or has failed. */
  async mergeNow(pair: Pair): Promise<void> {
    await this.lookerOf(pair)?.mergeNow(pair.id);
  }

  async tell(event: AuditEvent): Promise<void> {
    if (this.#surroundings.acting === 'look') return;
    const at = new Date(this.#surroundings.now()).toISOString();
    this.#follow({ at, ...event });
    this.#changed();
    this.metrics.count(event);
    this.#surroundings.log.info({ audit: event }, messages.audited(event));
    if (!(await this.#audit.add(event, at))) {
      this.metrics.failure('disk');
      const { state } = this.config;
      this.#surroundings.log.error({ state }, 'the audit log cannot be written; its entries wait');
    }
  }

  /** Why nothing is known of Buildbot's builds at the moment, if so. */
  get buildbotProblem(): string | undefined {
    return this.#asked.problem;
  }

  async state(): Promise<StateReport> {
    return report({
      at: this.#surroundings.now(),
      mode: this.config.mode,
      buildbot: { url: this.config.buildbot, problem: this.#asked.problem },
      news: this.#notifier?.deliveries() ?? [],
      lookers: this.lookers,
      holds: await readHolds(this.config.state),
      lastMove: (pair) => this.#told.lastMove(pair),
    });
  }

  /** How many build requests wait, by builder name; empty when Buildbot can't say. */
  async pendingRequests(): Promise<ReadonlyMap<string, number>> {
    return await this.#asked.pendingRequests();
  }

  /** Lets git tidy its copies up. */
  async maintain(): Promise<void> {
    await maintainCopies(this.#mirrors.values(), this.#surroundings.log);
  }

  /** Ends cleanly: what is being pushed gets `graceMs` to end, what else runs is killed. */
  async stop(graceMs: number): Promise<void> {
    const stopped = Promise.all([...this.lookers, ...this.#reporters].map((worker) => worker.stop()));
    const silent = this.#notifier?.stop();
    const timer = setTimeout(() => {
      for (const { git } of this.#accesses.values()) git.killAll();
    }, graceMs);
    await stopped;
    clearTimeout(timer);
    await silent;
    await this.#audit.flush();
  }

  #newLooker(remote: RemotePairs, access: Access, inTurn: ReturnType<typeof createTurns>): Looker {
    const { looker, reporter } = newLooker(remote, access, {
      config: this.config,
      surroundings: this.#surroundings,
      builds: this.builds,
      buildsProblem: () => this.#asked.problem,
      buildLink: buildLinks(this.config, this.builds),
      heard: this.#heard,
      memory: this.#memory,
      intents: this.#intents,
      told: this.#told,
      tell: (event) => this.tell(event),
      inTurn,
      onChange: () => this.#changed(),
      onFailure: (kind) => this.metrics.failure(kind),
    });
    if (reporter !== undefined) this.#reporters.push(reporter);
    return looker;
  }
}
