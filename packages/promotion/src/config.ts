/**
 * The service's own configuration: where Buildbot, the pipeline files, the state and the secrets are. It holds names of
 * secret files and never a secret, so that it may be read by anyone and shown in a bug report.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { mailAddressPattern } from '@lpbuildbot/pipeline';
import { validate as isCron } from 'node-cron';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { messages } from './messages.ts';

/** A length of time as the pipeline file writes it (`500ms`, `30s`, `10m`, `2h`), in milliseconds. */
const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/, 'write a number and ms, s, m or h, as in 30s')
  .transform((text) => {
    const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[text.replace(/^\d+/, '')] ?? 1;
    return Number.parseInt(text, 10) * unit;
  });

const path = z.string().min(1);

/** A GitHub site, and who the service is there. */
const githubSchema = z
  .strictObject({
    /** The host of the remotes' URLs, with its port if that is not the scheme's own. */
    host: z.string().min(1).default('github.com'),
    /** The API's address. Default: GitHub's own, or that of a GitHub Enterprise Server on the host. */
    api: z.url({ protocol: /^https?$/ }).optional(),
    'token-file': path.optional(),
    'app-id': z.coerce.string().min(1).optional(),
    'app-key-file': path.optional(),
    statuses: z.boolean().default(true),
    issues: z.boolean().default(true),
    'issue-label': z.string().min(1).max(50).default('lpbuildbot'),
    /** Between two statuses or issues. */
    'write-pause': duration.prefault('1s'),
  })
  .refine(
    (site) => (site['app-id'] === undefined) === (site['app-key-file'] === undefined),
    'app-id and app-key-file belong together',
  )
  .refine(
    (site) => (site['token-file'] === undefined) !== (site['app-key-file'] === undefined),
    'write either token-file, or app-id and app-key-file',
  )
  .transform((site) => ({ ...site, api: (site.api ?? defaultApi(site.host)).replace(/\/+$/, '') }));

export type GithubConfig = z.infer<typeof githubSchema>;

/** https://docs.github.com/en/enterprise-server/rest/quickstart has the form of the second. */
function defaultApi(host: string): string {
  return host.toLowerCase() === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`;
}

/** Where Mattermost takes news. */
const mattermostSchema = z.strictObject({
  /** A file with the address of an incoming webhook, which is a secret. */
  'webhook-file': path,
  /** The name to post under, where Mattermost allows another than the webhook's own. */
  user: z.string().min(1).max(64).optional(),
  'ca-file': path.optional(),
  /** Between two messages. */
  pause: duration.prefault('1s'),
  timeout: duration.prefault('10s'),
});

/** The server that takes mail. */
const mailSchema = z
  .strictObject({
    server: z
      .string()
      .regex(
        /^smtps?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?\/?$/,
        'write smtp://HOST or smtps://HOST, with a port if it is another than 25 or 465',
      )
      .transform(mailServer),
    from: z.string().regex(mailAddressPattern, 'write an address alone, as in lpbuildbot@example.org'),
    user: z.string().min(1).optional(),
    'password-file': path.optional(),
    'ca-file': path.optional(),
    pause: duration.prefault('1s'),
    timeout: duration.prefault('30s'),
  })
  .refine(
    (mail) => (mail.user === undefined) === (mail['password-file'] === undefined),
    'user and password-file belong together',
  );

function mailServer(text: string): { host: string; port: number; secure: boolean } {
  const { protocol, hostname, port } = new URL(text);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, port: port === '' ? (secure ? 465 : 25) : Number(port), secure };
}

export const configSchema = z.strictObject({
  /** Pipeline files, or directories of them; relative to the configuration file. */
  pipelines: z.array(path).min(1),
  /** Buildbot's base URL. */
  buildbot: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/*$/, '/')),
  /** Where people's browsers find Buildbot, when that is elsewhere. */
  'buildbot-web': z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/*$/, '/'))
    .optional(),
  /** A directory of the service's own. */
  state: path,
  mode: z.enum(['active', 'shadow']).default('active'),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8011),
      /** Where people's browsers find this service, when a proxy stands in front of it. */
      url: z.url({ protocol: /^https?$/ }).optional(),
    })
    .prefault({}),
  git: z
    .strictObject({
      'author-name': z.string().min(1).default('lpbuildbot'),
      'author-email': z.string().min(1).default('lpbuildbot@localhost'),
      /**
       * `isolated`: no git or ssh settings but the ones named here; what a service wants.
       * `user`: those of the user who runs it; what a person at a terminal wants.
       */
      settings: z.enum(['isolated', 'user']).default('isolated'),
      'ssh-key-file': path.optional(),
      'known-hosts-file': path.optional(),
      'https-username': z.string().min(1).optional(),
      'https-password-file': path.optional(),
      'ca-file': path.optional(),
      'read-timeout': duration.prefault('1m'),
      'fetch-timeout': duration.prefault('30m'),
      'push-timeout': duration.prefault('2m'),
    })
    .prefault({}),
  /** Remotes on these are worked with through GitHub's API; all others through git. */
  github: z.array(githubSchema).default([]),
  mattermost: mattermostSchema.optional(),
  mail: mailSchema.optional(),
  retry: z
    .strictObject({
      /** The wait after the first failure; it doubles with each one. */
      first: duration.prefault('1s'),
      most: duration.prefault('1m'),
    })
    .prefault({}),
  events: z
    .strictObject({
      /** How often the connection to Buildbot is asked for a sign of life. */
      ping: duration.prefault('15s'),
      /** How long it may take to answer. */
      answer: duration.prefault('10s'),
    })
    .prefault({}),
  /** When everything is looked at again, events or none: a cron expression, with seconds if it has six fields. */
  reconcile: z.string().refine(isCron, 'write a cron expression, as in "* * * * *"').default('* * * * *'),
});

export type Config = z.infer<typeof configSchema> & { readonly file: string };

/** What is wrong with the configuration file, in a sentence for its author. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads and checks the configuration. Paths in it are made absolute, relative ones against the file's own directory.
 * Throws ConfigError with everything that is wrong with it.
 */
export async function loadConfig(file: string): Promise<Config> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(messages.configUnreadable(file, error), { cause: error });
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new ConfigError(messages.configNotYaml(file, error), { cause: error });
  }
  const parsed = configSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new ConfigError(messages.configWrong(file, wrong));
  }
  return { ...withAbsolutePaths(parsed.data, dirname(resolve(file))), file };
}

function withAbsolutePaths(config: z.infer<typeof configSchema>, base: string): z.infer<typeof configSchema> {
  const files = ['ssh-key-file', 'known-hosts-file', 'https-password-file', 'ca-file'] as const;
  const git = resolved(config.git, files, base);
  const github = config.github.map((site) => resolved(site, ['token-file', 'app-key-file'], base));
  const { mattermost, mail } = config;
  return {
    ...config,
    ...(mattermost && { mattermost: resolved(mattermost, ['webhook-file', 'ca-file'], base) }),
    ...(mail && { mail: resolved(mail, ['password-file', 'ca-file'], base) }),
    github,
    pipelines: config.pipelines.map((pipeline) => resolve(base, pipeline)),
    state: resolve(base, config.state),
    git,
  };
}

/** The same with these paths made absolute. */
function resolved<K extends string, T extends { readonly [key in K]?: string | undefined }>(
  given: T,
  keys: readonly K[],
  base: string,
): T {
  const at = keys.flatMap((key) => {
    const value = given[key];
    return value === undefined ? [] : [[key, resolve(base, value)] as const];
  });
  return { ...given, ...Object.fromEntries(at) };
}
