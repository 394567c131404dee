/**
 * What promotions and merges mean to each other and to the builders, over all files that move branches of one
 * repository, since those act on the same branches.
 */
import type { Draft, DraftMerge, DraftPromotion } from './draft.ts';
import { conflicts, references, type Words } from './messages.ts';
import { nearest, type Problem, problem } from './problem.ts';
import type { Path } from './yaml-tree.ts';

/** A mistake, and the file that it is in. */
export interface FileProblem extends Problem {
  readonly draft: Draft;
}

/** Files that move branches of one repository. */
export interface Group {
  readonly promotions: readonly Placed<DraftPromotion>[];
  readonly merges: readonly Placed<DraftMerge>[];
  /** Undefined when some builder's branch is not known: then nothing is said of branches that nothing builds. */
  readonly built: ReadonlySet<string> | undefined;
  /** Undefined when the target of some promotion is not known. */
  readonly promoted: ReadonlySet<string> | undefined;
}

interface Placed<Move> {
  readonly move: Move;
  readonly path: Path;
  readonly draft: Draft;
}

/** `complete` is false when there are files of which nothing is known. */
export function groupsOf(drafts: readonly Draft[], complete: boolean): Group[] {
  return [...Map.groupBy(drafts, (draft) => draft.place ?? draft).values()].map((group) => {
    const promotions = group.flatMap((draft) =>
      draft.promotions.map((move, index) => ({ move, path: ['promotions', index], draft })),
    );
    const branches = group.flatMap(({ builders }) =>
      builders ? [...builders.values()].map(({ branch }) => branch) : [undefined],
    );
    const targets = whole(promotions.map(({ move }) => move.to));
    return {
      promotions,
      merges: group.flatMap((draft) =>
        draft.merges.map((move, index) => ({ move, path: ['merges', index], draft })),
      ),
      built: complete ? whole(branches) : undefined,
      promoted: complete ? targets : undefined,
    };
  });
}

export const moveRules: readonly ((group: Group) => Generator<FileProblem>)[] = [
  badPromotions,
  badTargets,
  badSources,
  secondPromotions,
  secondMerges,
  circles,
];

function* badPromotions({ promotions }: Group): Generator<FileProblem> {
  for (const { move, path, draft } of promotions) {
    const { from, to } = move;
    if (from === undefined) continue;
    if (from === to) yield at(draft, [...path, 'to'], references.promotionToItself(from));
    // Builders of other files do not count: what a promotion requires are builders of its own project.
    const built = whole([...(draft.builders?.values() ?? [undefined])].map((builder) => builder?.branch));
    if (built === undefined || built.has(from)) continue;
    yield at(draft, [...path, 'from'], references.promotionOfUnbuilt(from, nearest(from, built)));
  }
}

function* badTargets({ merges, built, promoted }: Group): Generator<FileProblem> {
  for (const { move, path, draft } of merges) {
    const { from, into } = move;
    if (into === undefined) continue;
    const here = [...path, 'into'];
    if (from === into) yield at(draft, here, references.mergeIntoItself(into));
    else if (promoted?.has(into)) yield at(draft, here, references.mergeIntoPromoted(into));
    else if (built?.has(into) === false) {
      yield at(draft, here, references.mergeIntoUnbuilt(into, nearest(into, built)));
    }
  }
}

function* badSources({ merges, built, promoted }: Group): Generator<FileProblem> {
  if (promoted === undefined) return;
  for (const { move, path, draft } of merges) {
    const { from, into, schedule } = move;
    if (from === undefined || from === into || promoted.has(from)) continue;
    if (built?.has(from) === false) {
      const near = nearest(from, [...promoted, ...(built ?? [])]);
      yield at(draft, [...path, 'from'], references.mergeOfUntested(from, near));
    } else if (schedule === null) {
      yield at(draft, path, references.scheduleWithoutPromotion(from, 'default'));
    } else if (schedule === 'promotion') {
      yield at(draft, [...path, 'schedule'], references.scheduleWithoutPromotion(from, 'written'));
    }
  }
}

function* secondPromotions({ promotions }: Group): Generator<FileProblem> {
  const first = new Map<string, Placed<DraftPromotion>>();
  for (const promotion of promotions) {
    const { move, path, draft } = promotion;
    if (move.to === undefined) continue;
    const earlier = first.get(move.to);
    if (earlier === undefined) {
      first.set(move.to, promotion);
      continue;
    }
    const where = earlier.draft.where(earlier.path);
    const same = move.from !== undefined && move.from === earlier.move.from;
    const words = same
      ? conflicts.promotionTwice(move.from, move.to, where)
      : conflicts.twoPromotions(move.to, where);
    yield at(draft, [...path, 'to'], words);
  }
}

function* secondMerges({ merges }: Group): Generator<FileProblem> {
  const first = new Map<string, Placed<DraftMerge>>();
  for (const merge of merges) {
    const { from, into } = merge.move;
    if (from === undefined || into === undefined) continue;
    // No branch has a space in its name.
    const key = `${from} ${into}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, merge);
    else {
      const where = earlier.draft.where(earlier.path);
      yield at(merge.draft, [...merge.path, 'into'], conflicts.mergeTwice(from, into, where));
    }
  }
}

interface Edge {
  readonly to: string;
  readonly draft: Draft;
  readonly path: Path;
}

/**
 * One mistake for each move that closes a circle on a walk along the automatic moves in the order of the files; without
 * those moves no circle is left.
 */
function* circles(group: Group): Generator<FileProblem> {
  const edges = automaticMoves(group);
  const state = new Map<string, 'on the way' | 'done'>();
  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    state.set(start, 'on the way');
    const trail = [{ branch: start, next: 0 }];
    for (let here = trail.at(-1); here !== undefined; here = trail.at(-1)) {
      const edge = edges.get(here.branch)?.[here.next];
      here.next += 1;
      if (edge === undefined) {
        state.set(here.branch, 'done');
        trail.pop();
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 'on the way');
        trail.push({ branch: edge.to, next: 0 });
      } else if (state.get(edge.to) === 'on the way') {
        const names = trail.map(({ branch }) => branch);
        yield at(edge.draft, edge.path, conflicts.cycle([...names.slice(names.indexOf(edge.to)), edge.to]));
      }
    }
  }
}

function automaticMoves({ promotions, merges }: Group): Map<string, Edge[]> {
  const edges = new Map<string, Edge[]>();
  const seen = new Set<string>();
  const add = (from: string | undefined, to: string | undefined, { draft, path }: Placed<unknown>) => {
    if (from === undefined || to === undefined || from === to || seen.has(`${from} ${to}`)) return;
    seen.add(`${from} ${to}`);
    const others = edges.get(from);
    if (others === undefined) edges.set(from, [{ to, draft, path }]);
    else others.push({ to, draft, path });
  };
  for (const promotion of promotions) add(promotion.move.from, promotion.move.to, promotion);
  for (const merge of merges) {
    if (merge.move.schedule !== 'manual') add(merge.move.from, merge.move.into, merge);
  }
  return edges;
}

function at(draft: Draft, path: Path, words: Words): FileProblem {
  return { draft, ...problem(path, 'value', words) };
}

/** The set of all values, if all of them are known. */
function whole<Value>(values: readonly (Value | undefined)[]): ReadonlySet<Value> | undefined {
  const known = new Set<Value>();
  for (const value of values) {
    if (value === undefined) return undefined;
    known.add(value);
  }
  return known;
}
