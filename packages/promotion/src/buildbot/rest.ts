/**
 * Buildbot's REST API, as far as a promotion needs it: https://docs.buildbot.net/4.3.0/developer/rest.html. Answers are
 * parsed here; what does not look like Buildbot's answer is an error and never half believed.
 */
import { type Sha, shaSchema } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { get } from './get.ts';

/** One build as Buildbot tells it. */
export interface Build {
  readonly buildid: number;
  readonly number: number;
  readonly builderid: number;
  readonly buildrequestid: number;
  readonly startedAt: number;
  /** Seconds since the epoch; undefined while it runs. */
  readonly finishedAt: number | undefined;
  /** Buildbot's result code (buildbot.process.results); undefined while it runs. */
  readonly results: number | undefined;
  /** The commit that was checked out; undefined when no checkout has happened yet or ever. */
  readonly revision: Sha | undefined;
  /** The commit that was asked for, known from the start; undefined for "the newest". */
  readonly asked: Sha | undefined;
}

export interface Buildbot {
  builders(): Promise<ReadonlyMap<number, string>>;
  build(buildid: number): Promise<Build | undefined>;
  /** Builds with an id of at least `first`, oldest first. */
  buildsFrom(first: number, limit: number): Promise<Build[]>;
  /** Builds with an id below `before`, or the newest ones of all, newest first. */
  buildsBefore(before: number | undefined, limit: number): Promise<Build[]>;
  /** Every build that has not finished. */
  running(): Promise<Build[]>;
  /** Whether the build had somebody's patch on top of its revision (`buildbot try`). */
  isPatched(buildrequestid: number): Promise<boolean>;
  /** The build requests that wait for a worker. */
  pendingRequests(): Promise<readonly PendingRequest[]>;
  /** Every worker that the configuration has, or once had. */
  workers(): Promise<readonly Worker[]>;
}

export interface PendingRequest {
  readonly builderid: number;
  /** Seconds since the epoch. */
  readonly submittedAt: number;
}

/** A worker as the master sees it. */
export interface Worker {
  readonly name: string;
  /**
   * `paused`: somebody has paused it, or it was given up on for a while. `draining`: it finishes its builds and leaves.
   * Neither gets new builds.
   */
  readonly state: 'available' | 'paused' | 'draining' | 'disconnected';
  /** The builders that may use it; none when the configuration has it no more. */
  readonly builderids: readonly number[];
}

/** Buildbot could not be reached, or what answered was not Buildbot's answer. */
export class BuildbotError extends Error {
  override readonly name = 'BuildbotError';
  readonly url: string;

  constructor(url: string, detail: string, options?: ErrorOptions) {
    super(`${url}: ${detail}`, options);
    this.url = url;
  }
}

const property = z.tuple([z.unknown(), z.string()]);

const buildSchema = z
  .object({
    buildid: z.int(),
    number: z.int(),
    builderid: z.int(),
    buildrequestid: z.int(),
    started_at: z.number(),
    complete_at: z.number().nullable(),
    complete: z.boolean(),
    results: z.int().nullable(),
    properties: z.object({ got_revision: property.optional(), revision: property.optional() }).nullish(),
  })
  .transform(
    (build): Build => ({
      buildid: build.buildid,
      number: build.number,
      builderid: build.builderid,
      buildrequestid: build.buildrequestid,
      startedAt: build.started_at,
      finishedAt: build.complete ? (build.complete_at ?? undefined) : undefined,
      results: build.complete ? (build.results ?? undefined) : undefined,
      revision: shaSchema.safeParse(build.properties?.got_revision?.[0]).data,
      asked: shaSchema.safeParse(build.properties?.revision?.[0]).data,
    }),
  );

const buildsSchema = z.object({ builds: buildSchema.array() });
const buildersSchema = z.object({ builders: z.array(z.object({ builderid: z.int(), name: z.string() })) });
const requestsSchema = z.object({
  buildrequests: z.array(z.object({ buildsetid: z.int(), builderid: z.int(), submitted_at: z.number() })),
});
const workersSchema = z.object({
  workers: z.array(
    z.object({
      name: z.string(),
      connected_to: z.array(z.unknown()),
      configured_on: z.array(z.object({ builderid: z.int() })),
      paused: z.boolean(),
      graceful: z.boolean(),
    }),
  ),
});
const notFoundSchema = z.object({ error: z.string() });
const buildsetsSchema = z.object({
  buildsets: z.array(z.object({ sourcestamps: z.array(z.object({ patch: z.unknown() })) })),
});

