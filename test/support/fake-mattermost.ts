/**
 * A Mattermost for tests: incoming webhooks, channels, and the posts in them. What it takes and how it declines is written
 * after https://developers.mattermost.com/integrate/webhooks/incoming/ and Mattermost's own source (webhook.go, slack.go and
 * post.go in server/channels/app): unknown fields and long texts are mistakes of whoever posts, so that they are refused here.
 */
import { randomBytes } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { z } from 'zod';
import { freePort } from './ports.ts';
import { waitUntil } from './wait.ts';

export type MattermostFault =
  | 'none'
  /** 500, as with a database that is away. */
  | 'failing'
  /** What a proxy in front says. */
  | 'bad gateway'
  /** 429, with the time to wait in Retry-After. */
  | { readonly limitedFor: number | string }
  /** The request is taken and never answered. */
  | 'hanging'
  /** 200, with a page to log in. */
  | 'a page'
  /** 302, to elsewhere. */
  | 'moved'
  /** 400 for each text that has this in it. */
  | { readonly refuses: string };

interface Post {
  readonly channel: string;
  readonly username: string;
  /** As it is kept: after what Mattermost takes over from Slack. */
  readonly text: string;
  /** By the clock of `performance.now`. */
  readonly at: number;
}

/** model.IncomingWebhookRequest; only what the documentation has. */
const payloadSchema = z.strictObject({
  text: z.string(),
  channel: z.string().optional(),
  username: z.string().optional(),
  icon_url: z.string().optional(),
  icon_emoji: z.string().optional(),
  props: z.record(z.string(), z.unknown()).optional(),
  attachments: z.array(z.unknown()).optional(),
  type: z.string().optional(),
  priority: z.unknown().optional(),
});

/** model.PostMessageMaxRunesV2. */
const MOST = 16_383;

export class FakeMattermost implements AsyncDisposable {
  readonly port: number;
  readonly posts: Post[] = [];
  readonly channels = new Set(['town-square']);
  /** How many requests there have been so far. */
  requests = 0;
  /** The channel that the webhook is locked to, if it is. */
  lockedTo: string | undefined;
  #hook = randomBytes(13).toString('hex');
  #fault: MattermostFault = 'none';
  #server: FastifyInstance | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(...channels: readonly string[]): Promise<FakeMattermost> {
    const fake = new FakeMattermost(await freePort());
    for (const channel of channels) fake.channels.add(channel);
    await fake.up();
    return fake;
  }

  /** The address of the webhook, which is a secret. */
  get webhook(): string {
    return `http://127.0.0.1:${this.port}/hooks/${this.#hook}`;
  }

  /** The texts in a channel, oldest first. */
  texts(channel: string): string[] {
    return this.posts.filter((post) => post.channel === channel).map(({ text }) => text);
  }

  setFault(fault: MattermostFault): void {
    this.#fault = fault;
  }

  /** Somebody deletes the webhook and makes another one. */
  replaceWebhook(): void {
    this.#hook = randomBytes(13).toString('hex');
  }

  async up(): Promise<void> {
    await waitUntil(`port ${this.port}`, () => this.#listen());
  }

  /** Nobody listens any more. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.server.closeAllConnections();
    await server?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  async #listen(): Promise<boolean> {
    const server = Fastify({ forceCloseConnections: true });
    // Mattermost reads the body itself, whatever type it has.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.post<{ Params: { id: string } }>('/hooks/:id', (request, reply) => {
      this.requests += 1;
      return this.#answer(request.params.id, String(request.body), reply);
    });
    try {
      await server.listen({ port: this.port, host: '127.0.0.1' });
    } catch {
      return false;
    }
    this.#server = server;
    return true;
  }

  #answer(hook: string, body: string, reply: FastifyReply): FastifyReply {
    const fault = this.#fault;
    if (fault === 'hanging') return reply.hijack();
    if (fault === 'failing') return failed(reply, 500, 'app.post.save.app_error');
    if (fault === 'bad gateway') return reply.code(502).type('text/html').send('<h1>502 Bad Gateway</h1>');
    if (fault === 'a page') return reply.type('text/html').send('<title>Log in</title>');
    if (fault === 'moved') return reply.redirect('https://chat.example.org/', 302);
    if (typeof fault === 'object' && 'limitedFor' in fault)
      return reply.code(429).header('retry-after', fault.limitedFor).send('limit exceeded');

    const payload = payloadSchema.safeParse(parsed(body)).data;
    if (payload === undefined) return failed(reply, 400, 'web.incoming_webhook.parse.app_error');
    const { text, channel = 'town-square', username = 'webhook' } = payload;
    if (text === '') return failed(reply, 400, 'web.incoming_webhook.text.app_error');
    if (hook !== this.#hook) return failed(reply, 400, 'web.incoming_webhook.invalid.app_error');
    if (!this.channels.has(channel)) return failed(reply, 404, 'web.incoming_webhook.channel.app_error');
    if (this.lockedTo !== undefined && this.lockedTo !== channel)
      return failed(reply, 403, 'web.incoming_webhook.channel_locked.app_error');
    const isRefused = typeof fault === 'object' && 'refuses' in fault && text.includes(fault.refuses);
    if (isRefused || [...text].length > MOST || !text.isWellFormed())
      return failed(reply, 400, 'model.post.is_valid.message_length.app_error');
    this.posts.push({ channel, username, text: fromSlack(text), at: performance.now() });
    return reply.type('text/plain').send('ok');
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** model.AppError, as it is answered. */
function failed(reply: FastifyReply, status: number, id: string): FastifyReply {
  const request_id = randomBytes(13).toString('hex');
  return reply
    .code(status)
    .send({ id, message: `Failed: ${id}`, detailed_error: '', request_id, status_code: status });
}

/** slack.go's expandAnnouncement, and the links of CreateWebhookPost; both look at the text before any markup. */
function fromSlack(text: string): string {
  return text
    .replaceAll(/<!(channel|here|all)>/g, '@$1')
    .replaceAll(/<([^\n<|>]+)\|([^|\n>]+)>/g, '[$2]($1)');
}

/** What of a text is read as markup, and can mention somebody: what is in no code span. */
export function outsideOfCode(text: string): string {
  let outside = '';
  for (let rest = text; rest !== ''; ) {
    const [run = ''] = /^`+/.exec(rest) ?? [];
    const end = run === '' ? -1 : endOfSpan(rest, run.length);
    if (end >= 0) {
      rest = rest.slice(end);
      continue;
    }
    const plain = run === '' ? rest.slice(0, 1) : run;
    outside += plain;
    rest = rest.slice(plain.length);
  }
  return outside;
}

/** The end of a code span that begins with so many backticks (CommonMark, 6.1); -1 when it never ends. */
function endOfSpan(text: string, length: number): number {
  for (const run of text.slice(length).matchAll(/`+/g)) {
    if (run[0].length === length) return length + run.index + length;
  }
  return -1;
}
