/**
 * Posts to Mattermost's incoming webhook: https://developers.mattermost.com/integrate/webhooks/incoming/. What its answers mean
 * is in its source (server/channels/app/webhook.go, HandleIncomingWebhook): a webhook that is gone is a 400, told from a text
 * that is not taken by the id of the error alone. The address of the webhook is a secret, so that nothing that is said of a
 * failure may have it in it.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { parseStored } from '../state/json.ts';
import type { Fetch } from '../transport.ts';
import { deliveryMessages as messages } from './messages.ts';
import type { Outcome } from './sender.ts';

interface MattermostOptions {
  /** A file with the webhook's address; read each time. */
  readonly webhookFile: string;
  /** The name to post under, where the server allows another one. */
  readonly user: string | undefined;
  /** The limit for one answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly fetch: Fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const errorSchema = z.object({ id: z.string() });

/** Of errors 400: those that another text would have met, too. */
const OF_THE_WEBHOOK = [
  'web.incoming_webhook.invalid.app_error',
  'web.incoming_webhook.user.app_error',
  'web.incoming_webhook.permissions.app_error',
  'web.incoming_webhook.channel.app_error',
  'web.incoming_webhook.channel_locked.app_error',
  'web.incoming_webhook.disabled.app_error',
];

/** Gives what posts a text to a channel; it never rejects. */
export function createMattermost({
  webhookFile,
  user,
  timeoutMs,
  fetch,
  now,
}: MattermostOptions): (channel: string, text: string, stop: AbortSignal) => Promise<Outcome> {
  return async (channel, text, stop) => {
    let url: string;
    try {
      url = (await readFile(webhookFile, 'utf8')).trim();
    } catch (error) {
      return { kind: 'later', why: 'declined', reason: messages.unreadable(webhookFile, error) };
    }
    if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url))
      return { kind: 'later', why: 'declined', reason: messages.noWebhook(webhookFile) };
    const { host } = new URL(url);
    const body = JSON.stringify({ channel, text, ...(user === undefined ? {} : { username: user }) });
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/plain' },
        body,
        signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
      });
      return outcomeOf(host, channel, answer.status, await answer.text(), answer.headers, now());
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      return {
        kind: 'later',
        why: 'unreachable',
        reason: messages.unreachable(host, said.replaceAll(url, '…')),
      };
    }
  };
}

function outcomeOf(
  host: string,
  channel: string,
  status: number,
  text: string,
  headers: ReadonlyMap<string, string>,
  now: number,
): Outcome {
  const later = (why: 'limited' | 'failing' | 'declined', reason: string): Outcome => ({
    kind: 'later',
    why,
    reason,
    afterMs: restOf(headers, now),
  });
  // Anybody can say 200; a page to log in would.
  if (status === 200) {
    return text.trim() === 'ok' ? { kind: 'sent' } : later('declined', messages.notMattermost(host));
  }
  if (status === 429) return later('limited', messages.limited(host));
  if (status === 501) return later('declined', messages.disabled(host));
  if (status >= 500) return later('failing', messages.failing(host, status));
  const id = parseStored(text, errorSchema)?.id;
  if (status === 413) return { kind: 'refused', reason: messages.refused(host, status, id ?? '') };
  if (status === 400 && id !== undefined && !OF_THE_WEBHOOK.includes(id))
    return { kind: 'refused', reason: messages.refused(host, status, id) };
  if (id === 'web.incoming_webhook.invalid.app_error') return later('declined', messages.noSuchWebhook(host));
  if (status === 404 && id !== undefined) return later('declined', messages.noChannel(host, channel));
  if (status === 403 && id !== undefined) return later('declined', messages.notAllowed(host, channel));
  return later('declined', messages.declined(host, status));
}

/**
 * How long the server asks to be left alone, in milliseconds: Retry-After (RFC 9110, 10.2.3) in seconds or as a date, or
 * Mattermost's own X-Ratelimit-Reset, in seconds.
 */
export function restOf(headers: ReadonlyMap<string, string>, now: number): number | undefined {
  const after = headers.get('retry-after')?.trim() ?? headers.get('x-ratelimit-reset')?.trim();
  if (after === undefined || after === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  // Against the server's own clock: this machine's may be wrong.
  const from = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - (Number.isNaN(from) ? now : from));
}