/** The properties that are asked for with each build; two are less work for the master than all. */
const PROPERTIES = 'property=got_revision&property=revision';

/** The largest answer that is read, in bytes. */
const ANSWER_LIMIT = 64 * 1024 * 1024;

/** @param base Buildbot's own URL, ending in a slash. */
export function createBuildbot(base: string, timeoutMs = 30_000): Buildbot {
  /** The answer, or undefined when Buildbot itself says that there is no such thing. */
  async function find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const url = `${base}api/v2/${path}`;
    let answered: Awaited<ReturnType<typeof get>>;
    try {
      answered = await get(url, { timeoutMs, size: ANSWER_LIMIT });
    } catch (error) {
      throw new BuildbotError(url, failure(error, timeoutMs), { cause: error });
    }
    const { status, text } = answered;
    const json = z.string().transform(parseJson);
    // Anybody can say 404; Buildbot says it in JSON.
    if (status === 404 && json.pipe(notFoundSchema).safeParse(text).success) return undefined;
    if (status !== 200) throw new BuildbotError(url, `answered ${status}`);
    const answer = json.pipe(schema).safeParse(text);
    if (!answer.success)
      throw new BuildbotError(url, `not Buildbot's answer: ${z.prettifyError(answer.error)}`);
    return answer.data;
  }

  async function need<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const answer = await find(path, schema);
    if (answer === undefined) throw new BuildbotError(`${base}api/v2/${path}`, 'is not there');
    return answer;
  }

  return {
    async builders() {
      const answer = await need('builders?field=builderid&field=name', buildersSchema);
      return new Map(answer.builders.map((builder) => [builder.builderid, builder.name]));
    },
    async build(buildid) {
      const answer = await find(`builds/${buildid}?${PROPERTIES}`, buildsSchema);
      return answer?.builds[0];
    },
    async buildsFrom(first, limit) {
      const query = `builds?buildid__ge=${first}&order=buildid&limit=${limit}&${PROPERTIES}`;
      return (await need(query, buildsSchema)).builds;
    },
    async buildsBefore(before, limit) {
      const below = before === undefined ? '' : `buildid__lt=${before}&`;
      const query = `builds?${below}order=-buildid&limit=${limit}&${PROPERTIES}`;
      return (await need(query, buildsSchema)).builds;
    },
    async running() {
      return (await need(`builds?complete=false&${PROPERTIES}`, buildsSchema)).builds;
    },
    async isPatched(buildrequestid) {
      const { buildrequests } = await need(`buildrequests/${buildrequestid}`, requestsSchema);
      const [request] = buildrequests;
      if (request === undefined) throw new BuildbotError(base, `has no build request ${buildrequestid}`);
      const { buildsets } = await need(`buildsets/${request.buildsetid}`, buildsetsSchema);
      const sourcestamps = buildsets.flatMap((buildset) => buildset.sourcestamps);
      return sourcestamps.some((sourcestamp) => (sourcestamp.patch ?? null) !== null);
    },
    async pendingRequests() {
      const answer = await need('buildrequests?complete=false&claimed=false', requestsSchema);
      return answer.buildrequests.map((request) => ({
        builderid: request.builderid,
        submittedAt: request.submitted_at,
      }));
    },
    async workers() {
      const fields = ['name', 'connected_to', 'configured_on', 'paused', 'graceful'];
      const answer = await need(
        `workers?${fields.map((field) => `field=${field}`).join('&')}`,
        workersSchema,
      );
      return answer.workers.map((worker) => ({
        name: worker.name,
        state:
          worker.connected_to.length === 0
            ? 'disconnected'
            : worker.graceful
              ? 'draining'
              : worker.paused
                ? 'paused'
                : 'available',
        builderids: [...new Set(worker.configured_on.map(({ builderid }) => builderid))],
      }));
    },
  };
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: `not JSON: ${text.slice(0, 60)}` });
    return z.NEVER;
  }
}

function failure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AbortError' ? `no answer within ${timeoutMs / 1000} s` : error.message;
}
