/** Who may ask the fake GitHub, and how much: an account's token, or a GitHub App's tokens; and the primary rate limit. */
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { z } from 'zod';

export const appId = 4711;
export const installationId = 815;

const claims = z.object({ iss: z.union([z.string(), z.number()]), iat: z.number(), exp: z.number() });

export class GithubAccounts {
  /** The account's own token. */
  readonly token = `ghp_${randomBytes(18).toString('hex')}`;
  /** The app's key, as GitHub hands it out (PKCS #1). */
  readonly appKey: string;
  /** How long an app's token lasts, in milliseconds. */
  tokenLifetimeMs = 3_600_000;
  /** The primary limit; `left` is renewed when its time has come. */
  readonly limit = { most: 5000, left: 5000, resetAt: Date.now() + 3_600_000 };
  /** Every token that the app was given, the newest last. */
  readonly appTokens: string[] = [];
  readonly #publicKey: string;
  readonly #validUntil = new Map<string, number>();

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    this.appKey = privateKey;
    this.#publicKey = publicKey;
    this.#validUntil.set(this.token, Number.POSITIVE_INFINITY);
  }

  newAppToken(): { readonly token: string; readonly expiresAt: Date } {
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    const expiresAt = new Date(Date.now() + this.tokenLifetimeMs);
    this.appTokens.push(token);
    this.#validUntil.set(token, expiresAt.getTime());
    return { token, expiresAt };
  }

  /** No token is good any more but those made from now on. */
  revokeAll(): void {
    this.#validUntil.clear();
  }

  accept(token: string): void {
    this.#validUntil.set(token, Number.POSITIVE_INFINITY);
  }

  /** Who is meant by an Authorization header. */
  identify(header: string): 'account' | 'app' | 'nobody' {
    const [scheme = '', value = ''] = header.split(' ');
    if (/^basic$/i.test(scheme)) {
      const [, password = ''] = Buffer.from(value, 'base64').toString().split(':');
      return this.#isGood(password) ? 'account' : 'nobody';
    }
    if (this.#isGood(value)) return 'account';
    return /^bearer$/i.test(scheme) && this.#isSigned(value) ? 'app' : 'nobody';
  }

  /** Whether another request may be answered. */
  get mayAsk(): boolean {
    if (Date.now() >= this.limit.resetAt) {
      this.limit.left = this.limit.most;
      this.limit.resetAt = Date.now() + 3_600_000;
    }
    return this.limit.left > 0;
  }

  #isGood(token: string): boolean {
    return (this.#validUntil.get(token) ?? 0) > Date.now();
  }

  /** A JSON Web Token of the app's (RFC 7519), that is neither old nor from the future. */
  #isSigned(token: string): boolean {
    const [head = '', payload = '', signature = ''] = token.split('.');
    const key = createPublicKey(this.#publicKey);
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    if (!signed) return false;
    const { iss, iat, exp } = claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    const now = Date.now() / 1000;
    return String(iss) === String(appId) && iat <= now && exp > now && exp <= now + 600;
  }
}
