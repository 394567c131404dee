/** `npm start`: the main job on this machine, told line by line. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { BuildbotView } from './buildbot-view.ts';
import { demoPipeline } from './demo-project.ts';
import { DemoRepository } from './demo-repository.ts';
import { help, messages } from './messages.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { type LogLine, promotionProgram } from './promotion-process.ts';
import { StartError } from './start-error.ts';
import { tellStory } from './story-teller.ts';
import { checkPorts, type System, startSystem } from './system.ts';

const root = join(import.meta.dirname, '../..');
const kept = join(root, '.lpbuildbot');

const stateSchema = z.object({
  projects: z.array(
    z.object({
      pairs: z.array(
        z.object({
          pair: z.object({ kind: z.string(), to: z.string() }),
          verdict: z.object({ kind: z.string() }).optional(),
        }),
      ),
    }),
  ),
});

async function main(options: Options): Promise<number> {
  const python = process.env.LPBUILDBOT_PYTHON ?? 'python3';
  const state = options.state ?? defaultState(options.pipeline);
  await checkPorts(options.ports);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const repository =
    options.pipeline === undefined ? await DemoRepository.open(join(state, 'demo')) : undefined;
  const pipelineFile = options.pipeline ?? join(state, 'pipeline.yaml');
  if (repository !== undefined) await writeFile(pipelineFile, demoPipeline(repository.url, python));

  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  process.once('SIGTERM', () => ending.abort());
  process.once('SIGHUP', () => ending.abort());

  const system = await startSystem({
    state,
    venvs: join(kept, 'venv'),
    python,
    pipelineFile,
    ports: options.ports,
    say: (sentence) => say('', sentence),
    onPromotion: tellPromotion,
  });
  const buildbot = new BuildbotView(`http://127.0.0.1:${options.ports.web}/`);
  try {
    if (options.pipeline !== undefined)
      say(
        '',
        messages.own(
          pipelineFile,
          system.pipelines.map((p) => p.push),
        ),
      );
    const command = `node_modules/.bin/node ${promotionProgram.slice(root.length + 1)} --config ${system.promotionConfig}`;
    for (const line of messages.addresses(options.ports, system.password, command, state)) say('', line);
    await buildbot.watch(({ builder, number, revision, word }) => {
      const short = revision.slice(0, 7);
      if (word === undefined) say('build', messages.building(builder, number, short));
      else say('build', messages.built(builder, number, short, word));
    });
    return await live(options, system, buildbot, repository, ending);
  } finally {
    if (ending.signal.aborted) say('', messages.stopping);
    process.once('SIGINT', () => process.exit(130));
    buildbot.close();
    await system.stop();
  }
}

/** Lives until the user, the story (with --once) or an accident ends it; gives the exit code. */
async function live(
  options: Options,
  system: System,
  buildbot: BuildbotView,
  repository: DemoRepository | undefined,
  ending: AbortController,
): Promise<number> {
  const { signal } = ending;
  const before = repository === undefined ? undefined : await tips(repository);
  const telling =
    repository === undefined
      ? undefined
      : tellStory({
          repository,
          buildbot,
          hasConflict: async () =>
            (await pairs(options)).some(
              ({ pair, verdict }) =>
                pair.kind === 'merge' && pair.to === 'db-devel' && verdict?.kind === 'conflict',
            ),
          onPush: (branch, revision, subject) =>
            say('push', messages.pushed(branch, revision.slice(0, 7), subject)),
          onWait: (wait) => {
            if (wait.kind === 'noticed') say('wait', messages.waits('master'));
          },
          signal,
        }).then(() => options.once || say('', messages.storyEnds));
  const failed = new Promise<never>(
    (_, fail) => void telling?.catch((error) => signal.aborted || fail(error)),
  );
  const broken = system.broken.then((sentence) => {
    throw new StartError(sentence);
  });
  const ended = new Promise<number>((done) =>
    signal.addEventListener('abort', () => done(options.once ? 130 : 0)),
  );
  const outcomes = [ended, failed, broken];
  if (options.once) outcomes.push(movedAll(options, repository, before, signal));
  try {
    return await Promise.race(outcomes);
  } finally {
    ending.abort();
    await telling?.catch(() => {});
  }
}

/** Resolves with 0 once every branch has moved, or with 1 and why not. */
async function movedAll(
  options: Options,
  repository: DemoRepository | undefined,
  before: ReadonlyMap<string, string> | undefined,
  signal: AbortSignal,
): Promise<number> {
  const deadline = performance.now() + options.timeoutMs;
  while (!signal.aborted) {
    if (repository !== undefined && before !== undefined) {
      const now = await tips(repository);
      if ([...now].every(([branch, tip]) => tip !== before.get(branch))) break;
    } else {
      const promotions = (await pairs(options)).filter((pair) => pair.pair.kind === 'promotion');
      if (promotions.length > 0 && promotions.every((pair) => pair.verdict?.kind === 'up-to-date')) break;
    }
    if (performance.now() > deadline) {
      say('', messages.timedOut(options.timeoutMs / 60_000));
      process.stdout.write(await ask(options, 'api/status.txt'));
      return 1;
    }
    await sleep(200);
  }
  if (!signal.aborted) say('', messages.finished);
  return 0;
}

async function tips(repository: DemoRepository): Promise<ReadonlyMap<string, string>> {
  const branches = ['master', 'stable', 'db-devel', 'db-stable'];
  return new Map(
    await Promise.all(branches.map(async (branch) => [branch, await repository.tip(branch)] as const)),
  );
}

async function pairs(options: Options) {
  const { projects } = stateSchema.parse(JSON.parse(await ask(options, 'api/state')));
  return projects.flatMap((project) => project.pairs);
}

async function ask(options: Options, path: string): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${options.ports.promotion}/${path}`)).text();
}

function tellPromotion(line: LogLine): void {
  if (line.audit !== undefined) say(line.audit.event === 'moved' ? 'move' : line.audit.event, line.msg);
  else say('', line.msg);
}

function say(kind: string, sentence: string): void {
  const [, clock = ''] = new Date().toISOString().split('T');
  process.stdout.write(`${clock.slice(0, 8)}  ${kind.padEnd(8)}  ${sentence}\n`);
}

function defaultState(pipeline: string | undefined): string {
  if (pipeline === undefined) return join(kept, 'local');
  return join(kept, 'pipelines', createHash('sha256').update(pipeline).digest('hex').slice(0, 12));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(help);
  else process.exitCode = await main(options);
} catch (error) {
  if (!(error instanceof StartError || error instanceof UsageError)) throw error;
  process.stderr.write(`lpbuildbot: ${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
