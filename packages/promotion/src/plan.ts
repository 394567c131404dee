/** From what was observed to what is to be done. Pure. */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import type { KnownBuild } from './buildbot/build-store.ts';
import { decideMerge, type MergeInputs, type MergeVerdict } from './decide-merge.ts';
import { decidePromotion, type PromotionInputs, type PromotionVerdict } from './decide-promotion.ts';
import { messages } from './messages.ts';
import type { MergePair, PromotionPair } from './pairs.ts';
import type { AuditEvent } from './state/audit.ts';
import type { Told } from './told.ts';

export type PairInputs = PromotionInputs | MergeInputs;
export type Verdict = PromotionVerdict | MergeVerdict;

export type Step =
  | {
      readonly kind: 'move';
      readonly pair: PromotionPair;
      readonly branch: Branch;
      readonly expected: Sha | undefined;
      readonly revision: Sha;
      readonly builds: readonly KnownBuild[];
      readonly reason: string;
    }
  | {
      readonly kind: 'merge';
      readonly pair: MergePair;
      readonly branch: Branch;
      readonly expected: Sha;
      readonly merged: Sha;
      readonly tree: string;
      readonly reason: string;
    }
  | { readonly kind: 'tell'; readonly event: AuditEvent }
  /** A scheduled merge has had its turn. */
  | { readonly kind: 'consider'; readonly pair: MergePair };

interface Plan {
  /** By pair id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly steps: readonly Step[];
}

export function plan(inputs: readonly PairInputs[], mode: 'active' | 'shadow', told: Told): Plan {
  const verdicts = new Map<string, Verdict>();
  const steps: Step[] = [];
  for (const input of inputs) {
    if (isPromotion(input)) {
      const verdict = decidePromotion(input);
      verdicts.set(input.pair.id, verdict);
      if (verdict.kind !== 'diverged' && told.isOpen(input.pair.id, 'diverged')) {
        steps.push({ kind: 'tell', event: { event: 'diverged-ended', pair: input.pair.id } });
      }
      steps.push(...promotionSteps(input, verdict, mode));
    } else {
      const verdict = decideMerge(input);
      verdicts.set(input.pair.id, verdict);
      steps.push(...mergeSteps(input, verdict, mode));
      if (verdict.kind !== 'conflict' && told.isOpen(input.pair.id, 'conflict')) {
        steps.push({ kind: 'tell', event: { event: 'conflict-ended', pair: input.pair.id } });
      }
    }
  }
  return { verdicts, steps: steps.filter((step) => step.kind !== 'tell' || !told.has(step.event)) };
}

export function isPromotion(input: PairInputs): input is PromotionInputs {
  return input.pair.kind === 'promotion';
}

function promotionSteps(
  input: PromotionInputs,
  verdict: PromotionVerdict,
  mode: 'active' | 'shadow',
): Step[] {
  const { pair } = input;
  if (verdict.kind === 'diverged') {
    return [
      { kind: 'tell', event: { event: 'diverged', pair: pair.id, from: verdict.from, to: verdict.to } },
    ];
  }
  if (verdict.kind !== 'move') return [];
  const reason = messages.moveReason(verdict);
  const { from, to, builds } = verdict;
  if (mode === 'active') {
    return [{ kind: 'move', pair, branch: pair.to, expected: from, revision: to, builds, reason }];
  }
  const event: AuditEvent = {
    event: 'would-move',
    pair: pair.id,
    branch: pair.to,
    from: from ?? null,
    to,
    builds: builds.map(evidence),
    reason,
  };
  return [{ kind: 'tell', event }];
}

function mergeSteps(input: MergeInputs, verdict: MergeVerdict, mode: 'active' | 'shadow'): Step[] {
  const { pair, due } = input;
  // A tick that found nothing to merge, or a conflict, is used up; one that leads to a merge is used up by the merge.
  const turn: Step[] =
    due.kind === 'now' && pair.schedule.kind === 'cron' ? [{ kind: 'consider', pair }] : [];
  switch (verdict.kind) {
    case 'conflict': {
      const { from, to: into, files } = verdict;
      return [
        { kind: 'tell', event: { event: 'conflict', pair: pair.id, from, into, files: [...files] } },
        ...turn,
      ];
    }
    case 'up-to-date':
    case 'unrelated':
      return turn;
    case 'merge': {
      const { from: merged, to: expected, tree } = verdict;
      if (mode === 'active') {
        return [
          {
            kind: 'merge',
            pair,
            branch: pair.to,
            expected,
            merged,
            tree,
            reason: messages.mergeReason(pair),
          },
        ];
      }
      const event: AuditEvent = {
        event: 'would-merge',
        pair: pair.id,
        branch: pair.to,
        from: expected,
        merged,
      };
      return [{ kind: 'tell', event }, ...turn];
    }
    default:
      return [];
  }
}

/** A build as the audit log names it. */
export function evidence(build: KnownBuild): { builder: string; number: number; buildid: number } {
  return { builder: build.builder, number: build.number, buildid: build.buildid };
}
