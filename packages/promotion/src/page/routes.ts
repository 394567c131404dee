/** The page's side of HTTP: what it serves, the stream, and the few forms that change something. */
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { operate } from '../operate.ts';
import type { Service } from '../service.ts';
import { type ActForm, actPage } from './act-page.ts';
import { assets, assetsVersion, tabIcon } from './assets.ts';
import { compressed } from './compress.ts';
import { Credentials, type Shown, setCookie } from './credentials.ts';
import { plainPage } from './document.ts';
import { html } from './html.ts';
import { Live } from './live.ts';
import { pageMessages as messages } from './messages.ts';
import { originOf } from './origin.ts';
import { PageSource } from './source.ts';
import { type PageView, tones } from './view.ts';

export interface PageOptions {
  readonly token: string;
  readonly onError: (error: unknown) => void;
}

/** Nothing from elsewhere, nothing inline; markup that a script makes has to go through the one policy that it has. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lpbuildbot",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not "no-referrer": with that, browsers send "Origin: null" with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const;

const verb = z.enum(['hold', 'resume', 'promote']);
const text = z.string().default('');
const pageQuery = z.object({ q: text.transform((q) => q.slice(0, 200)), pair: z.string().optional() });
const actQuery = z.object({ verb, pair: z.string() });
const formSchema = actQuery.extend({
  why: text.transform((why) => why.trim()),
  how: z.enum(['token', 'login', 'remembered']).default('remembered'),
  token: text,
  who: text.transform((who) => who.slice(0, 100)),
  name: text,
  password: text,
  forget: z.literal('yes').optional(),
});
const streamQuery = z.object({ epoch: text, version: z.coerce.number().int().min(0).catch(0) });
const iconQuery = z.object({ tone: z.enum(tones).catch('unknown') });
const LONGEST_REASON = 500;

/** Adds the page to the server. */
export function servePage(http: FastifyInstance, service: Service, options: PageOptions): void {
  const { url: publicUrl } = service.config.http;
  const secure = publicUrl?.startsWith('https:') ?? false;
  const credentials = new Credentials({
    token: options.token,
    buildbot: service.config.buildbot,
    now: Date.now,
  });
  const source = new PageSource(service, () => live.changed());
  const live = new Live({ view: () => source.view(), now: Date.now, onError: options.onError });
  const forget = service.onChange(() => live.changed());

  http.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refuse = (status: 403 | 404) =>
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    const asked = URL.parse(request.url ?? '', 'http://here');
    const { origin, host } = request.headers;
    if (asked?.pathname !== '/ws') refuse(404);
    else if (originOf(origin, host, publicUrl) === 'foreign') refuse(403);
    else live.upgrade(request, socket, head, streamQuery.parse(Object.fromEntries(asked.searchParams)));
  });
  http.addHook('preClose', () => {
    forget();
    live.close();
  });

  http.register(async (room) => {
    room.addHook('onRequest', async (_request, reply) => {
      reply.headers(SECURITY);
    });
    room.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );

    room.setErrorHandler(async (error, request, reply) => {
      // What is wrong with a request is its sender's to know; what is wrong here, the log's.
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
      if (status >= 500) options.onError(error);
      const text = html`<h1>${messages.failed}</h1><p>${messages.failedHint}</p>`;
      return await send(request, reply.code(status), plainPage(messages.failed, text, assetsVersion));
    });

    room.get('/', async (request, reply) => {
      const { q: filter, pair: only } = pageQuery.parse(request.query);
      const made = await live.page({ filter, only });
      if (made !== undefined) return await send(request, reply, made);
      const text = html`<h1>${messages.noSuchPair}</h1><p><a href="./">${messages.backToAll}</a></p>`;
      return await send(request, reply.code(404), plainPage(messages.noSuchPair, text, assetsVersion));
    });

    for (const name of ['page.js', 'page.css'] as const) {
      room.get(`/${name}`, async (request, reply) => {
        const versioned = z.object({ v: z.literal(assetsVersion) }).safeParse(request.query).success;
        reply.header('cache-control', versioned ? 'public, max-age=31536000, immutable' : 'no-cache');
        return await compressed(request, reply.type(assets[name].type), assets[name].text);
      });
    }
    room.get('/icon.svg', async (request, reply) => {
      reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml');
      return reply.send(tabIcon(iconQuery.parse(request.query).tone));
    });

    room.get('/act', async (request, reply) => {
      const query = actQuery.safeParse(request.query);
      const pair = query.success ? pairOf(await live.view(), query.data.pair) : undefined;
      if (!query.success || pair === undefined) return await noSuchPair(request, reply);
      const remembered = await credentials.remembered(request.headers.cookie);
      const form = {
        ...query.data,
        pair,
        why: '',
        who: '',
        name: '',
        how: 'remembered',
        problem: undefined,
      } as const;
      return await showForm(request, reply, { ...form, remembered });
    });

    room.post('/act', async (request, reply) => {
      const { origin, host, cookie } = request.headers;
      // Also what has no Origin: browsers send it with every form, and programs have the API.
      if (originOf(origin, host, publicUrl) !== 'own') {
        const text = html`<h1>${messages.refused}</h1><p>${messages.foreign}</p>`;
        return await send(request, reply.code(403), plainPage(messages.refused, text, assetsVersion));
      }
      const filled = formSchema.safeParse(request.body);
      if (!filled.success) return await noSuchPair(request, reply);
      const { verb, why } = filled.data;
      const pair = service.pairs.find((candidate) => candidate.id === filled.data.pair);
      const shown = pairOf(await live.view(), filled.data.pair);
      if (pair === undefined || shown === undefined) return await noSuchPair(request, reply);
      const again = async (status: number, problem: string) =>
        await showForm(request, reply.code(status), {
          ...filled.data,
          pair: pairOf(await live.view(), pair.id) ?? shown,
          remembered: await credentials.remembered(cookie),
          problem,
        });

      if (filled.data.forget !== undefined) {
        const back = new URLSearchParams({ verb, pair: pair.id }).toString();
        return await reply.header('set-cookie', setCookie('', secure)).redirect(`./act?${back}`, 303);
      }
      if (why === '') return await again(422, messages.reasonMissing);
      if (why.length > LONGEST_REASON) return await again(422, messages.reasonTooLong);
      const asker = await credentials.check(shownBy(filled.data), cookie, request.ip);
      if (asker.kind === 'refused') return await again(asker.status, asker.reason);
      if (asker.cookie !== undefined) reply.header('set-cookie', setCookie(asker.cookie, secure));
      const outcome = await operate(verb, service, pair, { who: asker.who, why });
      live.changed();
      if (!outcome.ok) return await again(409, outcome.text);
      return await reply.redirect(`./#${shown.anchor}`, 303);
    });
  });

  async function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    form: ActForm,
  ): Promise<FastifyReply> {
    const { from, to, kind } = form.pair;
    const title = messages.verbTitle(form.verb, kind, from.branch, to.branch);
    return await send(request, reply, plainPage(title, actPage(form), assetsVersion));
  }

  async function noSuchPair(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const text = html`<h1>${messages.noSuchPair}</h1><p><a href="./">${messages.backToAll}</a></p>`;
    return await send(request, reply.code(404), plainPage(messages.noSuchPair, text, assetsVersion));
  }
}

/** What is written into a field counts more than a choice that was forgotten. */
function shownBy(form: z.infer<typeof formSchema>): Shown {
  const how = form.token !== '' ? 'token' : form.password !== '' ? 'login' : form.how;
  return { ...form, how };
}

function pairOf(view: PageView, id: string) {
  return view.pairs.find((pair) => pair.id === id);
}

async function send(request: FastifyRequest, reply: FastifyReply, text: string): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
  return await compressed(request, reply, text);
}
