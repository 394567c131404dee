/**
 * HTTP on this machine. What every hook asks is a plain GET, and goes by HTTP/1.0 over a socket: the server ends the connection behind
 * its answer (RFC 1945), so that nothing is to be parsed but the status. Node's client, a twentieth of a quiet hook's time, is loaded
 * for everything else.
 */
import { connect } from 'node:net';
import type { Http, HttpAnswer } from './machine.ts';

const PATIENCE_SECONDS = 5;

export const realHttp: Http = {
  ask: async (request) => {
    const { url, method = 'GET', headers = {}, body, patienceSeconds = PATIENCE_SECONDS } = request;
    if (method === 'GET' && body === undefined && Object.keys(headers).length === 0)
      return await get(new URL(url), patienceSeconds);
    const { askFully } = await import('./http-request.ts');
    return await askFully({ url, method, headers, patienceSeconds, ...(body === undefined ? {} : { body }) });
  },
};

type Answer = HttpAnswer | undefined;

async function get({ hostname, port, host, pathname, search }: URL, seconds: number): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const socket = connect({ host: hostname, port: Number(port || 80), timeout: seconds * 1000 });
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.on('timeout', () => socket.destroy());
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(answerOf(text)));
  socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`);
  return await promise;
}

/** An answer that was cut off before its text began is none; what is cut off later is whatever its reader makes of it. */
function answerOf(text: string): Answer {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
  const end = text.indexOf('\r\n\r\n');
  return status === undefined || end < 0
    ? undefined
    : { status: Number(status), text: text.slice(end + 4), cookies: [] };
}
