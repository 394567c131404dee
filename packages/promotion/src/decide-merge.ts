/** The rules by which one branch is merged into another (DESIGN's promotion rules 5 and 6). Pure. */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import type { MergeRelation } from './git/mirror.ts';
import type { MergePair } from './pairs.ts';
import type { Due } from './schedule.ts';
import type { Hold } from './state/holds.ts';

export interface MergeInputs {
  readonly pair: MergePair;
  readonly from: Sha | undefined;
  readonly to: Sha | undefined;
  /** Undefined only when one of the branches is. */
  readonly relation: MergeRelation | undefined;
  readonly due: Due;
  readonly hold: Hold | undefined;
}

export type MergeVerdict =
  | { readonly kind: 'up-to-date'; readonly tip: Sha }
  | { readonly kind: 'missing'; readonly branch: Branch }
  | { readonly kind: 'conflict'; readonly from: Sha; readonly to: Sha; readonly files: readonly string[] }
  | { readonly kind: 'unrelated'; readonly from: Sha; readonly to: Sha }
  /** Something can be merged, and it is not the time. */
  | { readonly kind: 'scheduled'; readonly due: Due; readonly from: Sha }
  | { readonly kind: 'merge'; readonly from: Sha; readonly to: Sha; readonly tree: string }
  | { readonly kind: 'held'; readonly hold: Hold; readonly would: MergeVerdict };

export function decideMerge(inputs: MergeInputs): MergeVerdict {
  const { pair, from, to, relation, due, hold } = inputs;
  if (from === undefined) return { kind: 'missing', branch: pair.from };
  if (to === undefined || relation === undefined) return { kind: 'missing', branch: pair.to };
  if (relation.kind === 'contained') return { kind: 'up-to-date', tip: to };
  // A conflict is shown as soon as it is there, not only when the time for the merge has come.
  if (relation.kind === 'conflict') return { kind: 'conflict', from, to, files: relation.files };
  if (relation.kind === 'unrelated') return { kind: 'unrelated', from, to };
  if (due.kind !== 'now') return { kind: 'scheduled', due, from };
  const verdict: MergeVerdict = { kind: 'merge', from, to, tree: relation.tree };
  return hold === undefined ? verdict : { kind: 'held', hold, would: verdict };
}
