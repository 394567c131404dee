/** Asks the service that runs on this machine, if one does. */
import { readFile } from 'node:fs/promises';
import { type Config, ConfigError } from './config.ts';
import { tokenFile } from './http.ts';
import { messages } from './messages.ts';

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

/** How long the service may take, in milliseconds; a merge may have to fetch first. */
const PATIENCE = 15 * 60_000;

/** The service's answer to a question; undefined when no service is there. */
export async function askDaemon(config: Config, path: string): Promise<Answer | undefined> {
  return await call(config, path, {});
}

/** Has the service change something; undefined when no service is there. */
export async function changeDaemon(config: Config, path: string, body: object): Promise<Answer | undefined> {
  // Without the service there may be no token yet, and none is needed.
  if ((await askDaemon(config, 'healthz')) === undefined) return undefined;
  let token: string;
  try {
    token = (await readFile(tokenFile(config.state), 'utf8')).trim();
  } catch (error) {
    throw new ConfigError(messages.noToken(tokenFile(config.state), error), { cause: error });
  }
  return await call(config, path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function call(config: Config, path: string, init: RequestInit): Promise<Answer | undefined> {
  let response: Response;
  try {
    response = await fetch(`http://${config.http.host}:${config.http.port}/${path}`, {
      ...init,
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return undefined;
  }
  return { ok: response.ok, text: await response.text() };
}
