/**
 * A Buildbot for tests: the part of 4.3.0's REST API and event stream that promotion reads, with builds that start and
 * finish when the story says so, and every fault that a master can have. `buildbot-contract.test.ts` holds it to the real
 * one's answers; sources: buildbot/www/rest.py and www/ws.py.
 */
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { entityTypes } from './buildbot-entities.ts';
import { BuildbotModel, type Result, type Source } from './buildbot-model.ts';
import {
  applyQuery,
  InvalidQuery,
  type Json,
  parseQuery,
  type Query,
  type Row,
  select,
} from './buildbot-query.ts';
import { freePort } from './ports.ts';
import { waitUntil } from './wait.ts';

export type RestFault =
  | 'none'
  /** 200 with something that is not JSON. */
  | 'garbage'
  /** 200 with JSON that is not Buildbot's. */
  | 'wrong shape'
  /** What a proxy in front says while Buildbot is away. */
  | 'bad gateway'
  | 'not found'
  | 'internal error'
  /** The request is taken and never answered. */
  | 'hanging';

export type EventFault =
  | 'none'
  /** The socket stays open and nothing more is ever said on it. */
  | 'silent'
  /** The connection is refused with 503. */
  | 'refused'
  /** Commands are answered, and events are lost. */
  | 'lossy';

export interface NewBuild {
  readonly builder: string;
  /** What is checked out. */
  readonly revision: string;
  readonly branch?: string;
  /** The build has somebody's patch on top. */
  readonly patched?: boolean;
  /** Default `now`; `later`: the story calls `model.checkout` itself. */
  readonly checkout?: 'now' | 'later';
}

interface Consumer {
  readonly socket: WebSocket;
  readonly paths: Set<string>;
}

const frame = z.record(z.string(), z.unknown());

export class FakeBuildbot implements AsyncDisposable {
  /** Replaced when the database is. */
  model: BuildbotModel;
  readonly port: number;
  /** How many REST requests there have been so far. */
  requests = 0;
  #clock: () => number;
  readonly #consumers = new Set<Consumer>();
  #rest: RestFault = 'none';
  #events: EventFault = 'none';
  #server: FastifyInstance | undefined;

  private constructor(clock: () => number, port: number) {
    this.#clock = clock;
    this.model = this.#newModel();
    this.port = port;
  }

