/** Where the branches of a project stand in the drawing of its flow: columns by how far a commit has come. Pure. */
import { edgeLabel } from './messages.ts';
import type { PairView, Tone } from './view.ts';

export interface FlowNode {
  readonly branch: string;
  /** The branch's tip; undefined when there is none. */
  readonly tip: string | undefined;
  /** How the pair that ends here is doing; undefined for a branch that only developers write to. */
  readonly tone: Tone | undefined;
  readonly column: number;
  readonly row: number;
}

export interface FlowEdge {
  /** The pair's element on the page. */
  readonly anchor: string;
  readonly kind: PairView['kind'];
  readonly from: string;
  readonly to: string;
  readonly tone: Tone;
  readonly label: string;
  /** `on` goes to a later column, `back` closes a circle. */
  readonly direction: 'on' | 'back';
}

export interface FlowView {
  readonly columns: number;
  readonly rows: number;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

/** A drawing of more branches than this shows nothing. */
const MOST_NODES = 12;
const MOST_COLUMNS = 5;

/** @param pairs in the order of the pipeline file. */
export function flowView(pairs: readonly PairView[]): FlowView | undefined {
  const branches = [...new Set(pairs.flatMap(({ from, to }) => [from.branch, to.branch]))];
  if (branches.length === 0 || branches.length > MOST_NODES) return undefined;
  const back = closing(pairs);
  const columns = columnsOf(
    branches,
    pairs.filter((pair) => !back.has(pair.id)),
  );
  const width = Math.max(...columns.values()) + 1;
  if (width > MOST_COLUMNS) return undefined;
  const rows = rowsOf(branches, columns, pairs, back);
  return {
    columns: width,
    rows: Math.max(...rows.values()) + 1,
    nodes: branches.map((branch) => ({
      branch,
      tip: tipOf(branch, pairs),
      tone: pairs.find((pair) => pair.to.branch === branch && !back.has(pair.id))?.tone,
      column: columns.get(branch) ?? 0,
      row: rows.get(branch) ?? 0,
    })),
    edges: pairs.map((pair) => ({
      anchor: pair.anchor,
      kind: pair.kind,
      from: pair.from.branch,
      to: pair.to.branch,
      tone: pair.tone,
      label: edgeLabel(pair),
      direction: back.has(pair.id) ? 'back' : 'on',
    })),
  };
}

/** The pairs that lead to a branch from which the others lead to theirs: found in the order of the pipeline file. */
function closing(pairs: readonly PairView[]): ReadonlySet<string> {
  const on = new Map<string, string[]>();
  const back = new Set<string>();
  const reaches = (from: string, to: string): boolean =>
    from === to || (on.get(from) ?? []).some((next) => reaches(next, to));
  for (const pair of pairs) {
    const { from, to } = { from: pair.from.branch, to: pair.to.branch };
    if (reaches(to, from)) back.add(pair.id);
    else on.set(from, [...(on.get(from) ?? []), to]);
  }
  return back;
}

/** The longest way to each branch. There is no circle in `pairs`. */
function columnsOf(branches: readonly string[], pairs: readonly PairView[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const columnOf = (branch: string): number => {
    const known = columns.get(branch);
    if (known !== undefined) return known;
    const before = pairs.filter((pair) => pair.to.branch === branch);
    const column = Math.max(-1, ...before.map((pair) => columnOf(pair.from.branch))) + 1;
    columns.set(branch, column);
    return column;
  };
  for (const branch of branches) columnOf(branch);
  return columns;
}

/** A branch stands beside the one that it gets its commits from, or in the next row that is free. */
function rowsOf(
  branches: readonly string[],
  columns: ReadonlyMap<string, number>,
  pairs: readonly PairView[],
  back: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  const taken = new Set<string>();
  const inOrder = branches.toSorted((a, b) => (columns.get(a) ?? 0) - (columns.get(b) ?? 0));
  for (const branch of inOrder) {
    const column = columns.get(branch) ?? 0;
    const source = pairs.find((pair) => pair.to.branch === branch && !back.has(pair.id));
    let row = source === undefined ? 0 : (rows.get(source.from.branch) ?? 0);
    while (taken.has(`${column} ${row}`)) row += 1;
    taken.add(`${column} ${row}`);
    rows.set(branch, row);
  }
  return rows;
}

function tipOf(branch: string, pairs: readonly PairView[]): string | undefined {
  for (const { from, to } of pairs) {
    if (from.branch === branch && from.commit !== undefined) return from.commit.short;
    if (to.branch === branch && to.commit !== undefined) return to.commit.short;
  }
  return undefined;
}
