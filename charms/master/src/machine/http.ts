/** HTTP on this machine, by Node's plain client: `fetch` takes three times as long to load, and every hook asks something. */
import { request } from 'node:http';
import type { Http } from './machine.ts';

const PATIENCE_SECONDS = 5;

export const realHttp: Http = {
  ask: async ({ url, method = 'GET', headers = {}, body, patienceSeconds = PATIENCE_SECONDS }) =>
    await new Promise((fulfil) => {
      const asking = request(
        url,
        { method, headers, timeout: patienceSeconds * 1000, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('error', () => fulfil(undefined));
          response.on('end', () =>
            fulfil({
              status: response.statusCode ?? 0,
              text,
              cookies: (response.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? ''),
            }),
          );
        },
      );
      asking.on('timeout', () => asking.destroy());
      asking.on('error', () => fulfil(undefined));
      asking.end(body);
    }),
};
