/**
 * The apt sources of this machine, as far as an image made from the archive takes them over: sources.list(5) in both its
 * styles. Sources of other suites, such as a vendor's own repository, stay out of images.
 */

export interface AptEntry {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Paths of keyrings, fingerprints, or a whole key as text; empty for apt's own keys. */
  readonly signedBy: string;
}

/** A file of /etc/apt, by name and content. */
export interface AptFile {
  readonly name: string;
  readonly text: string;
}

/** All entries for binary packages, in order. What cannot be read as one is left out, as apt itself reports it. */
export function parseAptSources(files: readonly AptFile[]): AptEntry[] {
  return files.flatMap(({ name, text }) =>
    name.endsWith('.sources') ? parseStanzas(text) : parseLines(text),
  );
}

/**
 * The entries for a suite and for what belongs to it, such as `bookworm-updates`, each only with those suites of its own.
 * With components, only those of them that are wanted.
 */
export function entriesOfSuite(
  entries: readonly AptEntry[],
  suite: string,
  components: readonly string[] | undefined,
): AptEntry[] {
  const belongs = (name: string) =>
    name === suite || [`${suite}-updates`, `${suite}-security`, `${suite}/updates`].includes(name);
  return entries
    .map((entry) => ({
      ...entry,
      suites: entry.suites.filter(belongs),
      components:
        components === undefined
          ? entry.components
          : entry.components.filter((name) => components.includes(name)),
    }))
    .filter((entry) => entry.suites.length > 0 && entry.components.length > 0);
}

/** The entries as deb822 stanzas. */
export function printAptSources(entries: readonly AptEntry[]): string {
  return entries
    .map(({ uris, suites, components, signedBy }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
        ...(signedBy === '' ? [] : [`Signed-By:${fieldValue(signedBy)}`]),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** Keyrings that entries name by path: the image needs them at the same place. */
export function keyringsOf(entries: readonly AptEntry[]): string[] {
  const paths = entries.flatMap(({ signedBy }) =>
    signedBy.split(/[\s,]+/).filter((word) => word.startsWith('/')),
  );
  return [...new Set(paths)];
}

/** A value of several lines begins on the next one (deb822(5)); an empty line in it is a dot. */
function fieldValue(value: string): string {
  const lines = value.split('\n');
  if (lines.length === 1) return ` ${value}`;
  return `\n${lines.map((line) => ` ${line === '' ? '.' : line}`).join('\n')}`;
}

function parseStanzas(text: string): AptEntry[] {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const fields = fieldsOf(stanza);
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    if (
      !words('types').includes('deb') ||
      /^(no|false|0|off|without|disable)$/i.test(fields.get('enabled') ?? '')
    )
      return [];
    return [
      {
        uris: words('uris'),
        suites: words('suites'),
        components: words('components'),
        signedBy: fields.get('signed-by') ?? '',
      },
    ];
  });
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n')) {
    const [, key, value = ''] = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) {
      name = key.toLowerCase();
      fields.set(name, value.trim());
    } else if (/^\s/.test(line)) {
      const more = line.trim();
      fields.set(name, `${fields.get(name) ?? ''}\n${more === '.' ? '' : more}`);
    }
  }
  return new Map([...fields].map(([key, value]) => [key, value.replace(/^\n/, '')]));
}

function parseLines(text: string): AptEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, options = '', rest = ''] = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^#]*)/.exec(line) ?? [];
    const [uri, suite, ...components] = rest.split(/\s+/).filter((word) => word !== '');
    if (uri === undefined || suite === undefined) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1] ?? '';
    return [{ uris: [uri], suites: [suite], components, signedBy }];
  });
}
