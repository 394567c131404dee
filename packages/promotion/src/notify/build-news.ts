/**
 * Which finished builds are news, and when testfix mode begins and ends. Builds are told by their ids and considered once,
 * in the order of their ends; which one counts for the state of a builder is the newest, as for the rules. Pure.
 */
import { colour, type KnownBuild } from '../buildbot/build-store.ts';
import type { BuildFact, Fact } from './facts.ts';
import type { BuilderMemory, NewsMemory } from './memory.ts';
import type { Watch, WatchedBuilder } from './watched.ts';

/** A build that has ended. */
export interface Ended {
  readonly build: KnownBuild;
  /**
   * When its end was heard of as it happened, in milliseconds since the epoch; undefined for what was found later. Buildbot tells
   * whole seconds, and what came of the build within the same second shall be told after it.
   */
  readonly heardAt: number | undefined;
}

/** How many builds of one builder are remembered as told; so many may end between the end of one and hearing of it. */
const REMEMBERED = 30;

/**
 * @param finished builds that ended, known or not, without those that had a patch on top.
 * @returns the same memory when nothing of it has changed.
 */
export function buildNews(
  memory: NewsMemory,
  finished: readonly Ended[],
  watch: Watch,
): { readonly facts: readonly Fact[]; readonly memory: NewsMemory } {
  const story = new Story(memory, watch);
  const ordered = finished.toSorted(
    (a, b) => endOf(a.build) - endOf(b.build) || a.build.buildid - b.build.buildid,
  );
  const news = ordered.filter(({ build }) => !story.takePast(build));
  story.settleTestfix();
  for (const ended of news) story.take(ended);
  return { facts: story.facts, memory: story.memory() };
}

/** Whether a build that ended is yet to be considered. */
export function isNews(memory: NewsMemory, build: KnownBuild, watch: Watch): boolean {
  if (!watch.builders.has(build.builder)) return false;
  const { told, floor } = builderIn(memory, build.builder);
  return endOf(build) > floor && !told.includes(nameOf(build));
}

/** Whether a build says something of its builder that a newer one has not said. */
export function isNewerThanKnown(memory: NewsMemory, build: KnownBuild, watch: Watch): boolean {
  if (!watch.builders.has(build.builder)) return false;
  const known = builderIn(memory, build.builder);
  return withColour(known, build) !== known;
}

function builderIn(memory: NewsMemory, name: string): BuilderMemory {
  // Buildbot tells whole seconds: what ended in the one in which it all began is news.
  return memory.builders[name] ?? { told: [], floor: Math.floor(memory.since / 1000) - 1 };
}

class Story {
  readonly facts: Fact[] = [];
  readonly #before: NewsMemory;
  readonly #watch: Watch;
  readonly #builders = new Map<string, BuilderMemory>();
  readonly #testfix = new Map<string, 'on' | 'off'>();

  constructor(memory: NewsMemory, watch: Watch) {
    this.#before = memory;
    this.#watch = watch;
  }

  /** Takes over how things stood; whether the build is past, or of no interest. */
  takePast(build: KnownBuild): boolean {
    if (isNews(this.#before, build, this.#watch)) return false;
    if (!this.#watch.builders.has(build.builder)) return true;
    const builder = this.#builder(build.builder);
    const next = withColour(builder, build);
    if (next !== builder) this.#builders.set(build.builder, next);
    return true;
  }

  /** A branch whose mode nobody has been told of is taken as it is. */
  settleTestfix(): void {
    for (const { branch, project } of this.#watch.builders.values()) {
      const key = branchKey(project, branch);
      const watched = this.#watch.projects.get(project)?.testfix === true;
      if (watched && this.#mode(key) === undefined)
        this.#testfix.set(key, this.#red(project, branch).length > 0 ? 'on' : 'off');
    }
  }

  take({ build, heardAt }: Ended): void {
    const watched = this.#watch.builders.get(build.builder);
    if (watched === undefined) return;
    const before = this.#builder(build.builder);
    // Heard of twice.
    if (before.told.includes(nameOf(build))) return;
    const after = withColour(before, build);
    this.#builders.set(build.builder, remembering(after, build));
    // A builder that begins green is as everybody expects.
    const becomes =
      before.colour === after.colour || (before.colour === undefined && after.colour === 'green')
        ? undefined
        : after.colour;
    const fact: BuildFact = {
      kind: 'build',
      key: `build ${build.builder} ${nameOf(build)}`,
      project: watched.project,
      branch: watched.branch,
      at: heardAt ?? endOf(build) * 1000,
      build,
      becomes,
    };
    this.facts.push(fact);
    this.#followTestfix(watched, fact);
  }

  #followTestfix({ project, branch }: WatchedBuilder, { at, key }: BuildFact): void {
    if (this.#watch.projects.get(project)?.testfix !== true) return;
    const red = this.#red(project, branch);
    const mode = red.length > 0 ? 'on' : 'off';
    const place = branchKey(project, branch);
    if (this.#mode(place) === mode) return;
    this.#testfix.set(place, mode);
    const kind = mode === 'on' ? 'testfix-begun' : 'testfix-ended';
    this.facts.push({ kind, key: `${kind} ${key}`, project, branch, at, red });
  }

  #red(project: string, branch: string): string[] {
    return [...this.#watch.builders.values()]
      .filter((builder) => builder.project === project && builder.branch === branch)
      .flatMap(({ name }) => {
        const { colour: last, newest } = this.#builder(name);
        return last === 'red' && newest !== undefined ? [`${name} #${newest.number}`] : [];
      });
  }

  #builder(name: string): BuilderMemory {
    return this.#builders.get(name) ?? builderIn(this.#before, name);
  }

  #mode(key: string): 'on' | 'off' | undefined {
    return this.#testfix.get(key) ?? this.#before.testfix[key];
  }

  memory(): NewsMemory {
    if (this.#builders.size + this.#testfix.size === 0) return this.#before;
    return {
      ...this.#before,
      builders: { ...this.#before.builders, ...Object.fromEntries(this.#builders) },
      testfix: { ...this.#before.testfix, ...Object.fromEntries(this.#testfix) },
    };
  }
}

/** What the builder is after this build, unless a newer one has said something already. */
function withColour(before: BuilderMemory, build: KnownBuild): BuilderMemory {
  const said = colour(build);
  // Without a revision it says nothing about the branch.
  if (said === 'neither' || build.revision === undefined) return before;
  const { newest } = before;
  const { buildid, number, startedAt } = build;
  const isNewer =
    newest === undefined ||
    startedAt > newest.startedAt ||
    (startedAt === newest.startedAt && buildid > newest.buildid);
  return isNewer ? { ...before, colour: said, newest: { buildid, number, startedAt } } : before;
}

function remembering(before: BuilderMemory, build: KnownBuild): BuilderMemory {
  const told = [...before.told, nameOf(build)];
  if (told.length <= REMEMBERED) return { ...before, told };
  const [oldest = ''] = told;
  const floor = Math.max(before.floor, Number(oldest.split(' ')[1] ?? 0));
  return { ...before, told: told.slice(1), floor };
}

/** Another database may give the same id again, to a build with another time. */
function nameOf(build: KnownBuild): string {
  return `${build.buildid} ${endOf(build)}`;
}

function endOf(build: KnownBuild): number {
  return build.finishedAt ?? 0;
}

function branchKey(project: string, branch: string): string {
  return `${project}: ${branch}`;
}
