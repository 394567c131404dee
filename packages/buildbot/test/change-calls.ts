/** Calls at a master's `/change_hook`, made by another implementation of the signatures: as GitHub sends them, and as our hook does. */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { GithubDescription } from '../../../test/support/github-description.ts';

export interface ChangeCall {
  readonly dialect: 'github' | 'git';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sign = (secret: string, text: string): string =>
  `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;

/** A delivery of GitHub's with every field that its description has, about the repository with that address. */
export function githubDelivery(
  secret: string,
  address: string,
  event: 'push' | 'create' | 'delete' | 'ping' = 'push',
): ChangeCall {
  const filled = GithubDescription.load().fill(`webhook-${event}`, {});
  const repository = { ...z.looseObject({}).parse(filled.repository ?? {}), clone_url: address };
  // No two pushes are the same.
  return signedDelivery(secret, event, JSON.stringify({ ...filled, after: randomHex(20), repository }));
}

/** A delivery with any body. */
export function signedDelivery(secret: string, event: string, body: string): ChangeCall {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/123abc',
    'x-github-event': event,
    'x-github-delivery': crypto.randomUUID(),
    'x-hub-signature-256': sign(secret, body),
  };
  return { dialect: 'github', headers, body };
}

const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** What packages/buildbot/hooks/post-receive sends; `at` in milliseconds since the epoch. */
export function gitCall(secret: string, address: string, at: number = Date.now()): ChangeCall {
  const timestamp = String(Math.floor(at / 1000));
  const nonce = randomHex(16);
  return {
    dialect: 'git',
    headers: {
      'x-lpbuildbot-timestamp': timestamp,
      'x-lpbuildbot-nonce': nonce,
      'x-lpbuildbot-signature-256': sign(secret, `${timestamp}.${nonce}.${address}`),
    },
    body: address,
  };
}
