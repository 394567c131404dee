/**
 * The way to GitHub and Mattermost: what Octokit wants of a fetch, over node:https. Node's own fetch takes no authorities of a
 * site's own (a server of one's own mostly has them) and no proxy from the environment.
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import { bodyOf } from './body.ts';

/** The part of fetch's request that Octokit uses. */
interface FetchRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The part of fetch's answer that Octokit uses. */
interface FetchAnswer {
  readonly status: number;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export type Fetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>;

/** The limit for one answer, in bytes. */
const SIZE = 32 * 1024 * 1024;

/**
 * @param caFile authorities instead of the system's.
 * @param environment where proxies are named, as in `https_proxy`.
 */
export function createFetch(
  caFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Fetch {
  const ca =
    caFile === undefined
      ? [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
      : readFileSync(caFile, 'utf8');
  const options = { keepAlive: true, maxSockets: 4, proxyEnv: { ...environment } };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent({ ...options, ca }) };
  return (url, request) => send(url, request, agents);
}

interface Agents {
  readonly 'http:': HttpAgent;
  readonly 'https:': HttpsAgent;
}

/** Redirects are answers like any other: who has moved must be told to somebody. */
async function send(
  url: string,
  { method, headers, body, signal }: FetchRequest,
  agents: Agents,
): Promise<FetchAnswer> {
  return await new Promise((fulfil, reject) => {
    // An abort's own error would not say of what.
    const failed = (error: unknown) => reject(signal?.aborted ? new Error('no answer in time') : error);
    const receive = (response: IncomingMessage) => {
      bodyOf(response, SIZE).then((body) => fulfil(answer(url, response, body)), failed);
    };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, ...(signal && { signal }) };
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: agents['https:'] }, receive)
      : httpRequest(url, { ...options, agent: agents['http:'] }, receive);
    request.on('error', failed);
    request.end(body);
  });
}

function answer(url: string, response: IncomingMessage, body: Buffer): FetchAnswer {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return {
    status: response.statusCode ?? 0,
    url,
    headers,
    text: async () => body.toString('utf8'),
    arrayBuffer: async () => new Uint8Array(body).buffer,
  };
}
