/**
 * One comparison on real input. The releases of one package are pushed to `master` one by one; `db-devel` gets those of
 * another package beside it, and what promotion merges into it. Then what the stable branches went through is
 * compared with what the revisions' own tests say.
 */
import { writeFile } from 'node:fs/promises';
import type { Sha } from '@lpbuildbot/pipeline';
import type { BareRepository } from '../support/git-repository.ts';
import { GitWorld } from '../support/git-world.ts';
import { waitUntil } from '../support/wait.ts';
import type { Finding } from './comparison.ts';
import type { Corpus, Release } from './corpora.ts';
import { beside, Developer } from './developer.ts';
import { type Built, type Commands, findingsOf } from './evidence.ts';
import { type Line, lines } from './lines.ts';
import { messages } from './messages.ts';
import { outstanding, type View } from './settled.ts';
import { RealSystem } from './system.ts';

/** How long the system may take for one push (two builds, two promotions and a merge), however busy the machine is. */
const stepMilliseconds = 5 * 60_000;

export interface Scenario {
  readonly main: Corpus;
  readonly beside: Corpus;
  /** The file of every release of both. */
  readonly sdistOf: (release: Release) => string;
  /** The interpreter that Buildbot runs in, and the one that the releases' tests run in. */
  readonly buildbotPython: string;
  readonly testPython: string;
  readonly onProgress: (line: string) => void;
  /** Ends everything that runs, and then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Feeds everything in, one push after the other, and gives every comparison. */
export async function runScenario(scenario: Scenario): Promise<readonly Finding[]> {
  await using world = await GitWorld.create();
  const remote = await world.repository('remote');
  const developer = new Developer(await world.repository('developer'), remote, scenario.sdistOf);
  const [first, ...later] = scenario.main.releases;
  if (first === undefined) throw new Error(`${scenario.main.project} has no releases`);
  await developer.begin(
    lines.flatMap(({ dev, stable }) => [dev, stable]),
    first,
  );
  const commands = commandsOf(scenario);
  const { onProgress, signal } = scenario;
  const pipelineFile = world.path('pipeline.yaml');
  await writeFile(pipelineFile, pipelineOf(scenario.main.project, remote.path, commands));
  const built = await feed({ scenario, remote, developer, pipelineFile, later });
  return await findingsOf({
    remote,
    pushed: developer.pushed,
    commands,
    built,
    onProgress,
    signal,
  });
}

function commandsOf({ main, beside: other, testPython }: Scenario): Commands {
  const own = main.command(testPython);
  return { master: [own], 'db-devel': [`cd ${beside} && ${other.command(testPython)}`, own] };
}

/** JSON is YAML. */
function pipelineOf(project: string, repository: string, commands: Commands): string {
  return JSON.stringify({
    project,
    repository,
    poll: '1s',
    testfix: false,
    builders: Object.fromEntries(
      lines.map(({ dev, builder }) => [builder, { branch: dev, host: true, steps: commands[dev] }]),
    ),
    promotions: lines.map(({ dev, stable }) => ({ from: dev, to: stable })),
    merges: [{ from: 'stable', into: 'db-devel', schedule: 'promotion' }],
  });
}

interface Feeding {
  readonly scenario: Scenario;
  readonly remote: BareRepository;
  readonly developer: Developer;
  readonly pipelineFile: string;
  readonly later: readonly Release[];
}

interface Push {
  readonly line: Line;
  readonly release: Release;
  readonly place: 'whole' | 'beside';
}

/** Pushes release by release to a running system, each when the one before has had its consequences. */
async function feed({ scenario, remote, developer, pipelineFile, later }: Feeding): Promise<Built> {
  await using system = await RealSystem.start(remote.world, {
    python: scenario.buildbotPython,
    pipelineFile,
  });
  await settled(system, remote, scenario.signal);
  const pushes = inTurn<Push>(
    later.map((release) => ({ line: lines[0], release, place: 'whole' })),
    scenario.beside.releases.map((release) => ({ line: lines[1], release, place: 'beside' })),
  );
  for (const [index, { line, release, place }] of pushes.entries()) {
    const commit = await developer.push(line.dev, release, place);
    const { built, tips } = await settled(system, remote, scenario.signal);
    const at = tips.get(line.stable);
    const fed = {
      label: developer.pushed.get(commit) ?? commit,
      branch: line.dev,
      built: built.get(line.dev)?.get(commit) ?? 'not built',
      stable: line.stable,
      at: at === undefined ? 'nothing' : await remote.git(['log', '-1', '--format=%s', at]),
    };
    scenario.onProgress(messages.fed(index + 1, pushes.length, fed));
  }
  return (await look(system, remote)).built;
}

async function settled(system: RealSystem, remote: BareRepository, signal?: AbortSignal): Promise<View> {
  let missing: string[] = [];
  return await waitUntil(
    'the system to settle',
    async () => {
      signal?.throwIfAborted();
      const view = await look(system, remote);
      missing = outstanding(view);
      return missing.length === 0 ? view : undefined;
    },
    {
      timeout: stepMilliseconds,
      every: 100,
      seen: () => `${missing.join('\n')}\n${system.log.slice(-2000)}`,
    },
  );
}

async function look(system: RealSystem, remote: BareRepository): Promise<View> {
  const built = new Map<string, ReadonlyMap<Sha, 'green' | 'red'>>();
  for (const { dev, builder } of lines) built.set(dev, await system.built(builder));
  const pairs = await system.pairs();
  // Last: whatever the others were told of before is compared with what is there now.
  return { built, pairs, tips: await remote.branches() };
}

/** What the longer list has more comes first, then one of each in turn, so that both end together. */
function inTurn<T>(first: readonly T[], second: readonly T[]): T[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, index) => index - longest)
    .flatMap((fromEnd) => [first.at(fromEnd), second.at(fromEnd)])
    .filter((item) => item !== undefined);
}
