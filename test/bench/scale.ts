/**
 * What a crowd costs: one changed pair among many against the same pair alone, and a full look at all of them. Buildbot's
 * answers come from the fake that is held against the real one by contract; git is real.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { FakeBuildbot } from '../support/fake-buildbot.ts';
import type { BareRepository } from '../support/git-repository.ts';
import { GitWorld } from '../support/git-world.ts';
import { waitUntil } from '../support/wait.ts';
import { BenchDaemon } from './daemon.ts';
import { type Figure, median } from './figures.ts';
import { RefWatch } from './moved.ts';

/** How many promotions a cost is the median of. */
const SAMPLES = 21;
const PAIRS = 500;

interface Scene {
  readonly world: GitWorld;
  readonly buildbot: FakeBuildbot;
  readonly daemon: BenchDaemon;
  readonly repository: BareRepository;
  readonly builders: readonly string[];
  /** The branches of the pair that is measured. */
  readonly from: string;
  readonly to: string;
}

interface Cost {
  /** From the end of the last build to the moved branch, in milliseconds. */
  readonly wall: number;
  /** A bare push to the same remote, measured in turn, in milliseconds. */
  readonly push: number;
  /** Of the service and its gits, in milliseconds a promotion. */
  readonly cpu: number;
}

/** How many looks at an unchanged repository a look's cost is the mean of. */
const LOOKS = 10;

export async function scale(say: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  say('one pair alone');
  const alone = await withScene(onePair, cost);
  for (const [where, make] of [
    ['one repository', inOneRepository],
    [`${PAIRS} repositories`, inManyRepositories],
  ] as const) {
    say(`${PAIRS} pairs in ${where}`);
    const crowd = await withScene(make, async (scene) => {
      const full = median([
        await scene.daemon.reconcile(),
        await scene.daemon.reconcile(),
        await scene.daemon.reconcile(),
      ]);
      return { ...(await cost(scene)), full, memory: await scene.daemon.memory() };
    });
    const detail = `${PAIRS} pairs and ${2 * PAIRS} builders in ${where}`;
    figures.push(
      ...costs('one changed pair against alone', crowd, alone, detail),
      { name: 'a full look', value: crowd.full / 1000, unit: 's', limit: 5, detail },
      { name: 'memory after that', value: crowd.memory, unit: 'MB', limit: 250, detail },
    );
  }
  say('a repository of 20,000 commits and 2,000 branches');
  const looked = await withScene(onePair, lookCost);
  const large = await withScene(largeRepository, async (scene) => ({
    look: await lookCost(scene),
    ...(await cost(scene)),
  }));
  const detail = '20,000 commits and 2,000 branches against a small repository';
  figures.push(
    ...costs('a large repository', large, alone, detail),
    ratio('a look at a large repository, processor', large.look, looked, detail),
  );
  return figures;
}

function costs(name: string, here: Cost, alone: Cost, detail: string): Figure[] {
  const beyond = `${(here.wall - here.push).toFixed(1)} and ${(alone.wall - alone.push).toFixed(1)} ms`;
  const pushes = `of it a bare push ${here.push.toFixed(1)} and ${alone.push.toFixed(1)} ms, the rest ${beyond}`;
  return [
    ratio(`${name}, time`, here.wall, alone.wall, `${pushes}; ${detail}`),
    ratio(`${name}, processor`, here.cpu, alone.cpu, detail),
  ];
}

function ratio(name: string, value: number, base: number, detail: string): Figure {
  const figures = `${value.toFixed(1)} and ${base.toFixed(1)} ms`;
  return { name, value: value / base, unit: 'x', limit: 2, detail: `${figures}; ${detail}` };
}

type Maker = (
  world: GitWorld,
  buildbot: FakeBuildbot,
) => Promise<Omit<Scene, 'world' | 'buildbot' | 'daemon'> & { pipelines: string[] }>;

async function withScene<T>(make: Maker, measure: (scene: Scene) => Promise<T>): Promise<T> {
  await using world = await GitWorld.create();
  await using buildbot = await FakeBuildbot.start();
  await mkdir(world.path('pipelines'));
  const { pipelines, ...made } = await make(world, buildbot);
  for (const [index, text] of pipelines.entries())
    await writeFile(world.path('pipelines', `${index}.yaml`), text);
  const daemon = await BenchDaemon.start(world.path(), buildbot.url, [world.path('pipelines')], {
    // A look at everything in the middle of one promotion is measured by itself.
    reconcile: '0 0 1 1 *',
  });
  try {
    await waitUntil('the event stream', () => buildbot.isListenedTo);
    return await measure({ ...made, world, buildbot, daemon });
  } finally {
    await daemon.stop();
  }
}

