/**
 * Buildbot's own logins, asked over HTTP: whether a name and password are good (`/auth/login`, basic authentication), and
 * whether somebody who is logged in may change something. Sources: buildbot/www/auth.py, www/service.py, www/rest.py of
 * 4.3.0. Nothing is kept here: a login that is taken away in Buildbot is gone at once.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import * as z from 'zod';
import { bodyOf } from '../body.ts';

/** Who somebody is to Buildbot. */
export type Identity =
  | { readonly kind: 'known'; readonly who: string }
  /** Not logged in, or no longer. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'forbidden'; readonly who: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

export type Login =
  /** The session cookies that Buildbot has given, as `name=value; …`. */
  | { readonly kind: 'in'; readonly cookies: string }
  | { readonly kind: 'refused' }
  /** This Buildbot has no logins of this kind. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable'; readonly reason: string };

const TIMEOUT = 10_000;
/** The most that is read of an answer, in bytes; Buildbot's own configuration is some kilobytes. */
const SIZE = 1024 * 1024;

/** buildbot.www.auth.build_cookie_name */
const SESSION_COOKIE = /^TWISTED(_SECURE)?_SESSION/;

const configSchema = z.object({
  user: z.object({
    anonymous: z.boolean().optional(),
    username: z.string().optional(),
    email: z.string().optional(),
  }),
});

/** @param base Buildbot's own URL, ending in a slash. */
export async function logIn(base: string, name: string, password: string): Promise<Login> {
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  try {
    const { status, cookies } = await call(`${base}auth/login`, 'GET', { authorization });
    if (status === 401 || status === 403) return { kind: 'refused' };
    const session = cookies.filter((cookie) => SESSION_COOKIE.test(cookie));
    // It answers a good login by leading back to its own page.
    return status === 302 && session.length > 0
      ? { kind: 'in', cookies: session.join('; ') }
      : { kind: 'none' };
  } catch (error) {
    return { kind: 'unreachable', reason: reasonOf(error) };
  }
}

/**
 * Who the session with these cookies belongs to, and whether Buildbot lets them change something. It is asked for an
 * action that it does not have: whoever may not act is told so before it looks which action that is.
 */
export async function identify(base: string, cookies: string): Promise<Identity> {
  try {
    const config = await call(`${base}config`, 'GET', { cookie: cookies });
    const parsed = z
      .string()
      .transform((text, context) => {
        try {
          return JSON.parse(text);
        } catch {
          context.addIssue({ code: 'custom', message: 'not JSON' });
          return z.NEVER;
        }
      })
      .pipe(configSchema)
      .safeParse(config.text);
    if (config.status !== 200 || !parsed.success)
      return { kind: 'unreachable', reason: `${base}config answered ${config.status}` };
    const { anonymous, username, email } = parsed.data.user;
    const who = username ?? email;
    if (anonymous === true || who === undefined) return { kind: 'nobody' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'mayact', params: {} });
    const headers = { cookie: cookies, 'content-type': 'application/json' };
    const asked = await call(`${base}api/v2/masters`, 'POST', headers, body);
    if (asked.status === 403) return { kind: 'forbidden', who };
    return asked.status === 501
      ? { kind: 'known', who }
      : { kind: 'unreachable', reason: `${base}api/v2/masters answered ${asked.status}` };
  } catch (error) {
    return { kind: 'unreachable', reason: reasonOf(error) };
  }
}

/** The cookies of a browser that are a session of Buildbot's, as it has them when both share a host name. */
export function sessionCookies(header: string | undefined): string | undefined {
  const own = (header ?? '').split(/;\s*/).filter((cookie) => SESSION_COOKIE.test(cookie));
  return own.length === 0 ? undefined : own.join('; ');
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** `name=value` each. */
  readonly cookies: readonly string[];
}

async function call(
  url: string,
  method: 'GET' | 'POST',
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<Answer> {
  return await new Promise((fulfil, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const receive = (response: IncomingMessage) => {
      const cookies = (response.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '');
      bodyOf(response, SIZE).then(
        (body) => fulfil({ status: response.statusCode ?? 0, text: body.toString('utf8'), cookies }),
        reject,
      );
    };
    const request = send(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT) }, receive);
    request.on('error', reject);
    request.end(body);
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AbortError' ? `no answer within ${TIMEOUT / 1000} s` : error.message;
}
