/**
 * A GitHub for tests, as a GitHub Enterprise Server has it: git over https and the API below `/api/v3` on one host, over
 * real repositories, with state and every fault. Each request and each answer is held against GitHub's own description;
 * whoever disposes of the server learns what did not fit.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { basename } from 'node:path';
import { FaultProxy } from './fault-proxy.ts';
import type { BareRepository } from './git-repository.ts';
import type { GitServer } from './git-servers.ts';
import type { GitWorld } from './git-world.ts';
import { appId, GithubAccounts, installationId } from './github-accounts.ts';
import { type ApiAnswer, error, GithubApi } from './github-api.ts';
import { GithubDescription, type Route } from './github-description.ts';
import { GithubFaults, type GithubRequest } from './github-faults.ts';
import { close, makeCertificates, runBackend } from './https-server.ts';
import { freePort, listen } from './ports.ts';

const owner = 'lpb';
const prefix = '/api/v3';

export interface GithubServer extends GitServer {
  readonly transport: 'github';
  readonly accounts: GithubAccounts;
  readonly faults: GithubFaults;
  /** Every request to the API so far. */
  readonly requests: readonly GithubRequest[];
  /** What the API has of a repository. */
  api(repository: BareRepository): GithubApi;
}

export async function githubServer(world: GitWorld): Promise<GithubServer> {
  const directory = world.path('github');
  await mkdir(directory, { mode: 0o700 });
  const file = (name: string): string => `${directory}/${name}`;
  await makeCertificates(directory);
  const accounts = new GithubAccounts();
  await writeFile(file('token'), `${accounts.token}\n`, { mode: 0o600 });
  await writeFile(file('app.pem'), accounts.appKey, { mode: 0o600 });

  const fake = new Fake(world, accounts);
  const keys = { key: await readFile(file('server.key')), cert: await readFile(file('server.pem')) };
  const server = createServer(keys, (request, response) => void fake.receive(request, response));
  const port = await freePort();
  if ((await listen(server, port)) === 'in use') throw new Error(`port ${port} was taken`);
  const proxy = await FaultProxy.before(port);
  return {
    transport: 'github',
    credentials: {
      kind: 'github',
      host: `127.0.0.1:${proxy.port}`,
      tokenFile: file('token'),
      app: { id: appId, keyFile: file('app.pem') },
      caFile: file('ca.pem'),
    },
    secrets: [accounts.token, Buffer.from(`x-access-token:${accounts.token}`).toString('base64')],
    proxy,
    accounts,
    faults: fake.faults,
    requests: fake.requests,
    api: (repository) => fake.api(repository),
    url: (repository) => {
      fake.api(repository);
      return `https://127.0.0.1:${proxy.port}/${owner}/${basename(repository.path)}`;
    },
    set: (fault) => proxy.set(fault),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await close(server);
      if (fake.mistakes.size > 0) {
        throw new Error(`not as GitHub describes it:\n${[...fake.mistakes].join('\n')}`);
      }
    },
  };
}

class Fake {
  readonly faults = new GithubFaults();
  readonly requests: GithubRequest[] = [];
  readonly mistakes = new Set<string>();
  readonly #world: GitWorld;
  readonly #accounts: GithubAccounts;
  readonly #description = GithubDescription.load();
  readonly #apis = new Map<string, GithubApi>();

  constructor(world: GitWorld, accounts: GithubAccounts) {
    this.#world = world;
    this.#accounts = accounts;
  }

