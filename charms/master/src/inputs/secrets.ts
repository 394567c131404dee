/** The operator's secret: which keys it may have, and what they mean. What is wrong is told without any of its values. Pure. */
import type { MasterWorker } from '@lpbuildbot/buildbot';
import type { SecretContent } from '@lpbuildbot/juju';
import { messages } from '../messages.ts';

export interface Secrets {
  readonly sshKey?: string;
  readonly knownHosts?: string;
  /** For git over https. */
  readonly https?: { readonly username: string; readonly password: string };
  readonly githubToken?: string;
  readonly mattermostWebhook?: string;
  /** What change hooks are signed with, one secret a line. */
  readonly webhookSecret?: string;
  /** For the mail server. */
  readonly mailLogin?: { readonly user: string; readonly password: string };
  /** Passwords by name. */
  readonly webUsers: ReadonlyMap<string, string>;
  /** Workers that are not Juju's. */
  readonly workers: readonly MasterWorker[];
}

export type SecretsReading =
  | { readonly kind: 'secrets'; readonly value: Secrets }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'denied' | 'not-found' };

export const noSecrets: Secrets = { webUsers: new Map(), workers: [] };

export function readSecrets(
  content: SecretContent,
): Exclude<SecretsReading, { kind: 'denied' | 'not-found' }> {
  const problems: string[] = [];
  const webUsers = new Map<string, string>();
  const workers: MasterWorker[] = [];
  const mail = new Map<string, string>();
  let value: Secrets = { webUsers, workers };
  for (const [key, raw] of Object.entries(content)) {
    const text = lines(raw);
    const one = text.trim();
    const wrong = () => problems.push(messages.secretWrong(key));
    if (key === 'ssh-key') {
      if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/.test(text)) value = { ...value, sshKey: text };
      else wrong();
    } else if (key === 'known-hosts') {
      if (text.split('\n').every(isKnownHost)) value = { ...value, knownHosts: text };
      else wrong();
    } else if (key === 'git-password') {
      if (/^\S+$/.test(one)) value = { ...value, https: login(one) };
      else wrong();
    } else if (key === 'github-token') {
      if (/^\S+$/.test(one)) value = { ...value, githubToken: one };
      else wrong();
    } else if (key === 'mattermost-webhook') {
      if (/^https?:\/\/\S+$/.test(one)) value = { ...value, mattermostWebhook: one };
      else wrong();
    } else if (key === 'webhook-secret') {
      if (one.split('\n').every(isWebhookSecret)) value = { ...value, webhookSecret: text };
      else wrong();
    } else if (key === 'mail-user' || key === 'mail-password') {
      if ((key === 'mail-user' ? /^\S+$/ : /^[^\n]+$/).test(one)) mail.set(key, one);
      else wrong();
    } else if (key === 'web-users') {
      for (const line of one.split('\n').filter((each) => each.trim() !== '')) {
        const [, name, password] = /^([^:\p{Cc}]+):(\S.*)$/u.exec(line) ?? [];
        if (name === undefined || password === undefined || name === 'admin') wrong();
        else webUsers.set(name, password);
      }
    } else if (key.startsWith('worker-')) {
      const worker = foreignWorker(key.slice('worker-'.length), one);
      if (worker === undefined) wrong();
      else workers.push(worker);
    } else {
      problems.push(messages.secretUnknown(key));
    }
  }
  const [user, password] = [mail.get('mail-user'), mail.get('mail-password')];
  if (user !== undefined && password !== undefined) value = { ...value, mailLogin: { user, password } };
  else if (user !== undefined && !('mail-password' in content))
    problems.push(messages.secretHalfLogin('mail-user', 'mail-password'));
  else if (password !== undefined && !('mail-user' in content))
    problems.push(messages.secretHalfLogin('mail-password', 'mail-user'));
  return problems.length > 0
    ? { kind: 'wrong', problems: [...new Set(problems)] }
    : { kind: 'secrets', value };
}

/** What git needs of it. GitHub takes a token as the password of any user. */
export function keysOf({
  sshKey,
  knownHosts,
  https,
  githubToken,
}: Secrets): Pick<Secrets, 'sshKey' | 'knownHosts' | 'https'> {
  const login =
    https ?? (githubToken === undefined ? undefined : { username: 'x-access-token', password: githubToken });
  return {
    ...(sshKey === undefined ? {} : { sshKey }),
    ...(knownHosts === undefined ? {} : { knownHosts }),
    ...(login === undefined ? {} : { https: login }),
  };
}

/** As programs expect it: lines that end, and without what editors of other systems add. */
function lines(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trim()}\n`;
}

function isKnownHost(line: string): boolean {
  return (
    line.trim() === '' ||
    line.startsWith('#') ||
    /^(@\S+ )?\S+ [a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$/.test(line)
  );
}

/** Long enough not to be guessed from a call that somebody has seen. */
function isWebhookSecret(line: string): boolean {
  return /^[^\s\p{Cc}][^\p{Cc}]{14,}[^\s\p{Cc}]$/u.test(line);
}

function login(text: string): { username: string; password: string } {
  const [, username, password] = /^([^:]+):(.+)$/.exec(text) ?? [];
  return username === undefined || password === undefined
    ? { username: 'lpbuildbot', password: text }
    : { username, password };
}

/** `PASSWORD images=focal,jammy capacity=2 arch=arm64`. */
function foreignWorker(name: string, text: string): MasterWorker | undefined {
  const [password = '', ...words] = text.split(/\s+/);
  const settings = new Map(
    words.map((word): [string, string] => {
      const [key = '', value = ''] = word.split('=', 2);
      return [key, value];
    }),
  );
  const { images = '', capacity = '1', arch, ...others } = Object.fromEntries(settings);
  if (password === '' || name === '' || Object.keys(others).length > 0) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(capacity)) return undefined;
  if (arch !== undefined && arch !== 'amd64' && arch !== 'arm64') return undefined;
  return {
    name,
    password,
    images: images.split(',').filter((image) => image !== ''),
    capacity: Number(capacity),
    ...(arch === undefined ? {} : { arch }),
  };
}
