/**
 * The service's HTTP side, on loopback: what is known (for anyone who may reach it) and the few calls that change
 * something (for whoever has the token).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import * as z from 'zod';
import { explainPairs, mergePair } from './ask.ts';
import { messages } from './messages.ts';
import { operate } from './operate.ts';
import { servePage } from './page/routes.ts';
import { choosePair } from './pairs.ts';
import type { Service } from './service.ts';
import { readIfThere, replaceFile } from './state/files.ts';
import { statusText } from './status-text.ts';

/** The service's surroundings, as far as HTTP shows or uses them. */
export interface Surroundings {
  /** When the last full reconcile began, in milliseconds since the epoch. */
  readonly reconciledAt: () => number;
  readonly connected: () => boolean;
  /** Has everything looked at. */
  readonly reconcile: () => Promise<void>;
  /** Hears of what should not happen. */
  readonly onError: (error: unknown) => void;
}

/** How old the last full reconcile may be, in milliseconds. */
const STALE = 5 * 60_000;

const pairQuery = z.strictObject({
  from: z.string().optional(),
  branch: z.string(),
  project: z.string().optional(),
});

const operationQuery = pairQuery.extend({ who: z.string().min(1).max(100), why: z.string().min(1).max(500) });

export function createHttp(service: Service, around: Surroundings, token: string): FastifyInstance {
  const http = fastify({ logger: false, bodyLimit: 64 * 1024 });

  http.get('/healthz', async (_request, reply) => {
    const now = Date.now();
    const { buildbot } = await service.state();
    const troubles = service.lookers.flatMap((looker) => {
      const trouble = looker.trouble();
      return trouble === undefined ? [] : [{ url: looker.url, ...trouble }];
    });
    const alive = now - around.reconciledAt() < STALE;
    const body = {
      status: !alive ? 'stuck' : troubles.length > 0 || buildbot.problem !== undefined ? 'degraded' : 'ok',
      events: around.connected() ? 'connected' : 'disconnected',
      buildbot: buildbot.problem ?? 'ok',
      remotes: troubles,
    };
    // Trouble elsewhere is not cured by a restart of this service: only its own standing still is an error.
    return reply.code(alive ? 200 : 503).send(body);
  });
  http.get('/api/state', async () => await service.state());
  http.get('/api/status.txt', async (_request, reply) => {
    return reply.type('text/plain; charset=utf-8').send(statusText(await service.state()));
  });
  http.get('/api/explain.txt', async (request, reply) => {
    const query = pairQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: z.prettifyError(query.error) });
    const answer = await explainPairs(service, query.data);
    const code = answer.kind === 'explained' ? 200 : 404;
    return reply.code(code).type('text/plain; charset=utf-8').send(answer.text);
  });
  http.get('/metrics', async (_request, reply) => {
    const daemon = { reconciledAt: around.reconciledAt(), connected: around.connected() };
    return reply.type(service.metrics.contentType).send(await service.metrics.text(daemon));
  });

  http.register(async (changing) => {
    changing.addHook('onRequest', async (request, reply) => {
      if (!isToken(request.headers.authorization, token)) {
        await reply.code(401).send({ error: messages.unauthorized });
      }
    });
    changing.post('/api/look', async (_request, reply) => {
      void around.reconcile();
      return await reply.code(202).send({});
    });
    changing.post('/api/merge', async (request, reply) => {
      const query = pairQuery.safeParse(request.body);
      if (!query.success) return reply.code(400).send({ error: z.prettifyError(query.error) });
      const chosen = choosePair(
        service.pairs.filter((pair) => pair.kind === 'merge'),
        query.data,
      );
      if (chosen.kind === 'refused') return reply.code(404).send({ error: chosen.reason });
      return await mergePair(service, chosen.pair);
    });
    for (const verb of ['hold', 'resume', 'promote'] as const) {
      changing.post(`/api/${verb}`, async (request, reply) => {
        const query = operationQuery.safeParse(request.body);
        if (!query.success) return reply.code(400).send({ error: z.prettifyError(query.error) });
        const chosen = choosePair(service.pairs, query.data);
        if (chosen.kind === 'refused') return reply.code(404).send({ error: chosen.reason });
        return await operate(verb, service, chosen.pair, query.data);
      });
    }
  });
  servePage(http, service, { token, onError: around.onError });
  return http;
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function tokenFile(state: string): string {
  return join(state, 'token');
}

/** The token of this state directory; made at first use, readable by its owner only. */
export async function ensureToken(state: string): Promise<string> {
  const stored = (await readIfThere(tokenFile(state)))?.trim();
  if (stored !== undefined && /^[0-9a-f]{64}$/.test(stored)) return stored;
  const token = randomBytes(32).toString('hex');
  await replaceFile(tokenFile(state), `${token}\n`);
  return token;
}
