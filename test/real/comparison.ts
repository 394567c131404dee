/**
 * Compares what promotion did with what the revisions' own tests say when they are run directly. Pure: what was seen is
 * the input, and every single comparison is a finding.
 */
import type { Sha } from '@lpbuildbot/pipeline';
import type { Verdict } from './oracle.ts';

/** One comparison; without a mistake it holds. */
export interface Finding {
  readonly what: string;
  readonly mistake: string | undefined;
}

/** A revision that was the tip of a development branch. */
export interface Tip {
  readonly sha: Sha;
  /** What people call it, such as `six 1.17.0`. */
  readonly label: string;
  readonly parents: readonly Sha[];
  readonly tree: string;
  readonly direct: Verdict;
  readonly built: 'green' | 'red' | 'not built';
}

/** A development branch and the branch that is to follow it. */
export interface Line {
  readonly dev: string;
  readonly stable: string;
  /** Every tip of the development branch, oldest first; both branches begin at the first. */
  readonly tips: readonly Tip[];
  /** Every value that the stable branch was moved to, oldest first. */
  readonly moves: readonly Sha[];
}

/**
 * The stable branch goes through exactly the tips that pass directly, in order, and ends at the newest of them. The first
 * tip is where it starts, so it is no move.
 */
export function compareLine({ dev, stable, tips, moves }: Line): Finding[] {
  const named = (sha: string | undefined): string =>
    tips.find((tip) => tip.sha === sha)?.label ?? `${sha ?? 'nothing'}, which was never the tip of ${dev}`;
  const expected = tips.slice(1).filter(({ direct }) => direct === 'passes');
  const each = tips.map((tip, index): Finding => {
    const went = moves.includes(tip.sha);
    const should = index > 0 && tip.direct === 'passes';
    const built = tip.direct === 'passes' ? 'green' : 'red';
    return {
      what: `${dev}: ${tip.label} ${tip.direct} directly, is ${built} in Buildbot, ${should ? 'becomes' : 'is no move of'} ${stable}`,
      mistake:
        tip.built !== built
          ? `${tip.label} ${tip.direct} directly and is ${tip.built} in Buildbot`
          : went === should
            ? undefined
            : `${tip.label} ${tip.direct} directly, and ${stable} ${went ? 'went' : 'did not go'} there`,
    };
  });
  const ordered = moves.join() === expected.map(({ sha }) => sha).join();
  const newest = expected.at(-1)?.sha ?? tips[0]?.sha;
  const end = moves.at(-1) ?? tips[0]?.sha;
  return [
    ...each,
    {
      what: `${stable} goes through the ${expected.length} revisions that pass, in order`,
      mistake: ordered
        ? undefined
        : `${stable} went through ${moves.map(named).join(', ') || 'nothing'} instead of ${expected.map(({ label }) => label).join(', ') || 'nothing'}`,
    },
    {
      what: `${stable} ends at the newest revision that passes`,
      mistake: end === newest ? undefined : `${stable} ends at ${named(end)} instead of ${named(newest)}`,
    },
  ];
}

/** The commits of the line that were not pushed by anyone are the merges, one for each move of the other stable branch. */
export interface Merges {
  readonly from: string;
  readonly into: string;
  /** Every value that `from` was moved to, oldest first. */
  readonly moves: readonly Sha[];
  /** Every tip of `into`, oldest first. */
  readonly tips: readonly Tip[];
  /** The tips of `into` that somebody pushed. */
  readonly pushed: ReadonlySet<Sha>;
  /** The tree that merging a revision of `from` on top of a tip must give. */
  readonly expectedTree: (on: Sha, merged: Sha) => string | undefined;
}

/** Each move of `from` is merged once, in order, onto what was the tip then, with the content that both sides ask for. */
export function compareMerges({ from, into, moves, tips, pushed, expectedTree }: Merges): Finding[] {
  const made = tips
    .map((tip, index) => ({ tip, before: tips[index - 1] }))
    .filter(({ tip }) => !pushed.has(tip.sha));
  const each = moves.map((move, index): Finding => {
    const merge = made[index];
    return {
      what: `${into}: ${from} at ${move.slice(0, 7)} is merged once, onto the tip`,
      mistake: mistakeOfMerge(merge, move),
    };
  });
  const extra = made.slice(moves.length);
  return [
    ...each,
    {
      what: `${into} has no commit but those that were pushed and ${moves.length} merges`,
      mistake:
        extra.length === 0 ? undefined : `${into} also has ${extra.map(({ tip }) => tip.sha).join(', ')}`,
    },
  ];

  function mistakeOfMerge(
    merge: { tip: Tip; before: Tip | undefined } | undefined,
    move: Sha,
  ): string | undefined {
    if (merge?.before === undefined) return `${move} was never merged into ${into}`;
    const { tip, before } = merge;
    const parents = [before.sha, move];
    if (tip.parents.join() !== parents.join()) {
      return `${tip.sha} has the parents ${tip.parents.join(', ')} instead of ${parents.join(', ')}`;
    }
    const tree = expectedTree(before.sha, move);
    return tip.tree === tree ? undefined : `${tip.sha} has the tree ${tip.tree} instead of ${tree}`;
  }
}
