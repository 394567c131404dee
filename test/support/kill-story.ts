/**
 * The story behind "kill -9 at random instants": developers commit, Buildbot builds, other people push and merge by hand,
 * and the promotion service is killed and started again all the while. Afterwards the remote's own records must show
 * that it never did a wrong thing. `npm test` tells it with few kills, `npm run soak` with many.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Sha } from '@lpbuildbot/pipeline';
import type { Result } from './buildbot-model.ts';
import type { BareRepository } from './git-repository.ts';
import { builderOf, type PromotionStage, type Tested } from './promotion-stage.ts';
import { between, type Random, randomFrom } from './random.ts';
import { waitUntil } from './wait.ts';

export interface KillPlan {
  readonly seed: number;
  readonly kills: number;
  /** Told after each kill. */
  readonly onKill?: (kills: number) => void;
}

/** What happened, for the checks and for people. */
export interface KillRecord {
  readonly stage: PromotionStage;
  /** When a revision became green, in milliseconds since 1970, by branch. */
  readonly greenSince: Readonly<Record<Tested, ReadonlyMap<string, number>>>;
  /** What other people moved `stable` to. */
  readonly byHand: ReadonlySet<string>;
  readonly finalTips: Readonly<Record<Tested, Sha>>;
}

/** Results of a first build, each as often as it stands here. */
const outcomes: readonly Result[] = [
  'success',
  'success',
  'success',
  'warnings',
  'failure',
  'failure',
  'retry',
  'exception',
];

/** One telling of the story. The stage is the caller's to dispose of. */
export async function tellKillStory(stage: PromotionStage, plan: KillPlan): Promise<KillRecord> {
  const story = new Story(stage, randomFrom(plan.seed));
  await story.prepare();
  let on = true;
  const going = story.actors().map(async (act) => {
    while (on) await act();
  });
  // A failure of an actor must not wait for the last kill.
  const actors = Promise.all(going);
  actors.catch(() => undefined);
  try {
    await Promise.race([story.killAgainAndAgain(plan), actors]);
  } finally {
    on = false;
    await actors;
  }
  return await story.end();
}

class Story {
  readonly #stage: PromotionStage;
  readonly #random: Random;
  readonly #remote: BareRepository;
  readonly #greenSince = { master: new Map<string, number>(), 'db-devel': new Map<string, number>() };
  readonly #byHand = new Set<string>();
  readonly #building = new Set<Promise<void>>();
  #lines = 0;

  constructor(stage: PromotionStage, random: Random) {
    this.#stage = stage;
    this.#random = random;
    this.#remote = stage.remote;
  }

  async prepare(): Promise<void> {
    // When each push took effect, to the millisecond; and a little time before it in which it can be cut off.
    const hook = 'echo >> begun\nsleep 0.02\necho "$(date +%s%3N) $1 $3" >> pushes';
    await this.#remote.setHook('update', hook);
    const base = await this.#remote.need('master');
    for (const branch of ['master', 'db-devel'] as const) this.#greenSince[branch].set(base, 0);
  }

  /** Each is done again and again while the story goes on. */
  actors(): readonly (() => Promise<void>)[] {
    return [
      () => this.#develop('master', 40, 160),
      () => this.#develop('db-devel', 200, 600),
      () => this.#buildTip('db-devel'),
      () => this.#pushStableByHand(),
      () => this.#mergeByHand(),
      () => this.#disturbBuildbot(),
    ];
  }

  async killAgainAndAgain({ kills, onKill }: KillPlan): Promise<void> {
    for (let kill = 1; kill <= kills; kill += 1) {
      const daemon = await this.#stage.launch();
      await this.#untilTheInstant();
      if (!daemon.running) throw new Error(`the service ended by itself:\n${daemon.output}`);
      const whom = this.#random() < 0.5 ? 'alone' : 'all';
      await daemon.kill9(whom);
      onKill?.(kill);
    }
  }

