/** One connection to LXD's REST API: HTTP over the socket that LXD listens on. */
import { existsSync } from 'node:fs';
import type { Agent, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { lxdMessages } from './messages.ts';
import { answerProblem, connectionProblem, LxdError } from './problem.ts';
import { envelopeSchema } from './schemas.ts';

/**
 * Not imported: an import of this module reads each of its exports, and one of them loads a browser's WebSocket and fetch,
 * which costs a start 20 ms and 5 MB.
 */
const http = process.getBuiltinModule('node:http');

export interface Lxd {
  readonly socket: string;
  readonly agent: Agent;
}

const knownSockets = ['/var/snap/lxd/common/lxd/unix.socket', '/var/lib/lxd/unix.socket'];

/** Where LXD is asked to be (`LXD_SOCKET`, `LXD_DIR`), or where the snap and Debian's package have it. Does not connect yet. */
export function openLxd(env: Readonly<Record<string, string | undefined>>): Lxd {
  const named = env.LXD_SOCKET ?? (env.LXD_DIR === undefined ? undefined : `${env.LXD_DIR}/unix.socket`);
  const socket = named ?? knownSockets.find((path) => existsSync(path)) ?? '/var/lib/lxd/unix.socket';
  return { socket, agent: new http.Agent({ keepAlive: true }) };
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  readonly signal?: AbortSignal;
}

/** It is for TLS alone, and without it one is worked out from the host, which costs a start 3 ms. The types do not know of it. */
const noServername: object = { servername: '' };

/** Sends one request. Throws `LxdError` when LXD cannot be reached. */
async function send(lxd: Lxd, method: Method, path: string, sent: Sent = {}): Promise<IncomingMessage> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const { signal, headers, body } = sent;
  const outgoing = http.request({
    socketPath: lxd.socket,
    agent: lxd.agent,
    method,
    path,
    ...noServername,
    headers: { host: 'lxd', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.on('response', answered.resolve);
  outgoing.on('error', (error) => answered.reject(unreachable(lxd, error)));
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) outgoing.end(body);
  else pipeline(body, outgoing).catch(answered.reject);
  return await answered.promise;
}

/** Made once: that takes longer than to use it. */
const buffer = z.instanceof(Buffer);

/** The whole of an answer's body. */
async function bodyOf(lxd: Lxd, answer: IncomingMessage): Promise<Buffer> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(buffer.parse(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    throw unreachable(lxd, error);
  }
}

export interface Answer {
  readonly metadata: unknown;
  /** The path of the operation that goes on, when there is one. */
  readonly operation: string | undefined;
  /** Stands for the state of what was asked for; a change can be made to depend on it (If-Match). */
  readonly etag: string | undefined;
}

/** Asks for something that LXD answers in its envelope; `body` is sent as JSON. Throws `LxdError` with what LXD has against it. */
export async function ask(
  lxd: Lxd,
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return await envelopeOf(lxd, method, path, { ...json, ...(signal === undefined ? {} : { signal }) });
}

/** The same for a body that is not JSON. */
export async function envelopeOf(lxd: Lxd, method: Method, path: string, sent: Sent): Promise<Answer> {
  const what = `${method} ${path}`;
  const answer = await send(lxd, method, path, sent);
  const envelope = parse(envelopeSchema, what, jsonOf(what, await bodyOf(lxd, answer)));
  if (envelope.type === 'error') throw new LxdError(answerProblem(path, envelope.error_code, envelope.error));
  return {
    metadata: envelope.metadata,
    operation: envelope.type === 'async' ? envelope.operation : undefined,
    etag: answer.headers.etag,
  };
}

/** Asks for one thing and takes it apart. */
export async function read<T extends z.ZodType>(lxd: Lxd, path: string, schema: T): Promise<z.output<T>> {
  const { metadata } = await ask(lxd, 'GET', path);
  return parse(schema, `GET ${path}`, metadata);
}

/** The same for something that may not be there. */
export async function readMaybe<T extends z.ZodType>(
  lxd: Lxd,
  path: string,
  schema: T,
): Promise<z.output<T> | undefined> {
  try {
    return await read(lxd, path, schema);
  } catch (error) {
    if (error instanceof LxdError && error.problem.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Takes an answer of LXD apart; one that is not as it should be is told with what was asked. */
export function parse<T extends z.ZodType>(schema: T, what: string, value: unknown): z.output<T> {
  const { data, error } = schema.safeParse(value);
  if (error !== undefined) {
    throw new LxdError({ kind: 'other', why: lxdMessages.badAnswer(what, z.prettifyError(error)) }, error);
  }
  return data;
}

function jsonOf(what: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new LxdError({ kind: 'other', why: lxdMessages.badAnswer(what, 'it is not JSON') }, error);
  }
}

function unreachable(lxd: Lxd, error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError') return error;
  const code = 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT' && !isInstalled()) return new LxdError({ kind: 'not-installed' }, error);
  return new LxdError(connectionProblem(lxd.socket, code, error.message), error);
}

const isInstalled = (): boolean =>
  ['/usr/bin/lxd', '/usr/sbin/lxd', '/usr/local/bin/lxd', '/snap/lxd'].some((path) => existsSync(path));
