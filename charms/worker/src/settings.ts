/** The operator's settings, as values: every mistake at once, each with what to write instead. Pure. */
import type { Settings } from '@lpbuildbot/juju';
import * as z from 'zod';
import { expected, settingWrong } from './messages.ts';

/** What apt needs to know of a repository (sources.list(5)). */
interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

export type PackageSource =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'repository' } & AptSource)
  /** On Launchpad; its suite is the machine's release. */
  | { readonly kind: 'ppa'; readonly owner: string; readonly name: string };

export interface WorkerSettings {
  /** YAML; empty for none. */
  readonly images: string;
  readonly maxBuilds: number;
  readonly upgrade: 'auto' | 'manual';
  readonly source: PackageSource;
  /** Armored; empty for none. */
  readonly key: string;
  readonly refresh: 'never' | string;
  /** In LXD's form; empty for what fits the machine. */
  readonly storageSize: string;
}

export type SettingsReading =
  | { readonly kind: 'good'; readonly settings: WorkerSettings }
  | { readonly kind: 'wrong'; readonly mistakes: readonly string[] };

const armor = /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\s\S]+\n-----END PGP PUBLIC KEY BLOCK-----$/;

const source = z
  .string()
  .trim()
  .transform((text, context): PackageSource => {
    if (text === '') return { kind: 'none' };
    const [, owner, name] = /^ppa:([a-z0-9][a-z0-9.+-]*)\/([a-z0-9][a-z0-9.+-]*)$/.exec(text) ?? [];
    if (owner !== undefined && name !== undefined) return { kind: 'ppa', owner, name };
    const [uri = '', suite = '', ...components] = text.replace(/^deb\s+/, '').split(/\s+/);
    const isFlat = suite.endsWith('/');
    if (
      /^(https?|file|copy):\/\S+$/.test(uri) &&
      /^[A-Za-z0-9./][A-Za-z0-9./_-]*$/.test(suite) &&
      components.every((component) => /^[A-Za-z0-9][A-Za-z0-9/_-]*$/.test(component)) &&
      isFlat === (components.length === 0)
    ) {
      return { kind: 'repository', uri, suite, components };
    }
    context.addIssue({ code: 'custom', message: expected.source });
    return z.NEVER;
  });

const schema = z
  .object({
    images: z.string().transform((text) => (text.trim() === '' ? '' : `${text.trimEnd()}\n`)),
    'max-builds': z.int().min(1, expected.maxBuilds).max(1000, expected.maxBuilds),
    upgrade: z.enum(['auto', 'manual'], { error: expected.upgrade }),
    'package-source': source,
    'package-key': z
      .string()
      .trim()
      .refine((text) => text === '' || armor.test(text), { error: expected.key }),
    'image-refresh': z.string().regex(/^(never|[1-9][0-9]{0,4}[mhdw])$/, expected.refresh),
    'lxd-storage-size': z.string().regex(/^([1-9][0-9]{0,6}(MiB|GiB|TiB|MB|GB|TB))?$/, expected.storageSize),
  })
  .transform(
    (given): WorkerSettings => ({
      images: given.images,
      maxBuilds: given['max-builds'],
      upgrade: given.upgrade,
      source: given['package-source'],
      key: given['package-key'],
      refresh: given['image-refresh'],
      storageSize: given['lxd-storage-size'],
    }),
  );

/** A setting that is absent (its default was emptied) is an empty one. */
const emptied = { images: '', 'package-source': '', 'package-key': '', 'lxd-storage-size': '' };

export function readSettings(config: Settings): SettingsReading {
  const read = schema.safeParse({ ...emptied, ...config });
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => settingWrong(path.join('.'), message));
    return { kind: 'wrong', mistakes };
  }
  const { source, key } = read.data;
  // apt would refuse it later, in words that do not name the setting.
  if (source.kind !== 'none' && key === '' && !isTrusted(source)) {
    return { kind: 'wrong', mistakes: [settingWrong('package-key', expected.keyToo)] };
  }
  return { kind: 'good', settings: read.data };
}

/** Without a key nothing can be checked; only the machine's own files go without. */
function isTrusted(source: PackageSource): boolean {
  return source.kind === 'repository' && /^(file|copy):/.test(source.uri);
}

/** The file for /etc/apt/sources.list.d (deb822 form, sources.list(5)). */
export function aptSourceFile(
  source: Exclude<PackageSource, { kind: 'none' }>,
  codename: string,
  keyFile: string | undefined,
): string {
  const { uri, suite, components } =
    source.kind === 'ppa'
      ? {
          uri: `https://ppa.launchpadcontent.net/${source.owner}/${source.name}/ubuntu`,
          suite: codename,
          components: ['main'],
        }
      : source;
  return [
    '# Written by the charm lpbuildbot-worker from its settings package-source and package-key.',
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suite}`,
    ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
    keyFile === undefined ? 'Trusted: yes' : `Signed-By: ${keyFile}`,
    '',
  ].join('\n');
}
