/**
 * From YAML nodes to plain values, in one pass that counts what aliases stand for instead of copying it, together with
 * where each value stands in the text.
 */
import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { files, type Words, yaml } from './messages.ts';
import { shown } from './show.ts';

/** How deep maps and lists may stand in each other, aliases followed. */
export const deepest = 32;
/** What aliases may add to a file, in characters, where each value counts `valueWeight` on top of its text. */
const heaviest = 2_000_000;
const valueWeight = 32;

/** What nobody sees and some programs obey: control characters, stray surrogates, byte order and direction marks. */
export const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\p{Cs}]|\r(?!\n)/gu;

export interface Flaw extends Words {
  /** Counted in UTF-16 units from the start of the text. */
  readonly offset: number;
}

export type Path = readonly PropertyKey[];

/** A file's values, and where each of them stands. */
export interface Tree {
  readonly value: unknown;
  /** Where a value, or the key that leads to it, starts; for what is not there, the key of what should hold it. */
  offsetOf(path: Path, part: 'key' | 'value'): number;
  /** What stands there, as words that follow "found"; nothing when nothing stands there. */
  describe(path: Path): string | undefined;
}

/** A value and its place; what an alias stands for is shared, not copied. */
interface Spot {
  readonly value: unknown;
  readonly node: Node | null;
  readonly start: number;
  /** Levels of maps and lists in it. */
  readonly depth: number;
  readonly weight: number;
  readonly entries?: ReadonlyMap<string, Entry>;
  readonly items?: readonly Spot[];
}

interface Entry {
  readonly keyStart: number;
  readonly spot: Spot;
}

/** What is wrong here does not hide the rest: the tree has null where an alias leads nowhere. */
export function plant(root: Node, lineOf: (offset: number) => number): { tree: Tree; flaws: Flaw[] } {
  const planter = new Planter(lineOf);
  const rootSpot = planter.plant(root, 0, 0);
  const tree: Tree = {
    value: rootSpot.value,
    offsetOf: (path, part) => {
      const { spot, keyStart, whole } = find(rootSpot, path);
      return part === 'key' || !whole ? (keyStart ?? spot.start) : spot.start;
    },
    describe: (path) => {
      const { spot, whole } = find(rootSpot, path);
      return whole ? describe(spot) : undefined;
    },
  };
  return { tree, flaws: planter.flaws };
}

/** What stands at the end of a path; where the path leads nowhere, the last thing on it. */
function find(root: Spot, path: Path): { spot: Spot; keyStart?: number; whole: boolean } {
  let found: { spot: Spot; keyStart?: number } = { spot: root };
  for (const step of path) {
    const entry = found.spot.entries?.get(String(step));
    const item = typeof step === 'number' ? found.spot.items?.[step] : undefined;
    if (entry !== undefined) found = entry;
    else if (item !== undefined) found = { spot: item };
    else return { ...found, whole: false };
  }
  return { ...found, whole: true };
}

function describe({ value, node, entries, items }: Spot): string {
  if (typeof value === 'string') return shown(value);
  if (entries !== undefined) return entries.size === 0 ? 'an empty map' : 'a map';
  if (items !== undefined) return items.length === 0 ? 'an empty list' : 'a list';
  if (value === null || !isScalar(node)) return 'nothing';
  return `${typeof value === 'boolean' ? 'the truth value' : 'the number'} ${node.source ?? String(value)}`;
}

class Planter {
  readonly flaws: Flaw[] = [];
  /** Null while the anchor's own value is being read. */
  readonly #anchors = new Map<string, Spot | null>();
  readonly #lineOf: (offset: number) => number;
  #added = 0;

  constructor(lineOf: (offset: number) => number) {
    this.#lineOf = lineOf;
  }

  /** `level` counts the maps and lists around the node; `place` is where an absent node would stand. */
  plant(node: Node | null, level: number, place: number): Spot {
    const start = node?.range?.[0] ?? place;
    if (node === null) return { value: null, node, start, depth: 0, weight: valueWeight };
    if (isAlias(node)) return this.#follow(node, level, start);
    if (node.tag !== undefined) this.#refuse(start, yaml.tag(node.tag));
    if (node.anchor === undefined) return this.#plantBare(node, level, start);
    this.#anchors.set(node.anchor, null);
    const spot = this.#plantBare(node, level, start);
    this.#anchors.set(node.anchor, spot);
    return spot;
  }

  #plantBare(node: Exclude<Node, Alias>, level: number, start: number): Spot {
    if (isMap(node)) return this.#plantMap(node, level, start);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.plant(isNode(item) ? item : null, level + 1, start));
      return { value: items.map(({ value }) => value), node, start, items, ...sizeOf(items) };
    }
    const { value } = node;
    if (typeof value !== 'string') return { value, node, start, depth: 0, weight: valueWeight };
    this.#lookForInvisible(value, start);
    return { value, node, start, depth: 0, weight: valueWeight + value.length };
  }

  #plantMap(node: YAMLMap, level: number, start: number): Spot {
    const entries = new Map<string, Entry>();
    // No prototype: a key such as `constructor` must be nothing but a key.
    const value: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const keySpot = this.plant(isNode(pair.key) ? pair.key : null, level + 1, start);
      const key = typeof keySpot.value === 'string' ? keySpot.value : '';
      const spot = this.plant(isNode(pair.value) ? pair.value : null, level + 1, keySpot.start);
      const earlier = entries.get(key);
      if (earlier !== undefined)
        this.#refuse(keySpot.start, yaml.duplicateKey(key, this.#lineOf(earlier.keyStart)));
      else if (key === '__proto__') this.#refuse(keySpot.start, yaml.protoKey());
      else {
        entries.set(key, { keyStart: keySpot.start, spot });
        value[key] = spot.value;
      }
    }
    const spots = [...entries.values()].map(({ spot }) => spot);
    return { value, node, start, entries, ...sizeOf(spots) };
  }

  #follow(alias: Alias, level: number, start: number): Spot {
    const target = this.#anchors.get(alias.source);
    const wrong =
      target === undefined
        ? yaml.unknownAlias(alias.source)
        : target === null
          ? yaml.aliasOfItself(alias.source)
          : this.#added + target.weight > heaviest
            ? yaml.aliasesExplode(alias.source)
            : level + target.depth > deepest
              ? files.tooDeep(deepest)
              : undefined;
    if (wrong !== undefined || !target) {
      if (wrong !== undefined) this.#refuse(start, wrong);
      return { value: null, node: null, start, depth: 0, weight: valueWeight };
    }
    this.#added += target.weight;
    return { ...target, start };
  }

  #lookForInvisible(text: string, start: number): void {
    const at = text.search(invisible);
    if (at >= 0) this.#refuse(start, files.control(text.slice(at)));
    else if (text.includes('\r')) this.#refuse(start, files.control('\r'));
  }

  #refuse(offset: number, words: Words): void {
    this.flaws.push({ offset, ...words });
  }
}

function sizeOf(spots: readonly Spot[]): { depth: number; weight: number } {
  let depth = 0;
  let weight = valueWeight;
  for (const spot of spots) {
    depth = Math.max(depth, spot.depth);
    weight += spot.weight;
  }
  return { depth: depth + 1, weight };
}
