/**
 * Who asks for a change. Somebody shows the service's token or logs in to Buildbot; what the browser keeps of that is a
 * cookie that is worthless elsewhere: a signature made with the token, or Buildbot's own session. No password and no token
 * is ever kept, and every change is checked anew.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { identify, type Login, logIn, sessionCookies } from '../buildbot/logins.ts';
import { pageMessages as messages } from './messages.ts';

const COOKIE = 'lpbuildbot_promotion';
/** How long a browser remembers, in seconds. */
const REMEMBERED = 12 * 3600;

/** How many attempts may fail in a minute, from one address. */
const ATTEMPTS = 10;
const MINUTE = 60_000;

export type Asker =
  /** `cookie`: what the browser shall remember, when that is new. */
  | { readonly kind: 'known'; readonly who: string; readonly cookie: string | undefined }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 422 | 429 | 503; readonly reason: string };

export interface Shown {
  readonly how: 'token' | 'login' | 'remembered';
  readonly token: string;
  /** The name that a person with the token gives. */
  readonly who: string;
  readonly name: string;
  readonly password: string;
}

interface Options {
  readonly token: string;
  /** Buildbot's URL, ending in a slash. */
  readonly buildbot: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class Credentials {
  readonly #options: Options;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** @param address where the request comes from, for counting failures. */
  async check(shown: Shown, cookies: string | undefined, address: string): Promise<Asker> {
    if (this.#failedOften(address)) return { kind: 'refused', status: 429, reason: messages.tooMany };
    const asker = await this.#identify(shown, cookies);
    if (asker.kind === 'refused' && asker.status === 401) this.#fail(address);
    return asker;
  }

  /** Whom the browser remembers. Buildbot gives sessions to those who are not logged in, too: it is asked whose this is. */
  async remembered(cookies: string | undefined): Promise<string | undefined> {
    const cookie = readCookie(cookies);
    if (cookie?.kind === 'token') return this.#signer(cookie.value);
    const session = cookie?.value ?? sessionCookies(cookies);
    if (session === undefined) return undefined;
    const identity = await identify(this.#options.buildbot, session);
    return identity.kind === 'known' || identity.kind === 'forbidden' ? identity.who : undefined;
  }

  async #identify(shown: Shown, cookies: string | undefined): Promise<Asker> {
    switch (shown.how) {
      case 'token':
        return this.#byToken(shown);
      case 'login':
        return await this.#byLogin(shown);
      case 'remembered':
        return await this.#byCookies(cookies);
    }
  }

  #byToken({ token, who }: Shown): Asker {
    if (!same(token.trim(), this.#options.token))
      return { kind: 'refused', status: 401, reason: messages.wrongToken };
    if (who.trim() === '') return { kind: 'refused', status: 422, reason: messages.whoMissing };
    const name = who.trim();
    const until = this.#options.now() + REMEMBERED * 1000;
    return { kind: 'known', who: name, cookie: `token:${this.#sign(name, until)}` };
  }

  async #byLogin({ name, password }: Shown): Promise<Asker> {
    const login = await logIn(this.#options.buildbot, name, password);
    return login.kind === 'in' ? await this.#ofBuildbot(login.cookies) : refusedLogin(login);
  }

  async #byCookies(cookies: string | undefined): Promise<Asker> {
    const cookie = readCookie(cookies);
    if (cookie?.kind === 'token') {
      const who = this.#signer(cookie.value);
      if (who !== undefined) return { kind: 'known', who, cookie: undefined };
      return { kind: 'refused', status: 401, reason: messages.loggedOut };
    }
    const session = cookie?.value ?? sessionCookies(cookies);
    if (session === undefined) return { kind: 'refused', status: 401, reason: messages.loggedOut };
    return await this.#ofBuildbot(session);
  }

  async #ofBuildbot(session: string): Promise<Asker> {
    const identity = await identify(this.#options.buildbot, session);
    switch (identity.kind) {
      case 'known':
        return { kind: 'known', who: identity.who, cookie: `buildbot:${session}` };
      case 'nobody':
        return { kind: 'refused', status: 401, reason: messages.loggedOut };
      case 'forbidden':
        return { kind: 'refused', status: 403, reason: messages.notAllowed(identity.who) };
      case 'unreachable':
        return { kind: 'refused', status: 503, reason: messages.loginUnknown(identity.reason) };
    }
  }

  /** `name until signature`, which only who has the token can make. */
  #sign(who: string, until: number): string {
    const signature = createHmac('sha256', this.#options.token)
      .update(`page ${until} ${who}`)
      .digest('base64url');
    return `${until} ${signature} ${who}`;
  }

  #signer(value: string): string | undefined {
    const [until = '', , ...words] = value.split(' ');
    const who = words.join(' ');
    const good = Number(until) > this.#options.now() && same(value, this.#sign(who, Number(until)));
    return good ? who : undefined;
  }

  #failedOften(address: string): boolean {
    const failed = this.#failures.get(address);
    if (failed === undefined) return false;
    if (this.#options.now() - failed.since > MINUTE) this.#failures.delete(address);
    return this.#failures.has(address) && failed.count >= ATTEMPTS;
  }

  #fail(address: string): void {
    const failed = this.#failures.get(address) ?? { count: 0, since: this.#options.now() };
    failed.count += 1;
    this.#failures.set(address, failed);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > 1000 && !oldest.done) this.#failures.delete(oldest.value);
  }
}

function refusedLogin(login: Exclude<Login, { kind: 'in' }>): Asker {
  switch (login.kind) {
    case 'refused':
      return { kind: 'refused', status: 401, reason: messages.wrongLogin };
    case 'none':
      return { kind: 'refused', status: 422, reason: messages.noLogins };
    case 'unreachable':
      return { kind: 'refused', status: 503, reason: messages.loginUnknown(login.reason) };
  }
}

/** The value of a Set-Cookie header: for this site alone, and not for scripts. An empty value forgets. */
export function setCookie(value: string, secure: boolean): string {
  const age = value === '' ? 0 : REMEMBERED;
  const packed = Buffer.from(value).toString('base64url');
  return `${COOKIE}=${packed}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`;
}

function readCookie(
  header: string | undefined,
): { readonly kind: 'token' | 'buildbot'; readonly value: string } | undefined {
  const packed = (header ?? '')
    .split(/;\s*/)
    .find((cookie) => cookie.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);
  const text = Buffer.from(packed ?? '', 'base64url').toString('utf8');
  const value = text.slice(text.indexOf(':') + 1);
  if (text.startsWith('token:')) return { kind: 'token', value };
  // It becomes a header of a request to Buildbot.
  return text.startsWith('buildbot:') && /^[\x21-\x7e ]+$/.test(value)
    ? { kind: 'buildbot', value }
    : undefined;
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
