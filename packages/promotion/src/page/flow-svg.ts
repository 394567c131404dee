/**
 * The drawing of a project's flow. It is drawn twice, from left to right and from top to bottom, and the style sheet shows
 * the one that fits: text in a drawing that is shrunk to the width of a phone cannot be read.
 */
import type { FlowEdge, FlowNode, FlowView } from './flow.ts';
import { type Html, html } from './html.ts';
import { pageMessages as messages, toneName } from './messages.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How the columns and rows of the flow become places, and where its lines run. */
interface Layout {
  readonly name: 'wide' | 'tall';
  readonly step: Point;
  /** Where the first node is. */
  readonly first: Point;
  /** Room for the lines that lead back. */
  readonly margin: Point;
}

const NODE = { width: 148, height: 56 };
const LABEL = { height: 24, letter: 7.2, padding: 34 };
/** How many letters fit into a node. */
const LETTERS = 17;

const wide: Layout = {
  name: 'wide',
  step: { x: 302, y: 112 },
  first: { x: 1, y: 10 },
  margin: { x: 0, y: 52 },
};
const tall: Layout = {
  name: 'tall',
  step: { x: 170, y: 124 },
  first: { x: 1, y: 10 },
  margin: { x: 96, y: 8 },
};

export function flowDrawings(flow: FlowView, project: string): Html {
  return html`${drawing(flow, project, wide)}${drawing(flow, project, tall)}`;
}

function drawing(flow: FlowView, project: string, layout: Layout): Html {
  const [across, down] = layout.name === 'wide' ? [flow.columns, flow.rows] : [flow.rows, flow.columns];
  const back = flow.edges.some((edge) => edge.direction === 'back');
  const { step, first, margin } = layout;
  const width = first.x * 2 + (across - 1) * step.x + NODE.width + (back ? margin.x : 0);
  const height = first.y * 2 + (down - 1) * step.y + NODE.height + (back ? margin.y : 0);
  const places = new Map(flow.nodes.map((node) => [node.branch, placeOf(node, layout)]));
  const edges = flow.edges.map((each) => edge(each, places, layout, { x: width, y: height }));
  return html`<svg class="flow ${layout.name}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="${messages.flow(project)}">${edges}${flow.nodes.map((each) => node(each, placeOf(each, layout)))}</svg>`;
}

function placeOf({ column, row }: FlowNode, { name, step, first }: Layout): Point {
  const [across, down] = name === 'wide' ? [column, row] : [row, column];
  return { x: first.x + across * step.x, y: first.y + down * step.y };
}

function node({ branch, tip, tone }: FlowNode, { x, y }: Point): Html {
  const middle = x + NODE.width / 2;
  return html`<g class="node tone-${tone ?? 'source'}"><rect x="${x}" y="${y}" width="${NODE.width}" height="${NODE.height}" rx="10"/><text x="${middle}" y="${y + 24}" class="branch">${shortened(branch)}</text><text x="${middle}" y="${y + 42}" class="tip">${tip ?? messages.noBranch}</text></g>`;
}

function edge(
  { anchor, kind, from, to, tone, label, direction }: FlowEdge,
  places: ReadonlyMap<string, Point>,
  layout: Layout,
  size: Point,
): Html {
  const start = places.get(from);
  const end = places.get(to);
  if (start === undefined || end === undefined) return html``;
  const { line, head, middle } =
    direction === 'back' ? around(start, end, layout, size) : between(start, end, layout);
  const width = Math.min(label.length, 22) * LABEL.letter + LABEL.padding;
  // Inside the drawing, however long the label.
  const x = Math.min(Math.max(middle.x - width / 2, 1), size.x - width - 1);
  const y = middle.y - LABEL.height / 2;
  return html`<a href="#${anchor}" class="edge ${kind} tone-${tone}" aria-label="${from} ${messages.to} ${to}: ${label} (${toneName[tone]})"><path class="way" d="${line}"/><path class="head" d="${head}"/><rect class="label" x="${x}" y="${y}" width="${width}" height="${LABEL.height}" rx="${LABEL.height / 2}"/><circle cx="${x + 13}" cy="${middle.y}" r="4"/><text x="${x + 23}" y="${middle.y + 4.5}">${shortened(label, 22)}</text></a>`;
}

interface Way {
  readonly line: string;
  readonly head: string;
  /** Where its label is. */
  readonly middle: Point;
}

/** From one node to one in a later column. */
function between(from: Point, to: Point, { name }: Layout): Way {
  if (name === 'wide') {
    const start = { x: from.x + NODE.width, y: from.y + NODE.height / 2 };
    const end = { x: to.x - 2, y: to.y + NODE.height / 2 };
    const bend = (end.x - start.x) / 2;
    return {
      line: `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x - 8} ${end.y}`,
      head: `M${end.x} ${end.y}l-10 -5v10z`,
      middle: { x: (start.x + end.x) / 2 - 4, y: (start.y + end.y) / 2 },
    };
  }
  const start = { x: from.x + NODE.width / 2, y: from.y + NODE.height };
  const end = { x: to.x + NODE.width / 2, y: to.y - 2 };
  const bend = (end.y - start.y) / 2;
  return {
    line: `M${start.x} ${start.y}C${start.x} ${start.y + bend} ${end.x} ${end.y - bend} ${end.x} ${end.y - 8}`,
    head: `M${end.x} ${end.y}l-5 -10h10z`,
    middle: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 - 4 },
  };
}

/** Back to an earlier column, around everything. */
function around(from: Point, to: Point, { name }: Layout, size: Point): Way {
  const r = 12;
  if (name === 'wide') {
    const y = size.y - 16;
    const start = { x: from.x + NODE.width / 2, y: from.y + NODE.height };
    const end = { x: to.x + NODE.width / 2, y: to.y + NODE.height + 2 };
    return {
      line: `M${start.x} ${start.y}V${y - r}Q${start.x} ${y} ${start.x - r} ${y}H${end.x + r}Q${end.x} ${y} ${end.x} ${y - r}V${end.y + 8}`,
      head: `M${end.x} ${end.y}l-5 10h10z`,
      middle: { x: (start.x + end.x) / 2, y },
    };
  }
  const x = size.x - 48;
  const start = { x: from.x + NODE.width, y: from.y + NODE.height / 2 };
  const end = { x: to.x + NODE.width + 2, y: to.y + NODE.height / 2 };
  return {
    line: `M${start.x} ${start.y}H${x - r}Q${x} ${start.y} ${x} ${start.y - r}V${end.y + r}Q${x} ${end.y} ${x - r} ${end.y}H${end.x + 8}`,
    head: `M${end.x} ${end.y}l10 -5v10z`,
    middle: { x, y: (start.y + end.y) / 2 },
  };
}

function shortened(text: string, letters = LETTERS): string {
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}
