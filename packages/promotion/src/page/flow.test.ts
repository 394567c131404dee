import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowView, flowView } from './flow.ts';
import { flowDrawings } from './flow-svg.ts';
import { markup } from './html.ts';
import type { PairView } from './view.ts';

function pair(from: string, to: string, kind: PairView['kind'] = 'promotion'): PairView {
  const none = { waiting: 0, candidate: undefined, hold: undefined, unblock: '' };
  return {
    id: `${from} -> ${to}`,
    anchor: `pair.${from}.${to}`,
    project: 'demo',
    kind,
    from: { branch: from, commit: undefined },
    to: { branch: to, commit: undefined },
    tone: 'fresh',
    word: 'up to date',
    text: '',
    builders: [],
    testfix: [],
    conflict: [],
    why: [],
    moves: [],
    verbs: [],
    ...none,
  };
}

const launchpad = [
  pair('master', 'stable'),
  pair('db-devel', 'db-stable'),
  pair('stable', 'db-devel', 'merge'),
  pair('db-stable', 'master', 'merge'),
];

function drawn(pairs: readonly PairView[]): FlowView {
  const flow = flowView(pairs);
  assert.ok(flow !== undefined);
  return flow;
}

const places = (pairs: readonly PairView[]) =>
  Object.fromEntries(drawn(pairs).nodes.map(({ branch, column, row }) => [branch, [column, row]]));

test("Launchpad's flow is one line, and the merge that closes the circle leads back", () => {
  assert.deepEqual(places(launchpad), {
    master: [0, 0],
    stable: [1, 0],
    'db-devel': [2, 0],
    'db-stable': [3, 0],
  });
  const back = drawn(launchpad).edges.filter((edge) => edge.direction === 'back');
  assert.deepEqual(
    back.map(({ from, to }) => [from, to]),
    [['db-stable', 'master']],
  );
});

test('branches that share a source stand below each other, and never on the same place', () => {
  const flow = [pair('main', 'stable'), pair('main', 'beta'), pair('old', 'older')];
  assert.deepEqual(places(flow), { main: [0, 0], stable: [1, 0], beta: [1, 1], old: [0, 1], older: [1, 2] });
});

test('what nobody could read is not drawn', () => {
  const many = Array.from({ length: 20 }, (_, index) => pair(`dev-${index}`, `stable-${index}`));
  assert.equal(flowView(many), undefined);
  assert.equal(flowView([]), undefined);
});

test('a drawing has every branch, every pair leads to its place on the page, and nothing is outside', () => {
  const svg = markup(
    flowDrawings(drawn([...launchpad, pair('<b>', 'a-very-long-name-of-a-branch')]), 'demo'),
  );
  assert.equal(svg.match(/<svg /g)?.length, 2, 'one for wide screens, one for narrow ones');
  for (const { anchor } of launchpad) assert.equal(svg.split(`href="#${anchor}"`).length, 3);
  assert.doesNotMatch(svg, /<b>/);
  for (const [, width, height, text] of svg.matchAll(
    /<svg [^>]*width="(\d+)" height="(\d+)"(.*?)<\/svg>/gs,
  )) {
    for (const [, x, y, w, h] of (text ?? '').matchAll(
      /<rect [^>]*?x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )) {
      assert.ok(Number(x) >= 0 && Number(y) >= 0);
      assert.ok(Number(x) + Number(w) <= Number(width) && Number(y) + Number(h) <= Number(height));
    }
  }
});
