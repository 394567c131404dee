/**
 * One HTTP GET with a limit on time and size. On node:http rather than fetch, which costs a service that should idle
 * small ten megabytes for itself.
 */
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { bodyOf } from '../body.ts';

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

interface Limits {
  /** For the whole answer, in milliseconds. */
  readonly timeoutMs: number;
  /** In bytes. */
  readonly size: number;
}

const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 8 });
const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 8 });

/** Redirects are answers like any other. Rejects when the connection fails or a limit is reached. */
export async function get(url: string, limits: Limits): Promise<HttpAnswer> {
  return await new Promise((fulfil, reject) => {
    const options = {
      signal: AbortSignal.timeout(limits.timeoutMs),
      headers: { accept: 'application/json' },
    };
    const receive = (response: IncomingMessage) => {
      bodyOf(response, limits.size).then(
        (body) => fulfil({ status: response.statusCode ?? 0, text: body.toString('utf8') }),
        reject,
      );
    };
    const request = url.startsWith('https:')
      ? httpsGet(url, { ...options, agent: httpsAgent }, receive)
      : httpGet(url, { ...options, agent: httpAgent }, receive);
    request.on('error', reject);
  });
}
