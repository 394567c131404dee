/** The operator's settings, checked: all that is wrong is told, in the order of charmcraft.yaml. Pure. */
import { type Settings as RawSettings, type SecretUri, secretUriSchema } from '@lpbuildbot/juju';
import * as z from 'zod';
import { messages } from '../messages.ts';

export interface Settings {
  readonly source:
    | { readonly kind: 'repository'; readonly repository: string; readonly branch: string }
    | { readonly kind: 'inline'; readonly text: string }
    | { readonly kind: 'none' | 'both' };
  readonly secrets: SecretUri | undefined;
  readonly promotion: 'active' | 'shadow' | 'off';
  /** undefined when there is no server for mail. */
  readonly mail: { readonly server: string; readonly from: string } | undefined;
  /** With a trailing slash; undefined for the unit's own address. */
  readonly webUrl: string | undefined;
  readonly webPort: number;
  readonly workerPort: number;
  readonly title: string;
  readonly logRetention: number;
}

export type SettingsReading =
  | { readonly kind: 'settings'; readonly value: Settings }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const text = z.string().default('');
const SERVER = /^smtps?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?\/?$/;
const ADDRESS = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})*$/;
const port = z.int().min(1024).max(65_535);

const schema = z.object({
  // Neither an option of git, nor a program that git would run.
  'config-repository': text.refine(
    (address) => /^([^-:][^:]*:|\/|$)/.test(address) && !address.includes('::'),
  ),
  'config-branch': text.refine((branch) => /^([^-\s][^\s:]*)?$/.test(branch)),
  pipelines: text,
  secrets: secretUriSchema.optional(),
  promotion: z.enum(['active', 'shadow', 'off']).default('active'),
  // As the promotion service takes them.
  'mail-server': text.refine((server) => server === '' || SERVER.test(server)),
  'mail-from': text.refine((from) => from === '' || ADDRESS.test(from)),
  'web-url': text.refine((url) => url === '' || /^https?:\/\/[^/\s]+(\/\S*)?$/.test(url)),
  'web-port': port.default(8010),
  'worker-port': port.default(9989),
  title: z
    .string()
    .regex(/^[^\r\n]{1,100}$/)
    .default('lpbuildbot'),
  'log-retention': z.int().min(1).max(36_500).default(90),
});

export function readSettings(raw: RawSettings): SettingsReading {
  const parsed = schema.safeParse(
    Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== '')),
  );
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
    return { kind: 'wrong', problems: [...names].map((name) => messages.settingWrong(name, raw[name])) };
  }
  const { data } = parsed;
  if (data['web-port'] === data['worker-port'])
    return { kind: 'wrong', problems: [messages.samePorts(data['web-port'])] };
  const { 'mail-server': server, 'mail-from': from } = data;
  if (server !== '' && from === '')
    return { kind: 'wrong', problems: [messages.halfMail('mail-server', 'mail-from')] };
  if (server === '' && from !== '')
    return { kind: 'wrong', problems: [messages.halfMail('mail-from', 'mail-server')] };
  return {
    kind: 'settings',
    value: {
      source: sourceOf(data['config-repository'], data['config-branch'], data.pipelines),
      secrets: data.secrets,
      promotion: data.promotion,
      mail: server === '' ? undefined : { server, from },
      webUrl: data['web-url'] === '' ? undefined : data['web-url'].replace(/\/*$/, '/'),
      webPort: data['web-port'],
      workerPort: data['worker-port'],
      title: data.title,
      logRetention: data['log-retention'],
    },
  };
}

function sourceOf(repository: string, branch: string, pipelines: string): Settings['source'] {
  if (repository !== '' && pipelines !== '') return { kind: 'both' };
  if (repository !== '') return { kind: 'repository', repository, branch };
  return pipelines === '' ? { kind: 'none' } : { kind: 'inline', text: pipelines };
}
