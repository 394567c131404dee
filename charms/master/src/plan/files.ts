/** The files that the services read, as they should be. Pure: writing them is for `apply`, which touches only what differs. */
import { createHash } from 'node:crypto';
import type { Accepted, People } from '../inputs/memory.ts';
import { keysOf, type Secrets } from '../inputs/secrets.ts';
import type { Settings } from '../inputs/settings.ts';
import type { FileContent, PipelineFile, ProxySettings } from '../machine/machine.ts';
import { MASTER_USER, PROMOTION_PORT, PROMOTION_USER, places } from '../places.ts';

export interface PlannedFile extends FileContent {
  readonly path: string;
}

/** A mark of all these texts, in 64 hexadecimal digits. */
export function mark(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** JSON is YAML, and costs a hook nothing to load. */
export function asYaml(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A unit from its template: `@NAME@` is replaced, and `@PROXY@` by a line for each of the model's proxies. */
export function unitText(
  template: string,
  values: Readonly<Record<string, string>>,
  proxy: ProxySettings,
): string {
  const environment = Object.entries(proxy)
    .map(([name, value]) => `Environment="${name}=${escaped(value)}"`)
    .join('\n');
  return template.replace(/@([A-Z]+)@/g, (all, name: string) =>
    name === 'PROXY' ? environment : (values[name] ?? all),
  );
}

/** In double quotes of systemd.syntax(7); a percent sign would begin a specifier. */
function escaped(value: string): string {
  return value.replace(/["\\]/g, '\\$&').replaceAll('%', '%%');
}

const isSsh = (address: string): boolean => /^(git\+)?ssh:|^[^/:]+:(?!\/\/)/.test(address);

/** Addresses that need the secret's `ssh-key`. */
export function sshAddresses({ facts }: Accepted): {
  readonly reads: readonly string[];
  readonly pushes: readonly string[];
} {
  return { reads: facts.reads.filter(isSsh), pushes: facts.pushes.filter(isSsh) };
}

/** What Buildbot's git needs to look at repositories over ssh. The key is there only when one of them needs it. */
export function masterKeys(
  secrets: Secrets,
  accepted: Accepted | undefined,
): readonly (PlannedFile | { readonly path: string })[] {
  const needed = accepted !== undefined && sshAddresses(accepted).reads.length > 0;
  const key = needed ? secrets.sshKey : undefined;
  return [
    ...keyFile(places.masterSshKey, key, MASTER_USER),
    ...keyFile(places.masterKnownHosts, needed ? secrets.knownHosts : undefined, MASTER_USER),
    {
      path: places.masterSshConfig,
      mode: 0o644,
      content: [
        'BatchMode yes',
        'ConnectTimeout 15',
        'ServerAliveInterval 10',
        'ServerAliveCountMax 3',
        'StrictHostKeyChecking yes',
        'GlobalKnownHostsFile /dev/null',
        `UserKnownHostsFile ${places.masterKnownHosts}`,
        'IdentitiesOnly yes',
        `IdentityFile ${places.masterSshKey}`,
        '',
      ].join('\n'),
    },
  ];
}

/** Buildbot reads it at every call of a change hook: without it there are none, and another one counts at once. */
export function webhookFile({
  webhookSecret,
}: Secrets): readonly (PlannedFile | { readonly path: string })[] {
  return keyFile(places.webhookSecret, webhookSecret, MASTER_USER);
}

function keyFile(
  path: string,
  content: string | undefined,
  owner: string,
): readonly (PlannedFile | { readonly path: string })[] {
  return [content === undefined ? { path } : { path, content, mode: 0o600, owner }];
}

export const secretFiles = {
  sshKey: `${places.promotion}/ssh-key`,
  knownHosts: `${places.promotion}/known-hosts`,
  httpsPassword: `${places.promotion}/https-password`,
  githubToken: `${places.promotion}/github-token`,
  mattermostWebhook: `${places.promotion}/mattermost-webhook`,
  mailPassword: `${places.promotion}/mail-password`,
} as const;

export function promotionFiles(
  secrets: Secrets,
  mode: 'active' | 'shadow',
  site: { readonly port: number; readonly url: string; readonly mail: Settings['mail'] },
  pipelines: readonly PipelineFile[],
): {
  readonly files: readonly (PlannedFile | { readonly path: string })[];
  readonly pipelines: readonly PlannedFile[];
} {
  const { githubToken, mattermostWebhook, mailLogin } = secrets;
  const { sshKey, knownHosts, https } = keysOf(secrets);
  const git = {
    ...(sshKey === undefined ? {} : { 'ssh-key-file': secretFiles.sshKey }),
    ...(knownHosts === undefined ? {} : { 'known-hosts-file': secretFiles.knownHosts }),
    ...(https === undefined
      ? {}
      : { 'https-username': https.username, 'https-password-file': secretFiles.httpsPassword }),
  };
  const config = {
    pipelines: [places.promotionPipelines],
    buildbot: `http://127.0.0.1:${site.port}/`,
    'buildbot-web': site.url,
    state: places.promotionState,
    mode,
    http: { host: '127.0.0.1', port: PROMOTION_PORT },
    git,
    ...(githubToken === undefined ? {} : { github: [{ 'token-file': secretFiles.githubToken }] }),
    ...(mattermostWebhook === undefined
      ? {}
      : { mattermost: { 'webhook-file': secretFiles.mattermostWebhook } }),
    ...(site.mail === undefined ? {} : { mail: mailConfig(site.mail, mailLogin) }),
  };
  return {
    files: [
      ...keyFile(secretFiles.sshKey, sshKey, PROMOTION_USER),
      ...keyFile(secretFiles.knownHosts, knownHosts, PROMOTION_USER),
      ...keyFile(
        secretFiles.httpsPassword,
        https === undefined ? undefined : `${https.password}\n`,
        PROMOTION_USER,
      ),
      ...keyFile(
        secretFiles.githubToken,
        githubToken === undefined ? undefined : `${githubToken}\n`,
        PROMOTION_USER,
      ),
      ...keyFile(
        secretFiles.mattermostWebhook,
        mattermostWebhook === undefined ? undefined : `${mattermostWebhook}\n`,
        PROMOTION_USER,
      ),
      ...keyFile(
        secretFiles.mailPassword,
        mailLogin === undefined ? undefined : `${mailLogin.password}\n`,
        PROMOTION_USER,
      ),
      { path: places.promotionConfig, mode: 0o644, content: asYaml(config) },
    ],
    pipelines: pipelines.map(({ text }, index) => ({
      path: `${places.promotionPipelines}/${String(index + 1).padStart(3, '0')}.yaml`,
      mode: 0o644,
      content: text,
    })),
  };
}

function mailConfig(mail: NonNullable<Settings['mail']>, login: Secrets['mailLogin']): object {
  if (login === undefined) return mail;
  return { ...mail, user: login.user, 'password-file': secretFiles.mailPassword };
}

/** Everyone who may log in: the admin, those that were added, and those of the operator's secret. */
export function loginsOf(
  people: People,
  hashes: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  return new Map([...Object.entries(people.added), ...Object.entries(hashes), ['admin', people.admin.hash]]);
}

/** The command for operators: the service's own program, with its own configuration. */
export function commandText(node: string, program: string): string {
  return `#!/bin/sh
# Made by the charm lpbuildbot-master. What root does would be out of the service's reach.
[ "$(id -u)" != 0 ] || exec runuser -u ${PROMOTION_USER} -- ${node} ${program} "$@"
exec ${node} ${program} "$@"
`;
}
