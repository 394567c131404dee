/** Buildbot as anybody sees it from outside: its events and its REST API. */
import { WebSocket } from 'ws';
import * as z from 'zod';

export interface BuildView {
  readonly builder: string;
  readonly number: number;
  readonly revision: string;
  /** Undefined while it runs. */
  readonly word: string | undefined;
}

const WORDS = [
  'green',
  'green, with warnings',
  'red',
  'skipped',
  'an exception',
  'to be retried',
  'cancelled',
];

const revisionSchema = z.tuple([z.string().nullable(), z.string()]);
const buildSchema = z.object({
  buildid: z.int(),
  number: z.int(),
  builderid: z.int(),
  results: z.int().nullable(),
  properties: z
    .object({ got_revision: revisionSchema.optional(), revision: revisionSchema.optional() })
    .nullish(),
});
const buildsSchema = z.object({ builds: z.array(buildSchema) });
const buildersSchema = z.object({ builders: z.array(z.object({ builderid: z.int(), name: z.string() })) });
const changesSchema = z.object({ changes: z.array(z.object({ revision: z.string().nullable() })) });
const eventSchema = z.object({ k: z.string(), m: z.object({ buildid: z.int() }) });

const QUERY = 'property=got_revision&property=revision';

export class BuildbotView {
  readonly #base: string;
  #builders = new Map<number, string>();
  #socket: WebSocket | undefined;

  /** @param base ends in a slash. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Tells of every build that begins or ends from now on. */
  async watch(onBuild: (build: BuildView) => void): Promise<void> {
    const socket = new WebSocket(`${this.#base.replace(/^http/, 'ws')}ws`);
    this.#socket = socket;
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    // Builds are told of in the order of their events, however long each takes to read.
    let told: Promise<void> = Promise.resolve();
    socket.on('message', (data) => {
      const event = eventSchema.safeParse(JSON.parse(data.toString()));
      if (!event.success) return;
      const { buildid } = event.data.m;
      told = told.then(async () => {
        const { builds } = await this.#get(`builds/${buildid}?${QUERY}`, buildsSchema);
        for (const build of builds) onBuild(await this.#view(build));
      });
      told = told.catch(() => {});
    });
    for (const [id, path] of ['builds/*/new', 'builds/*/finished'].entries()) {
      socket.send(JSON.stringify({ cmd: 'startConsuming', path, _id: id }));
    }
  }

  /** Whether a build of this revision has ended. */
  async hasBuilt(revision: string): Promise<boolean> {
    const { builds } = await this.#get(`builds?complete=true&order=-buildid&limit=50&${QUERY}`, buildsSchema);
    return builds.some((build) => build.properties?.got_revision?.[0] === revision);
  }

  /** Whether the poller has seen this revision. */
  async hasNoticed(revision: string): Promise<boolean> {
    const { changes } = await this.#get('changes?order=-changeid&limit=50', changesSchema);
    return changes.some((change) => change.revision === revision);
  }

  close(): void {
    this.#socket?.terminate();
  }

  async #view(build: z.infer<typeof buildSchema>): Promise<BuildView> {
    const { got_revision: got, revision } = build.properties ?? {};
    return {
      builder: await this.#builder(build.builderid),
      number: build.number,
      revision: got?.[0] ?? revision?.[0] ?? 'the newest',
      word: build.results === null ? undefined : (WORDS[build.results] ?? 'unknown'),
    };
  }

  async #builder(builderid: number): Promise<string> {
    if (!this.#builders.has(builderid)) {
      const { builders } = await this.#get('builders', buildersSchema);
      this.#builders = new Map(builders.map((builder) => [builder.builderid, builder.name]));
    }
    return this.#builders.get(builderid) ?? `builder ${builderid}`;
  }

  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${this.#base}api/v2/${path}`, {
      signal: AbortSignal.timeout(30_000),
      headers: { 'accept-encoding': 'identity' },
    });
    return schema.parse(await response.json());
  }
}
