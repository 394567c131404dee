/**
 * Who the service is for GitHub: an account by a token, or a GitHub App, whose tokens last an hour and are for one
 * installation. Files are read anew each time they may have changed, so that a secret can be replaced under the service.
 */
import { readFile } from 'node:fs/promises';
import githubAppJwt from 'universal-github-app-jwt';
import * as z from 'zod';
import { RemoteError } from '../remote.ts';
import type { GithubClient } from './client.ts';
import { githubMessages } from './messages.ts';
import type { Repository } from './place.ts';

export interface Credentials {
  /** A token that is good now. Throws RemoteError when there is none to be had. */
  token(): Promise<string>;
  /** GitHub has refused the last one. */
  forget(): void;
}

export function tokenCredentials(file: string): Credentials {
  return {
    token: async () => {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        throw new RemoteError(githubMessages.unreadableToken(file, error));
      }
      const token = text.trim();
      if (token === '' || /[^\x21-\x7e]/.test(token)) throw new RemoteError(githubMessages.emptyToken(file));
      return token;
    },
    forget: () => {},
  };
}

export interface App {
  readonly id: string;
  readonly keyFile: string;
  readonly repository: Repository;
  /** A client that sends this as authorization. */
  readonly clientWith: (authorization: () => Promise<string>) => GithubClient;
}

const installationSchema = z.object({ id: z.int() });
const tokenSchema = z.object({ token: z.string(), expires_at: z.string() });

/** A token is given up so long before its end, in milliseconds: what begins with it shall end with it. */
const MARGIN_MS = 10 * 60_000;

/** @param now milliseconds since the epoch. */
export function appCredentials(app: App, now: () => number): Credentials {
  let current: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;
  const asApp = app.clientWith(async () => `bearer ${await signed(app)}`);
  const ask = async (): Promise<string> => {
    const { owner, repo } = app.repository;
    const found = await asApp.read(installationSchema, (rest) =>
      rest.apps.getRepoInstallation({ owner, repo }),
    );
    if (found.kind !== 'ok' || found.data === undefined) {
      const missing = found.kind === 'declined' && found.status === 404;
      throw new RemoteError(missing ? githubMessages.noInstallation(`${owner}/${repo}`) : reasonOf(found));
    }
    const { id } = found.data;
    const made = await asApp.write(tokenSchema, (rest) =>
      rest.apps.createInstallationAccessToken({ installation_id: id, repositories: [repo] }),
    );
    if (made.kind !== 'ok' || made.data === undefined) throw new RemoteError(reasonOf(made));
    current = { token: made.data.token, until: Date.parse(made.data.expires_at) - MARGIN_MS };
    return current.token;
  };
  return {
    token: async () => {
      if (current !== undefined && current.until > now()) return current.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return await asking;
    },
    forget: () => {
      current = undefined;
    },
  };
}

function reasonOf(reply: { readonly kind: string; readonly reason?: string }): string {
  return reply.reason ?? githubMessages.notUnderstood(reply.kind);
}

/** What the app proves itself with: a short-lived signed statement. */
async function signed({ id, keyFile }: App): Promise<string> {
  try {
    const { token } = await githubAppJwt({ id, privateKey: await readFile(keyFile, 'utf8') });
    return token;
  } catch (error) {
    throw new RemoteError(githubMessages.unreadableKey(keyFile, error));
  }
}
