/**
 * What a charm's reference says, held against its charmcraft.yaml: a sentence for each difference. The tables have this form:
 *
 *     | `web-port` | `8010`, int | meaning |             a setting: its default, and its type unless it is text
 *     | `hold` | **`branch`**, **`why`**, `from` | … |   an action: its parameters, in bold those that must be given
 *
 * and a parameter that takes one of a few words has them behind it in parentheses, the default first.
 */
import { codeOf, type Row, tableIn } from '../support/markdown.ts';
import { type Charm, endpointsOf } from './charms.ts';
import type { NamedPage } from './pages.ts';

export function charmMistakes(page: NamedPage, charm: Charm): string[] {
  return [
    ...compare(page, 'Settings', new Map(Object.entries(charm.config.options)), (row, option) => {
      const said = row.cells[1] ?? '';
      const wanted = settingText(option);
      return said === wanted
        ? []
        : [`has ${shown(said)} as default and type; charmcraft.yaml says ${shown(wanted)}`];
    }),
    ...compare(page, 'Actions', new Map(Object.entries(charm.actions)), (row, action) => {
      const said = (row.cells[1] ?? '').replace(/\*\*(`[^`]+`)\*\*/g, '*$1*');
      const wanted = parametersText(action);
      return said === wanted
        ? []
        : [
            `has the parameters ${shown(said.replaceAll('*', '**'))}; charmcraft.yaml says ${shown(wanted.replaceAll('*', '**'))}`,
          ];
    }),
    ...(endpointsOf(charm).size > 1
      ? compare(page, 'Relations', endpointsOf(charm), (row, { interface: name }) =>
          row.cells[1] === `\`${name}\``
            ? []
            : [`has the interface ${shown(row.cells[1] ?? '')}; charmcraft.yaml says \`${name}\``],
        )
      : [...endpointsOf(charm)].flatMap(([name, { interface: kind }]) =>
          mentions(page, [name, kind], 'the relation'),
        )),
    ...Object.entries(charm.storage).flatMap(([name, { location }]) =>
      mentions(page, [name, location], 'the storage'),
    ),
    ...Object.keys(charm.resources).flatMap((name) => mentions(page, [name], 'the resource')),
    ...mentions(page, platformWords(charm), 'the platform'),
  ];
}

function compare<T>(
  page: NamedPage,
  section: string,
  wanted: ReadonlyMap<string, T>,
  judge: (row: Row, one: T) => string[],
): string[] {
  const table = tableIn(page, section);
  const rows = new Map(table.rows.map((row) => [codeOf(row.cells[0] ?? '')[0] ?? '', row]));
  const missing = [...wanted.keys()]
    .filter((name) => !rows.has(name))
    .map((name) => `${page.path}:${table.line}: the table of ${section} has no row for \`${name}\``);
  const surplus = [...rows]
    .filter(([name]) => !wanted.has(name))
    .map(
      ([name, { line }]) =>
        `${page.path}:${line}: charmcraft.yaml has nothing called \`${name}\` (${section})`,
    );
  const wrong = [...rows].flatMap(([name, row]) => {
    const one = wanted.get(name);
    return one === undefined
      ? []
      : judge(row, one).map((text) => `${page.path}:${row.line}: \`${name}\` ${text}`);
  });
  return [...missing, ...surplus, ...wrong];
}

function settingText({ type, default: value }: Charm['config']['options'][string]): string {
  const written = value === undefined || value === '' ? [] : [`\`${value}\``];
  return [...written, ...(type === 'string' ? [] : [type])].join(', ');
}

function parametersText({ params, required }: Charm['actions'][string]): string {
  return Object.entries(params)
    .map(([name, { enum: words, default: first }]) => {
      const code = required.includes(name) ? `*\`${name}\`*` : `\`${name}\``;
      const sorted = words.toSorted((one, other) => Number(other === first) - Number(one === first));
      return words.length === 0 ? code : `${code} (${sorted.map((word) => `\`${word}\``).join(', ')})`;
    })
    .join(', ');
}

function mentions(page: NamedPage, words: readonly string[], what: string): string[] {
  return words
    .filter((word) => !page.text.includes(word))
    .map((word) => `${page.path}: says nothing of ${what} ${word}`);
}

/** `ubuntu@24.04:amd64` is both `24.04` and `amd64`. */
function platformWords(charm: Charm): string[] {
  const words = Object.keys(charm.platforms).flatMap((platform) => platform.replace(/^\w+@/, '').split(':'));
  const [, juju = ''] = /juju >= (\S+)/.exec(charm.assumes.join(' ')) ?? [];
  return [...new Set([...words, juju])];
}

function shown(text: string): string {
  return text === '' ? 'nothing' : text;
}