  /** @param options.clock seconds since 1970; default: the machine's own. */
  static async start(options: { readonly clock?: () => number } = {}): Promise<FakeBuildbot> {
    const fake = new FakeBuildbot(options.clock ?? (() => Date.now() / 1000), await freePort());
    await fake.up();
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** How many event streams are open. */
  get consumers(): number {
    return this.#consumers.size;
  }

  /** Whether somebody waits for the ends of builds, so that none is missed from now on. */
  get isListenedTo(): boolean {
    return [...this.#consumers].some(({ paths }) => paths.has('builds/*/finished'));
  }

  startBuild(build: NewBuild): number {
    const source: Source = {
      branch: build.branch ?? 'master',
      revision: build.revision,
      repository: '',
      patched: build.patched ?? false,
    };
    const buildid = this.model.start(this.model.request(build.builder, source));
    if (build.checkout !== 'later') this.model.checkout(buildid, build.revision);
    return buildid;
  }

  finishBuild(buildid: number, result: Result): void {
    this.model.finish(buildid, result);
  }

  /** Starts and ends a build at once. */
  build(build: NewBuild, result: Result): number {
    const buildid = this.startBuild(build);
    this.finishBuild(buildid, result);
    return buildid;
  }

  /** From now on requests get this. Those that hang stay so. */
  setRestFault(fault: RestFault): void {
    this.#rest = fault;
  }

  setEventFault(fault: EventFault): void {
    this.#events = fault;
    if (fault === 'refused') this.dropSockets();
  }

  dropSockets(): void {
    for (const { socket } of this.#consumers) socket.terminate();
  }

  /** The master is stopped: what ran will be tried again. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    this.dropSockets();
    server.server.closeAllConnections();
    await server.close();
  }

  /**
   * The master is started: builds that ran when it went end as "retry" and are started again (as
   * `_masterDeactivatedHousekeeping` in buildbot/data/masters.py has it). Gives the new build of each such build.
   */
  async up(): Promise<ReadonlyMap<number, number>> {
    const again = new Map<number, number>();
    for (const buildid of this.model.running()) {
      const revision = this.model.properties(buildid).got_revision?.[0];
      this.model.finish(buildid, 'retry');
      const next = this.model.start(this.model.requestOf(buildid));
      if (typeof revision === 'string') this.model.checkout(next, revision);
      again.set(buildid, next);
    }
    await waitUntil(`port ${this.port}`, () => this.#listen());
    return again;
  }

  /** The master is started with a new, empty database, an hour later: a story is told faster than builds begin. */
  async replaceDatabase(builders: readonly string[]): Promise<void> {
    await this.down();
    const clock = this.#clock;
    this.#clock = () => clock() + 3600;
    this.model = this.#newModel();
    for (const builder of builders) this.model.addBuilder(builder);
    await this.up();
  }

  async restart(): Promise<ReadonlyMap<number, number>> {
    await this.down();
    return this.up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  #newModel(): BuildbotModel {
    const model = new BuildbotModel(this.#clock);
    model.listen((key, message) => this.#tell(key, message));
    return model;
  }

  async #listen(): Promise<boolean> {
    const server = Fastify({ forceCloseConnections: true });
    server.get('/*', (request, reply) => this.#answer(new URL(request.url, this.url), reply));
    const sockets = new WebSocketServer({ noServer: true });
    server.server.on('upgrade', (request, socket, head) => {
      if (this.#events === 'refused' || new URL(request.url ?? '', this.url).pathname !== '/ws') {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      } else sockets.handleUpgrade(request, socket, head, (opened) => this.#consume(opened));
    });
    try {
      await server.listen({ port: this.port, host: '127.0.0.1' });
    } catch {
      return false;
    }
    this.#server = server;
    return true;
  }

  #answer(url: URL, reply: FastifyReply): FastifyReply {
    this.requests += 1;
    switch (this.#rest) {
      case 'hanging':
        return reply.hijack();
      case 'garbage':
        return reply.type('application/json').send('{"builds": [{"buildid": 1, "numb');
      case 'wrong shape':
        return reply.send({ builds: [{ buildid: 'one' }], builders: 3, buildrequests: {}, meta: {} });
      case 'bad gateway':
        return reply.code(502).type('text/html').send('<html><h1>502 Bad Gateway</h1></html>');
      case 'not found':
        return reply.code(404).type('text/html').send('<html><h1>404 Not Found</h1></html>');
      case 'internal error':
        return reply.code(500).type('text/plain; charset=utf-8').send('{"error": "OperationalError()"}');
      case 'none':
        break;
    }
    const path = url.pathname.replace(/^\/api\/v2\//, '');
    try {
      const found = this.#find(path, url.searchParams);
      if (found !== undefined) return reply.type('text/plain; charset=utf-8').send(JSON.stringify(found));
      return error(reply, 404, `not found while getting from endpoint for /${path}`);
    } catch (mistake) {
      if (mistake instanceof InvalidQuery) return error(reply, 400, mistake.message);
      if (mistake instanceof InvalidPath) return error(reply, 404, `Invalid path: ${path}`);
      throw mistake;
    }
  }

  #find(path: string, search: URLSearchParams): Json | undefined {
    const [kind = '', id, part, ...rest] = path.split('/');
    const [, type] = Object.entries(entityTypes).find(([name]) => name === kind) ?? [];
    const known = part === undefined || (kind === 'builds' && part === 'properties');
    if (type === undefined || !known || rest.length > 0) throw new InvalidPath(path);
    const rows = this.#rows(kind);
    if (id === undefined) {
      const query = parseQuery(search, type, 'list');
      const page = applyQuery(rows, query, type);
      return { [kind]: page.rows.map((row) => this.#show(kind, row, query)), meta: { total: page.total } };
    }
    const number = /^\d+$/.test(id) ? Number(id) : undefined;
    if (number === undefined && kind !== 'builders' && kind !== 'workers') throw new InvalidPath(path);
    if (part === 'properties') return { properties: [this.model.properties(number ?? 0)], meta: {} };
    const row = number === undefined ? rows.find(({ name }) => name === id) : rows[number - 1];
    const query = parseQuery(search, type, 'one');
    return row === undefined ? undefined : { [kind]: [this.#show(kind, row, query)], meta: {} };
  }

  #rows(kind: string): readonly Row[] {
    const { builders, builds, buildrequests, buildsets, workers } = this.model.rows;
    return { builders, builds, buildrequests, buildsets, workers }[kind] ?? [];
  }

  /** A row as it is answered: a build with the properties that were asked for, and only the fields asked for. */
  #show(kind: string, row: Row, query: Query): Row {
    if (kind !== 'builds') return select(row, query);
    const all = Object.entries(this.model.properties(Number(row.buildid)));
    const wanted = all.filter(([name]) => query.properties.some((given) => given === '*' || given === name));
    return select({ ...row, properties: Object.fromEntries(wanted) }, query);
  }

  #consume(socket: WebSocket): void {
    const consumer: Consumer = { socket, paths: new Set() };
    this.#consumers.add(consumer);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#consumers.delete(consumer));
    socket.on('message', (data) => {
      if (this.#events !== 'silent') socket.send(JSON.stringify(command(consumer, data.toString())));
    });
  }

  #tell(key: string, message: Json): void {
    if (this.#events === 'silent' || this.#events === 'lossy') return;
    for (const { socket, paths } of this.#consumers) {
      for (const path of paths) {
        if (matches(key, path)) socket.send(JSON.stringify({ k: key, m: message }));
      }
    }
  }
}

class InvalidPath extends Error {
  override readonly name = 'InvalidPath';
}

function error(reply: FastifyReply, code: number, words: string): FastifyReply {
  return reply
    .code(code)
    .type('text/plain; charset=utf-8')
    .send(JSON.stringify({ error: words }));
}

/** A `*` in the wanted path stands for any one part. */
function matches(key: string, wanted: string): boolean {
  const parts = key.split('/');
  const asked = wanted.split('/');
  return asked.length === parts.length && asked.every((part, index) => part === '*' || part === parts[index]);
}

/** What is answered to one message of a client. */
function command(consumer: Consumer, text: string): Json {
  const { _id, type, cmd, path } = frame.parse(JSON.parse(text));
  const id = typeof _id === 'string' || typeof _id === 'number' ? _id : null;
  const failed = (words: string, code: number): Json => ({ error: words, code, _id: id });
  if (id === null && (type ?? null) === null) return failed("no '_id' or 'type' in websocket frame", 400);
  if ((cmd ?? null) === null) return { error: "no 'cmd' in websocket frame", code: 400, _id: null };
  if (cmd === 'ping') return { msg: 'pong', code: 200, _id: id };
  if (cmd !== 'startConsuming' && cmd !== 'stopConsuming')
    return failed(`no such command type '${cmd}'`, 404);
  if (typeof path !== 'string') return failed(`invalid path format '${path}'`, 400);
  if (cmd === 'startConsuming') consumer.paths.add(path);
  else if (!consumer.paths.delete(path)) return failed(`path was not consumed '${path}'`, 400);
  return { msg: 'OK', code: 200, _id: id };
}