  api(repository: BareRepository): GithubApi {
    const name = basename(repository.path, '.git');
    const api = this.#apis.get(name) ?? new GithubApi(repository);
    this.#apis.set(name, api);
    return api;
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'https://127.0.0.1');
      if (url.pathname.startsWith(`${prefix}/`)) await this.#answerApi(url, request, response);
      else this.#answerGit(url, request, response);
    } catch (failure) {
      this.mistakes.add(failure instanceof Error ? (failure.stack ?? failure.message) : String(failure));
      response.destroy();
    }
  }

  #answerGit(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (this.#accounts.identify(request.headers.authorization ?? '') !== 'account') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end('who are you?\n');
      return;
    }
    runBackend(this.#world, request, response, new URL(url.href.replace(`/${owner}/`, '/')));
  }

  async #answerApi(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url.pathname.slice(prefix.length);
    const text = await textOf(request);
    const asked: GithubRequest = {
      method: request.method ?? 'GET',
      path: decodeURIComponent(path),
      body: text === '' ? undefined : JSON.parse(text),
      conditional: request.headers['if-none-match'] !== undefined,
    };
    this.requests.push(asked);
    const fault = this.faults.next(asked);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'first') await fault.act();
    const answer =
      fault?.kind === 'answer'
        ? error(fault.status, fault.message ?? 'trouble')
        : await this.#authorized(request, path, url.searchParams, asked);
    if (fault?.kind === 'done, then') {
      if (fault.status === 'hang') return;
      if (fault.status === 'cut') response.destroy();
      else this.#send(asked, response, error(fault.status, 'Server Error'), undefined);
      return;
    }
    const headers = fault?.kind === 'answer' ? fault.headers : undefined;
    this.#send(asked, response, answer, request.headers['if-none-match'], headers);
  }

  async #authorized(
    request: IncomingMessage,
    path: string,
    query: URLSearchParams,
    { method, body }: GithubRequest,
  ): Promise<ApiAnswer> {
    const who = this.#accounts.identify(request.headers.authorization ?? '');
    const route = this.#description.route(method, path);
    if (who === 'nobody') return error(401, 'Bad credentials');
    if (route === undefined) {
      this.mistakes.add(`${method} ${path}: GitHub has no such operation`);
      return error(404, 'Not Found');
    }
    const wrong = this.#description.requestMistakes(route, query, body);
    for (const mistake of wrong) this.mistakes.add(`${method} ${path}: ${mistake}`);
    if (!this.#accounts.mayAsk) return error(403, 'API rate limit exceeded for user ID 1.');
    const answer = who === 'app' ? this.#asApp(route) : await this.#asAccount(route, query, body);
    const odd = this.#description.responseMistakes(route, answer.status, answer.body);
    for (const mistake of odd) this.mistakes.add(`${method} ${path} answered ${answer.status}: ${mistake}`);
    return answer;
  }

  async #asAccount(route: Route, query: URLSearchParams, body: unknown): Promise<ApiAnswer> {
    const api = this.#apis.get(route.parameters.repo ?? '');
    if (api === undefined || route.parameters.owner !== owner) return error(404, 'Not Found');
    return await api.answer({ route, query, body });
  }

  /** What an app may ask by itself: where it is installed, and for a token. */
  #asApp({ template, parameters }: Route): ApiAnswer {
    if (template === '/repos/{owner}/{repo}/installation') {
      if (!this.#apis.has(parameters.repo ?? '')) return error(404, 'Not Found');
      return {
        status: 200,
        body: this.#description.fill('installation', { id: installationId, app_id: appId }),
      };
    }
    if (template === '/app/installations/{installation_id}/access_tokens') {
      const { token, expiresAt } = this.#accounts.newAppToken();
      const given = { token, expires_at: expiresAt.toISOString() };
      return { status: 201, body: this.#description.fill('installation-token', given) };
    }
    return error(403, 'Resource not accessible by integration');
  }

  #send(
    asked: GithubRequest,
    response: ServerResponse,
    { status, body }: ApiAnswer,
    condition: string | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const { limit } = this.#accounts;
    const text = body === undefined ? '' : JSON.stringify(body);
    const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    const isSame = status === 200 && condition === etag;
    // What has not changed costs nothing.
    if (!isSame) limit.left = Math.max(0, limit.left - 1);
    asked.status = isSame ? 304 : status;
    response.writeHead(asked.status, {
      ...(text !== '' && !isSame && { 'content-type': 'application/json; charset=utf-8' }),
      ...(status === 200 && { etag }),
      'x-ratelimit-limit': String(limit.most),
      'x-ratelimit-remaining': String(limit.left),
      'x-ratelimit-reset': String(Math.ceil(limit.resetAt / 1000)),
      ...headers,
    });
    response.end(isSame ? '' : text);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The GitHub behind a stage that was made with it. */
export function asGithub(server: GitServer): GithubServer {
  if (!isGithub(server)) throw new Error(`this remote is no GitHub: ${server.transport}`);
  return server;
}

function isGithub(server: GitServer): server is GithubServer {
  return server.transport === 'github';
}
