/** From what the files say, value by value, to recipes: defaults filled in, files that they name read. */
import { dirname, resolve } from 'node:path';
import { recipeWords } from '../messages.ts';
import type { Mistake } from './mistake.ts';
import {
  type AptSource,
  type Base,
  defaults,
  type KeyFile,
  type Layer,
  type PlacedFile,
  type Recipe,
} from './model.ts';
import {
  type AptSourceValue,
  addressPattern,
  armor,
  type ImageValue,
  type LayerValue,
  type PlacedFileValue,
} from './schema.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** The files that recipes name. */
export interface Companions {
  /** By absolute path. */
  read(path: string): Promise<Companion>;
  /** Why the file cannot be used; nothing when it can. */
  lookFor(path: string): Promise<string | undefined>;
}

type Companion =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What images of all files share. */
export interface Parts {
  readonly flavors: ReadonlyMap<string, { readonly source: YamlSource; readonly layer: LayerValue }>;
  /** Addresses by name. */
  readonly remotes: ReadonlyMap<string, string>;
  readonly companions: Companions;
  /** Told once each file has been looked for. */
  readonly missing: Mistake[];
}

export async function resolveImage(
  name: string,
  value: ImageValue,
  source: YamlSource,
  parts: Parts,
): Promise<Recipe> {
  const here: Path = ['images', name];
  const flavor = parts.flavors.get(value.flavor ?? '');
  const flavors =
    flavor === undefined
      ? []
      : [await layerOf(flavor.layer, new Place(flavor.source, ['flavors', value.flavor ?? ''], parts))];
  const place = new Place(source, here, parts);
  return {
    name,
    file: source.file,
    description: value.description,
    base: await baseOf(value.base, place.at('base')),
    layers: [...flavors, await layerOf(value, place)],
    upgrade: value.upgrade ?? true,
    maxAgeSeconds: value['max-age'] ?? defaults.maxAgeSeconds,
    keep: value.keep ?? defaults.keep,
  };
}

async function baseOf(value: ImageValue['base'], place: Place): Promise<Base> {
  if (typeof value === 'string') {
    const [, remote = '', alias = ''] = addressPattern.exec(value) ?? [];
    if (remote === '') return { kind: 'image', name: value };
    return { kind: 'remote', server: place.parts.remotes.get(remote) ?? '', alias, written: value };
  }
  const { alias, rootfs, archive } = value;
  if (alias !== undefined) return { kind: 'alias', alias };
  if (rootfs !== undefined) return { kind: 'rootfs', path: await place.at('rootfs').lookFor(rootfs) };
  return {
    kind: 'archive',
    suite: archive?.suite ?? '',
    mirror: archive?.mirror,
    components: archive?.components,
    pockets: archive?.pockets ?? [],
    keyring:
      archive?.keyring === undefined ? undefined : await place.at('archive', 'keyring').key(archive.keyring),
    variant: archive?.variant ?? 'minbase',
    architecture: archive?.architecture,
  };
}

async function layerOf(value: LayerValue, place: Place): Promise<Layer> {
  const files: PlacedFile[] = [];
  for (const [index, file] of (value.files ?? []).entries())
    files.push(await fileOf(file, place.at('files', index)));
  const sources: AptSource[] = [];
  for (const [name, source] of Object.entries(value.sources ?? {}))
    sources.push(await sourceOf(name, source, place.at('sources', name)));
  return {
    environment: value.environment ?? {},
    files,
    sources,
    packages: value.packages ?? [],
    commands: value.commands ?? [],
    smoke: value.smoke ?? [],
  };
}

async function fileOf(
  { path, content, source, mode, owner }: PlacedFileValue,
  place: Place,
): Promise<PlacedFile> {
  const [user = 'root', group = user] = (owner ?? 'root:root').split(':');
  return {
    path,
    mode: (mode ?? '0644').padStart(4, '0'),
    owner: `${user}:${group}`,
    content: source === undefined ? Buffer.from(content ?? '') : await place.at('source').read(source),
  };
}

async function sourceOf(name: string, value: AptSourceValue, place: Place): Promise<AptSource> {
  const { key, 'key-file': keyFile } = value;
  return {
    name,
    url: value.url,
    suites: value.suites ?? [],
    components: value.components ?? ['main'],
    key:
      key !== undefined
        ? { content: Buffer.from(`${key.trim()}\n`), extension: 'asc' }
        : keyFile === undefined
          ? undefined
          : await place.at('key-file').key(keyFile),
  };
}

/** A place in a file, where a companion that is not there is told of. */
class Place {
  readonly parts: Parts;
  readonly #source: YamlSource;
  readonly #path: Path;

  constructor(source: YamlSource, path: Path, parts: Parts) {
    this.#source = source;
    this.#path = path;
    this.parts = parts;
  }

  at(...steps: readonly PropertyKey[]): Place {
    return new Place(this.#source, [...this.#path, ...steps], this.parts);
  }

  async lookFor(written: string): Promise<string> {
    const path = this.#absolute(written);
    const why = await this.parts.companions.lookFor(path);
    if (why !== undefined) this.#tell(written, why);
    return path;
  }

  async read(written: string): Promise<Uint8Array> {
    const companion = await this.parts.companions.read(this.#absolute(written));
    if (companion.kind === 'content') return companion.content;
    this.#tell(written, companion.why);
    return new Uint8Array();
  }

  async key(written: string): Promise<KeyFile> {
    const content = await this.read(written);
    const isText = Buffer.from(content).toString('latin1').trimStart().startsWith(armor);
    return { content, extension: isText ? 'asc' : 'gpg' };
  }

  #absolute(written: string): string {
    return resolve(dirname(this.#source.file), written);
  }

  #tell(written: string, why: string): void {
    this.parts.missing.push(
      this.#source.mistakeAt(this.#path, 'value', recipeWords.missingFile(written, why)),
    );
  }
}