async function cost(scene: Scene): Promise<Cost> {
  const { repository, buildbot, daemon, builders, from, to } = scene;
  const pusher = await scene.world.clone(repository, 'pusher');
  await daemon.quiet();
  const refs = new RefWatch(repository.path);
  const pushes: number[] = [];
  const walls: number[] = [];
  const cpus: number[] = [];
  try {
    for (let n = 1; n <= SAMPLES; n += 1) {
      const commit = await repository.commit(from, `commit ${n}`);
      const before = await daemon.cpu();
      const moved = refs.next(to);
      const builds = builders.map((builder) =>
        buildbot.startBuild({ builder, revision: commit, branch: from }),
      );
      // The look that a new build asks for is part of what a promotion costs; it is over when the build ends.
      await new Promise((later) => setTimeout(later, 300));
      const began = performance.now();
      for (const build of builds) buildbot.finishBuild(build, 'success');
      walls.push((await moved) - began);
      await new Promise((later) => setTimeout(later, 200));
      cpus.push((await daemon.cpu()) - before);
      await pusher.git(['fetch', '--quiet', repository.path, `refs/heads/${from}`]);
      const pushed = performance.now();
      await pusher.git(['push', '--quiet', repository.path, `${commit}:refs/heads/bare`]);
      pushes.push(performance.now() - pushed);
    }
  } finally {
    refs.close();
  }
  const cpu = cpus.reduce((sum, value) => sum + value, 0) / cpus.length;
  return { wall: median(walls), push: median(pushes), cpu };
}

/** Processor time of the service and its gits for one look at everything while nothing has changed, in milliseconds. */
async function lookCost({ daemon }: Scene): Promise<number> {
  await daemon.quiet();
  const before = await daemon.cpu();
  for (let n = 0; n < LOOKS; n += 1) await daemon.reconcile();
  return ((await daemon.cpu()) - before) / LOOKS;
}

function pipelineText(
  project: string,
  repository: BareRepository,
  pairs: readonly (readonly [string, string])[],
): string {
  const builders = pairs.flatMap(([from]) => buildersOf(project, from).map((name) => [name, from] as const));
  return [
    `project: ${project}`,
    `repository: ${repository.path}`,
    'builders:',
    ...builders.map(([name, branch]) => `  ${name}: { branch: ${branch}, host: true, steps: ["true"] }`),
    'promotions:',
    ...pairs.map(([from, to]) => `  - { from: ${from}, to: ${to} }`),
    '',
  ].join('\n');
}

function buildersOf(project: string, branch: string): string[] {
  return [`${project}-${branch}-one`, `${project}-${branch}-two`];
}

async function pairsIn(repository: BareRepository, buildbot: FakeBuildbot, project: string, count: number) {
  const first = (await repository.tip('master')) ?? (await repository.commit('master', 'first'));
  const pairs: (readonly [string, string])[] = [];
  const lines: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const pair = [`devel-${n}`, `stable-${n}`] as const;
    pairs.push(pair);
    for (const branch of pair) lines.push(`create refs/heads/${branch} ${first}\n`);
    for (const builder of buildersOf(project, pair[0])) buildbot.model.addBuilder(builder);
  }
  await repository.git(['update-ref', '--stdin'], { input: lines.join('') });
  // As on any server that has been up for a while.
  await repository.git(['pack-refs', '--all']);
  return pairs;
}

const measured = { from: 'devel-0', to: 'stable-0' };

async function onePair(world: GitWorld, buildbot: FakeBuildbot) {
  const repository = await world.repository('alone');
  const pairs = await pairsIn(repository, buildbot, 'alone', 1);
  return {
    repository,
    ...measured,
    builders: buildersOf('alone', measured.from),
    pipelines: [pipelineText('alone', repository, pairs)],
  };
}

async function inOneRepository(world: GitWorld, buildbot: FakeBuildbot) {
  const repository = await world.repository('crowd');
  const pairs = await pairsIn(repository, buildbot, 'crowd', PAIRS);
  return {
    repository,
    ...measured,
    builders: buildersOf('crowd', measured.from),
    pipelines: [pipelineText('crowd', repository, pairs)],
  };
}

async function inManyRepositories(world: GitWorld, buildbot: FakeBuildbot) {
  const pipelines: string[] = [];
  let first: BareRepository | undefined;
  for (let n = 0; n < PAIRS; n += 1) {
    const repository = await world.repository(`many-${n}`);
    first ??= repository;
    pipelines.push(
      pipelineText(`many-${n}`, repository, await pairsIn(repository, buildbot, `many-${n}`, 1)),
    );
  }
  if (first === undefined) throw new Error('no repository was made');
  return { repository: first, ...measured, builders: buildersOf('many-0', measured.from), pipelines };
}

async function largeRepository(world: GitWorld, buildbot: FakeBuildbot) {
  const repository = await world.repository('large');
  await repository.growLarge({ commits: 20_000, branches: 2000 });
  const pairs = await pairsIn(repository, buildbot, 'large', 1);
  return {
    repository,
    ...measured,
    builders: buildersOf('large', measured.from),
    pipelines: [pipelineText('large', repository, pairs)],
  };
}