  /** Some instant while it starts, while it works, or around a push. */
  async #untilTheInstant(): Promise<void> {
    const kind = this.#random();
    if (kind < 0.2) return setTimeout(between(this.#random, 0, 350));
    if (kind < 0.6) return setTimeout(between(this.#random, 300, 1_500));
    const wait = between(this.#random, 0, 60);
    const before = await this.#pushesBegun();
    const latest = performance.now() + 2_500;
    while (performance.now() < latest && (await this.#pushesBegun()) === before) await setTimeout(2);
    await setTimeout(wait);
  }

  async #pushesBegun(): Promise<number> {
    const begun = await stat(join(this.#remote.path, 'begun')).catch(() => undefined);
    return begun?.size ?? 0;
  }

  /** Everything comes to rest, and the service has the last word. */
  async end(): Promise<KillRecord> {
    await Promise.all(this.#building);
    for (const daemon of this.#stage.daemons) await daemon.kill9('all');
    await this.#stage.startListening();
    await this.#settleMerge();
    const tip = await this.#remote.need('db-devel');
    await this.#build('db-devel', tip, ['success'], 0);
    await this.#stage.arrives('db-stable', tip);
    return {
      stage: this.#stage,
      greenSince: this.#greenSince,
      byHand: this.#byHand,
      finalTips: { master: await this.#remote.need('master'), 'db-devel': tip },
    };
  }

  /** Waits until `stable` is at the newest green revision and merged, with a person's help when there is a conflict. */
  async #settleMerge(): Promise<void> {
    const newest = await this.newestGreen();
    await this.#stage.arrives('stable', newest);
    await waitUntil(
      'stable to be in db-devel',
      async () => {
        if (await this.#remote.isAncestor(newest, 'db-devel')) return true;
        await this.#mergeByHand();
        return false;
      },
      { seen: () => this.#stage.log.slice(-4_000) },
    );
  }

  async newestGreen(): Promise<string> {
    const log = await this.#remote.log('master');
    const newest = log.find(({ sha }) => this.#greenSince.master.has(sha));
    if (newest === undefined) throw new Error('nothing is green');
    return newest.sha;
  }

  async #develop(branch: Tested, low: number, high: number): Promise<void> {
    await setTimeout(between(this.#random, low, high));
    this.#lines += 1;
    const message = `Change ${this.#lines} of ${branch}`;
    // Now and then both branches touch the same file, and the merge conflicts.
    const shared = this.#random() < 0.12 ? { files: { 'shared.txt': `${message}\n` } } : {};
    const made = await this.#attempt(() => this.#remote.commit(branch, { message, ...shared }));
    if (made !== undefined && branch === 'master') this.#buildSoon(branch, made);
  }

  /** Buildbot's poller on a branch that is not built commit by commit. */
  async #buildTip(branch: Tested): Promise<void> {
    await setTimeout(between(this.#random, 150, 400));
    const tip = await this.#remote.need(branch);
    if (!this.#greenSince[branch].has(tip)) await this.#build(branch, tip, this.#pickOutcomes(), 60);
  }

  #buildSoon(branch: Tested, revision: Sha): void {
    const wait = between(this.#random, 0, 250);
    const building = setTimeout(wait)
      .then(() => this.#build(branch, revision, this.#pickOutcomes(), 200))
      .finally(() => this.#building.delete(building));
    this.#building.add(building);
  }

  /** A build that says neither yes nor no is followed by one that does. */
  #pickOutcomes(): readonly Result[] {
    const first = outcomes[Math.floor(this.#random() * outcomes.length)] ?? 'success';
    if (first !== 'retry' && first !== 'exception') return [first];
    return [first, this.#random() < 0.6 ? 'success' : 'failure'];
  }

  async #build(branch: Tested, revision: Sha, results: readonly Result[], longest: number): Promise<void> {
    for (const result of results) {
      const { buildbot } = this.#stage;
      const started = buildbot.startBuild({ builder: builderOf[branch], branch, revision });
      await setTimeout(this.#random() * longest);
      // A restart of the master may have ended this one and begun another for the same request.
      const request = buildbot.model.requestOf(started);
      const running = buildbot.model.running().find((id) => buildbot.model.requestOf(id) === request);
      if (running === undefined) throw new Error(`build ${started} is lost`);
      if (result === 'success' || result === 'warnings') {
        const known = this.#greenSince[branch];
        known.set(revision, known.get(revision) ?? Date.now());
      }
      buildbot.finishBuild(running, result);
    }
  }

  /** As the old cron script, or a person in a hurry, would. */
  async #pushStableByHand(): Promise<void> {
    await setTimeout(between(this.#random, 1_500, 5_000));
    const stable = await this.#remote.need('stable');
    const ahead = await this.#remote.log(`${stable}..master`);
    const green = ahead.filter(({ sha }) => this.#greenSince.master.has(sha));
    const chosen = green[Math.floor(this.#random() * green.length)];
    if (chosen === undefined) return;
    await this.#attempt(async () => {
      await this.#remote.git(['update-ref', 'refs/heads/stable', chosen.sha, stable]);
      this.#byHand.add(chosen.sha);
    });
  }

  /** Somebody sees the conflict and merges by hand. */
  async #mergeByHand(): Promise<void> {
    await setTimeout(between(this.#random, 800, 3_000));
    const [stable, devel] = [await this.#remote.need('stable'), await this.#remote.need('db-devel')];
    const clean = await this.#attempt(() => this.#remote.git(['merge-tree', '--write-tree', devel, stable]));
    if (clean !== undefined || (await this.#remote.isAncestor(stable, devel))) return;
    const files = { 'shared.txt': `agreed on by hand ${stable}\n` };
    await this.#attempt(() =>
      this.#remote.commit('db-devel', {
        message: 'Merge stable by hand',
        files,
        onto: devel,
        merges: [stable],
      }),
    );
  }

  async #disturbBuildbot(): Promise<void> {
    await setTimeout(between(this.#random, 1_500, 4_000));
    if (this.#random() < 0.6) this.#stage.buildbot.dropSockets();
    else await this.#stage.buildbot.restart();
  }

  /** What loses a race against another push is not done, as it is for people. */
  async #attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch {
      return undefined;
    }
  }
}
