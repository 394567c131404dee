/** A YAML file whose values know where they stand, so that a mistake is told with its line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { recipeWords, shown, type Words } from '../messages.ts';
import type { Mistake } from './mistake.ts';

export type Path = readonly PropertyKey[];

export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** For a path that leads nowhere, the place of the last thing on it. */
  mistakeAt(path: Path, part: 'key' | 'value', words: Words): Mistake;
  /** What stands there, as words that follow "found"; nothing when nothing stands there. */
  describe(path: Path): string | undefined;
  /** `file:line`, for mistakes elsewhere that refer to this place. */
  where(path: Path): string;
}

/** Never throws. The value is undefined when the text is not YAML. */
export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  // `intAsBigInt` and friends stay off: numbers are only ever refused. The core schema reads `yes` and `no` as text.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'silent',
  });
  const mistake = (offset: number, words: Words): Mistake => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), ...words };
  };
  const syntax = document.errors.map((error) =>
    mistake(error.pos[0], recipeWords.syntax(error.code, error.message)),
  );
  const offsetOf = (path: Path, part: 'key' | 'value'): number => {
    const { spot, whole } = find(document, path);
    return part === 'key' || !whole ? (spot.key ?? spot.value) : spot.value;
  };
  const { value, flaw } = syntax.length > 0 ? { value: undefined, flaw: undefined } : plain(document);
  return {
    file,
    value,
    mistakes: flaw === undefined ? syntax : [mistake(0, flaw)],
    mistakeAt: (path, part, words) => mistake(offsetOf(path, part), words),
    describe: (path) => {
      const { spot, whole } = find(document, path);
      return whole ? describe(spot.node) : undefined;
    },
    where: (path) => `${file}:${lines.linePos(offsetOf(path, 'key')).line}`,
  };
}

function plain(document: Document.Parsed): { value: unknown; flaw: Words | undefined } {
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }), flaw: undefined };
  } catch (error) {
    // An alias of nothing, or aliases of aliases that grow beyond measure.
    return { value: undefined, flaw: recipeWords.syntax('', error instanceof Error ? error.message : '') };
  }
}

interface Spot {
  readonly node: Node | null;
  /** Where the key that leads here starts, if one does. */
  readonly key: number | undefined;
  readonly value: number;
}

function find(document: Document.Parsed, path: Path): { spot: Spot; whole: boolean } {
  let spot: Spot = { node: document.contents, key: undefined, value: document.contents?.range[0] ?? 0 };
  for (const step of path) {
    const next = child(document, spot, step);
    if (next === undefined) return { spot, whole: false };
    spot = next;
  }
  return { spot, whole: true };
}

function child(document: Document.Parsed, { node, value }: Spot, step: PropertyKey): Spot | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isMap(target)) {
    const pair = target.items.find((item) => isScalar(item.key) && item.key.value === step);
    if (!isPair(pair) || !isScalar(pair.key)) return undefined;
    const key = pair.key.range?.[0] ?? value;
    const node = isNode(pair.value) ? pair.value : null;
    return { node, key, value: node?.range?.[0] ?? key };
  }
  const item = isSeq(target) && typeof step === 'number' ? target.items[step] : undefined;
  return isNode(item) ? { node: item, key: undefined, value: item.range?.[0] ?? value } : undefined;
}

function describe(node: Node | null): string {
  if (isMap(node)) return node.items.length === 0 ? 'an empty map' : 'a map';
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list';
  if (isAlias(node)) return `the alias ${shown(`*${node.source}`)}`;
  if (!isScalar(node) || node.value === null) return 'nothing';
  if (typeof node.value === 'string') return shown(node.value);
  return `${typeof node.value === 'boolean' ? 'the truth value' : 'the number'} ${node.source ?? String(node.value)}`;
}
