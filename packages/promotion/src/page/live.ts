/**
 * The page's stream. Each client has at most one message on its way: what changes meanwhile is put into its next one, so
 * that a slow client is told less often, costs no memory for what it has not read, and never keeps the others waiting.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { assetsVersion } from './assets.ts';
import { page } from './document.ts';
import { pageMessages as messages } from './messages.ts';
import { Snapshot } from './snapshot.ts';
import type { PageView } from './view.ts';

/** How often clients hear something even if nothing changes, in milliseconds; what is told in minutes is then up to date. */
const BEAT = 15_000;
/** How long a client may take to read one message, or to answer a ping, in milliseconds. */
const STALLED = 40_000;
const MOST_CLIENTS = 2000;
/** The least time between two looks at what has changed, in milliseconds. */
const GAP = 40;
/** At most one part in so many of the time is spent with looking. */
const SHARE = 4;
/** How old what a page is made from may be, in milliseconds, when nothing is known to have changed. */
const FRESH = 1000;

interface Client {
  readonly socket: WebSocket;
  epoch: string;
  version: number;
  /** When the message that is on its way was sent; undefined when none is. */
  sentAt: number | undefined;
  heardAt: number;
}

export interface LiveOptions {
  readonly view: () => Promise<PageView>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #snapshot = new Snapshot();
  readonly #clients = new Set<Client>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
    clientTracking: false,
  });
  /** Messages from some version to the newest, which many clients get alike. */
  readonly #messages = new Map<string, Buffer>();
  #view: PageView | undefined;
  #viewedAt = Number.NEGATIVE_INFINITY;
  #cost = 0;
  #stale = true;
  #looking: Promise<PageView> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Something may have changed. Without anyone who watches, nothing is done about it. */
  changed(): void {
    this.#stale = true;
    if (this.#clients.size > 0) this.#lookSoon();
  }

  /** The page as it is now; undefined when it has no such pair. */
  async page(wanted: {
    readonly filter: string;
    readonly only: string | undefined;
  }): Promise<string | undefined> {
    const fresh = !this.#stale && performance.now() - this.#viewedAt < FRESH;
    const view = fresh && this.#view !== undefined ? this.#view : await this.#look();
    const { epoch, version } = this.#snapshot;
    return page(view, {
      epoch,
      version,
      assets: assetsVersion,
      made: (part) => this.#snapshot.made(part),
      ...wanted,
      now: this.#options.now(),
    });
  }

  async view(): Promise<PageView> {
    return await this.#look();
  }

  /** Takes over a connection whose request has been found good. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    from: { epoch: string; version: number },
  ): void {
    if (this.#closed || this.#clients.size >= MOST_CLIENTS) {
      socket.end(`HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n${messages.tooManyWatch}\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#take(accepted, from));
  }

  /** Ends every connection. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    for (const { socket } of this.#clients) socket.terminate();
    this.#clients.clear();
  }

  #take(socket: WebSocket, from: { epoch: string; version: number }): void {
    const client: Client = { socket, ...from, sentAt: undefined, heardAt: performance.now() };
    this.#clients.add(client);
    this.#beat ??= setInterval(() => this.#keepAlive(), BEAT);
    socket.on('pong', () => {
      client.heardAt = performance.now();
    });
    // Nothing is ever asked here; whoever says something is not the page.
    socket.on('message', () => socket.close(1008));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#drop(client));
    // The state as it is at this moment, even if nothing is new: that is how the page learns that it is live.
    this.#look().then(
      () => this.#send(client),
      () => socket.terminate(),
    );
  }

  #drop(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#messages.clear();
  }

  #lookSoon(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const rest = Math.max(GAP, this.#cost * SHARE) - (performance.now() - this.#viewedAt);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#look().catch(this.#options.onError);
      },
      Math.max(0, rest),
    );
  }

  /** Looks at what is to be seen, and tells everybody what is new. Those who ask meanwhile get the same. */
  #look(): Promise<PageView> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
      if (this.#stale && this.#clients.size > 0) this.#lookSoon();
    });
    return this.#looking;
  }

  async #lookNow(): Promise<PageView> {
    this.#stale = false;
    const view = await this.#options.view();
    const began = performance.now();
    const changed = this.#snapshot.update(view);
    if (changed) this.#messages.clear();
    this.#view = view;
    for (const client of this.#clients) {
      if (changed && client.sentAt === undefined) this.#send(client);
    }
    this.#viewedAt = performance.now();
    this.#cost = this.#viewedAt - began;
    return view;
  }

  #send(client: Client): void {
    if (client.sentAt !== undefined || client.socket.readyState !== client.socket.OPEN) return;
    const message = this.#message(client.epoch, client.version);
    client.epoch = this.#snapshot.epoch;
    client.version = this.#snapshot.version;
    client.sentAt = performance.now();
    client.socket.send(message, { binary: false }, (error) => {
      client.sentAt = undefined;
      if (error) client.socket.terminate();
      else if (client.version !== this.#snapshot.version) this.#send(client);
    });
  }

  #message(epoch: string, version: number): Buffer {
    const key = `${epoch} ${version}`;
    const known = this.#messages.get(key);
    if (known !== undefined) return known;
    const message = this.#snapshot.since(epoch, version, this.#options.now(), assetsVersion);
    const made = Buffer.from(JSON.stringify(message));
    // Only what many get alike is worth keeping, and clients can name any version they like.
    if (this.#messages.size < 8) this.#messages.set(key, made);
    return made;
  }

  #keepAlive(): void {
    this.#messages.clear();
    const now = performance.now();
    for (const client of this.#clients) {
      const silent = Math.max(now - client.heardAt, now - (client.sentAt ?? now));
      if (silent > STALLED) client.socket.terminate();
      else client.socket.ping();
    }
    this.#look().then(() => {
      for (const client of this.#clients) this.#send(client);
    }, this.#options.onError);
  }
}
