/**
 * Buildbot's event stream (`/ws`, https://docs.buildbot.net/4.3.0/developer/www-server.html#websocket). Events are only
 * hints to look: they may be late, doubled or lost. What must not happen is a connection that is open and dead, so a sign
 * of life is asked for, and a connection that gives none is replaced.
 */
import { WebSocket } from 'ws';
import * as z from 'zod';

export type BuildEvent =
  /** A build waits for a worker. */
  | { readonly kind: 'requested'; readonly builderid: number }
  | { readonly kind: 'started'; readonly buildid: number; readonly builderid: number }
  | { readonly kind: 'finished'; readonly buildid: number; readonly builderid: number }
  /** A connection stands; what happened before it did is not known. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly reason: string };

interface EventsOptions {
  /** Buildbot's own URL, ending in a slash. */
  readonly base: string;
  readonly pingMs: number;
  readonly answerMs: number;
  /** The wait before connection attempt n (1, 2, …) after a failure, in milliseconds. */
  readonly delayMs: (attempt: number) => number;
  readonly onEvent: (event: BuildEvent) => void;
}

const message = z.union([
  z.object({ k: z.string().startsWith('buildrequests/'), m: z.object({ builderid: z.int() }) }),
  z.object({ k: z.string(), m: z.object({ buildid: z.int(), builderid: z.int() }) }),
  z.object({ code: z.int(), _id: z.union([z.int(), z.string()]).optional(), msg: z.string().optional() }),
]);

const PATHS = ['buildrequests/*/new', 'builds/*/new', 'builds/*/finished'];

/** Connects, and connects again whenever that ends, until it is closed. */
export function watchEvents(options: EventsOptions): { close(): void } {
  const url = `${options.base.replace(/^http/, 'ws')}ws`;
  let socket: WebSocket | undefined;
  let again: NodeJS.Timeout | undefined;
  let attempt = 0;
  let closed = false;

  function connect(): void {
    const connection = new WebSocket(url, {
      handshakeTimeout: options.answerMs,
      maxPayload: 16 * 1024 * 1024,
    });
    socket = connection;
    let subscribed = 0;
    let ended = false;
    let id = 0;
    let deadline: NodeJS.Timeout | undefined;
    let ping: NodeJS.Timeout | undefined;

    const expectAnswer = () => {
      deadline ??= setTimeout(
        () => end(`no sign of life for ${options.answerMs / 1000} s`),
        options.answerMs,
      );
    };
    const send = (command: object) => {
      id += 1;
      connection.send(JSON.stringify({ ...command, _id: id }));
      expectAnswer();
    };
    const end = (reason: string) => {
      if (ended) return;
      ended = true;
      clearTimeout(deadline);
      clearInterval(ping);
      connection.terminate();
      if (closed) return;
      attempt += 1;
      again = setTimeout(connect, options.delayMs(attempt));
      options.onEvent({ kind: 'disconnected', reason });
    };

    connection.on('open', () => {
      for (const path of PATHS) send({ cmd: 'startConsuming', path });
      ping = setInterval(() => send({ cmd: 'ping' }), options.pingMs);
    });
    connection.on('message', (data) => {
      const parsed = message.safeParse(parse(data.toString()));
      if (!parsed.success) return end('answered something that is not an event');
      if ('code' in parsed.data) {
        // Only an answer to a command of ours proves that the other side still listens.
        clearTimeout(deadline);
        deadline = undefined;
        if (parsed.data.code !== 200) return end(`refused the subscription with ${parsed.data.code}`);
        subscribed += 1;
        if (subscribed === PATHS.length) {
          attempt = 0;
          options.onEvent({ kind: 'connected' });
        }
        return;
      }
      const { k, m } = parsed.data;
      if (!('buildid' in m)) options.onEvent({ kind: 'requested', builderid: m.builderid });
      else if (k.endsWith('/finished')) options.onEvent({ kind: 'finished', ...m });
      else if (k.endsWith('/new')) options.onEvent({ kind: 'started', ...m });
    });
    connection.on('error', (error) => end(error.message));
    connection.on('close', () => end('the connection ended'));
  }

  connect();
  return {
    close() {
      closed = true;
      clearTimeout(again);
      socket?.terminate();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
