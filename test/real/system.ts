/**
 * The whole system as it runs on one machine: a real Buildbot master with a worker, and the promotion service as a
 * process of its own, all on one repository. What is asked of it is what anyone can ask: refs, REST, `/api/state`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configureMaster, createWorker, startMaster, startWorker } from '@lpbuildbot/buildbot';
import { compile, formatMistakes, loadPipelines, type Sha, shaSchema } from '@lpbuildbot/pipeline';
import { z } from 'zod';
import type { GitWorld } from '../support/git-world.ts';
import { freePort } from '../support/ports.ts';
import { Child } from '../support/processes.ts';

const promotionProgram = join(import.meta.dirname, '../../packages/promotion/src/main.ts');

/** Buildbot's numbers for results (`buildbot/process/results.py`): success and warnings are green. */
const green = [0, 1];
const red = 2;

const buildsSchema = z.object({
  builds: z.array(
    z.object({
      buildid: z.int(),
      results: z.int(),
      properties: z.object({ got_revision: z.tuple([z.string(), z.string()]).optional() }),
    }),
  ),
});

const stateSchema = z.object({
  projects: z.array(
    z.object({
      pairs: z.array(
        z.object({
          pair: z.object({ kind: z.string(), from: z.string(), to: z.string() }),
          from: z.string().optional(),
          to: z.string().optional(),
          verdict: z
            .object({
              kind: z.string(),
              candidate: z.string().optional(),
              blockers: z.array(z.object({ state: z.string() })).optional(),
            })
            .optional(),
        }),
      ),
    }),
  ),
});
/** What promotion says of a pair of branches. */
export type PairView = z.infer<typeof stateSchema>['projects'][number]['pairs'][number];

export interface SystemOptions {
  /** The interpreter of the environment that Buildbot runs in. */
  readonly python: string;
  readonly pipelineFile: string;
}

export class RealSystem implements AsyncDisposable {
  readonly #buildbotUrl: string;
  readonly #promotionUrl: string;
  readonly #promotion: Child;
  readonly #stops: readonly (() => Promise<unknown>)[];

  private constructor(
    urls: { buildbot: string; promotion: string },
    promotion: Child,
    stops: readonly (() => Promise<unknown>)[],
  ) {
    this.#buildbotUrl = urls.buildbot;
    this.#promotionUrl = urls.promotion;
    this.#promotion = promotion;
    this.#stops = stops;
  }

  /** Starts everything in the world's directory; throws when something does not start, and leaves nothing running then. */
  static async start(world: GitWorld, options: SystemOptions): Promise<RealSystem> {
    const stops: (() => Promise<unknown>)[] = [];
    try {
      const buildbot = await startBuildbot(world, options, stops);
      const port = await freePort();
      const promotion = await startPromotion(world, options, buildbot, port);
      stops.push(() => promotion[Symbol.asyncDispose]());
      stops.push(() => promotion.stop());
      return new RealSystem({ buildbot, promotion: `http://127.0.0.1:${port}/` }, promotion, stops);
    } catch (error) {
      await stopAll(stops);
      throw error;
    }
  }

  /** What each revision's newest finished build in a builder came to; those that are neither green nor red are left out. */
  async built(builder: string): Promise<ReadonlyMap<Sha, 'green' | 'red'>> {
    const query =
      'complete=true&property=got_revision&order=buildid&field=buildid&field=complete&field=results&field=properties';
    const { builds } = await read(
      `${this.#buildbotUrl}api/v2/builders/${builder}/builds?${query}`,
      buildsSchema,
    );
    const colours = new Map<Sha, 'green' | 'red'>();
    for (const { results, properties } of builds) {
      if (properties.got_revision === undefined) continue;
      const revision = shaSchema.parse(properties.got_revision[0]);
      if (green.includes(results)) colours.set(revision, 'green');
      else if (results === red) colours.set(revision, 'red');
    }
    return colours;
  }

  /** What promotion says of every pair. */
  async pairs(): Promise<readonly PairView[]> {
    const { projects } = await read(`${this.#promotionUrl}api/state`, stateSchema);
    return projects.flatMap(({ pairs }) => pairs);
  }

  /** What promotion has logged, for error messages. */
  get log(): string {
    return this.#promotion.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopAll(this.#stops);
  }
}

/** What was started last is stopped first. */
async function stopAll(stops: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const stop of stops.toReversed()) await stop();
}

/** Starts a master and a worker, and gives the master's address. */
async function startBuildbot(
  world: GitWorld,
  { python, pipelineFile }: SystemOptions,
  stops: (() => Promise<unknown>)[],
): Promise<string> {
  const web = await freePort();
  const workers = await freePort();
  const url = `http://127.0.0.1:${web}/`;
  const account = { name: 'worker-1', password: 'only on this machine' };
  const directory = world.path('master');
  const configured = await configureMaster({
    python,
    directory,
    pipeline: await compiled(pipelineFile),
    site: {
      title: 'Real input',
      url,
      web: { host: '127.0.0.1', port: web },
      workers: { host: '127.0.0.1', port: workers },
      loginsFile: world.path('logins'),
      logRetentionDays: 1,
    },
    workers: [{ ...account, images: [], capacity: 2 }],
  });
  if (configured.kind === 'refused') throw new Error(configured.reason);
  const outcome = await startMaster({ python, directory });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  stops.push(() => outcome.master.stop('now'));
  const workerDirectory = world.path('worker');
  await createWorker({ ...account, directory: workerDirectory, host: '127.0.0.1', port: workers });
  const worker = await startWorker({ python, directory: workerDirectory });
  stops.push(() => worker.stop('now'));
  return url;
}

async function compiled(pipelineFile: string): Promise<unknown> {
  const reading = await loadPipelines([pipelineFile]);
  if (reading.kind === 'refused') throw new Error(formatMistakes(reading.mistakes));
  return compile(reading.pipelines);
}

async function startPromotion(
  world: GitWorld,
  { pipelineFile }: SystemOptions,
  buildbot: string,
  port: number,
): Promise<Child> {
  const config = world.path('promotion.yaml');
  const settings = { pipelines: [pipelineFile], buildbot, state: 'promotion-state', http: { port } };
  // JSON is YAML.
  await writeFile(config, JSON.stringify(settings));
  const program = ['--disable-warning=ExperimentalWarning', promotionProgram, '-c', config, 'run'];
  const child = await Child.start(process.execPath, program);
  try {
    await child.waitFor(/lpbuildbot-promotion serves/);
    return child;
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  // Not compressed: Buildbot has once begun an answer as gzip and gone on in plain text.
  const response = await fetch(url, { headers: { connection: 'close', 'accept-encoding': 'identity' } });
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${await response.text()}`);
  return schema.parse(await response.json());
}
