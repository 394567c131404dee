/**
 * The answer to the one question that people ask: why is this branch not moving? What is the case, and what would unblock
 * it. Pure.
 */
import { colour, type KnownBuild } from './buildbot/build-store.ts';
import type { Blocker } from './decide-promotion.ts';
import type { Pair } from './pairs.ts';
import type { Verdict } from './plan.ts';
import type { PairReport } from './state-report.ts';
import { blockerText } from './status-text.ts';
import { count, list, moment, short, span } from './words.ts';

export interface ExplainInputs {
  readonly report: PairReport;
  /** Builders of `from` whose last build is red, with that build. */
  readonly red: readonly KnownBuild[];
  /** How many build requests wait for a worker, by builder. */
  readonly pending: ReadonlyMap<string, number>;
  readonly now: number;
}

export function explain(inputs: ExplainInputs): string {
  const { report } = inputs;
  const { case: what, unblock } = answer(inputs);
  return [report.pair.id, ...what.map((line) => `  ${line}`), `  What would unblock it: ${unblock}`, ''].join(
    '\n',
  );
}

export interface Answer {
  readonly case: readonly string[];
  readonly unblock: string;
}

/** The parts of the answer, for those who lay them out by themselves. */
export function answer(inputs: ExplainInputs): Answer {
  const { report, now } = inputs;
  const { pair, verdict, trouble, refusal } = report;
  if (trouble !== undefined) {
    return {
      case: [
        `The remote repository cannot be worked with since ${moment(trouble.since, now)}: ${trouble.reason}`,
      ],
      unblock: 'the remote answering again; it is tried again by itself, at least once a minute.',
    };
  }
  if (verdict === undefined)
    return { case: ['It has not been looked at yet.'], unblock: 'a moment of patience.' };
  if (refusal !== undefined && (verdict.kind === 'move' || verdict.kind === 'merge')) {
    return {
      case: [
        `The server declines ${short(refusal.revision)} since ${moment(refusal.since, now)}: ${refusal.reason}`,
      ],
      unblock: `whoever runs the server letting this service push to ${pair.to}; it is tried again by itself.`,
    };
  }
  return answerFor(verdict, inputs);
}

function answerFor(verdict: Verdict, inputs: ExplainInputs): Answer {
  const { report, now } = inputs;
  const { pair } = report;
  switch (verdict.kind) {
    case 'up-to-date':
      return {
        case: [`${pair.to} has all of ${pair.from} (${short(verdict.tip)}).`],
        unblock: 'nothing is blocked.',
      };
    case 'missing':
      return {
        case: [`There is no branch ${verdict.branch}.`],
        unblock: missingBranch(verdict.branch, pair),
      };
    case 'diverged':
      return {
        case: [
          `${pair.to} is at ${short(verdict.to)}, which is not on ${pair.from} (${short(verdict.from)}): it cannot be fast-forwarded.`,
        ],
        unblock: `merging ${pair.to} into ${pair.from}, or resetting ${pair.to} to a tested revision of ${pair.from} by hand.`,
      };
    case 'builds-unknown':
      return {
        case: [
          `${pair.to} is ${count(verdict.behind, 'commit')} behind ${pair.from}.`,
          `Buildbot cannot be asked: ${verdict.reason}`,
        ],
        unblock: 'Buildbot answering again; it is asked again by itself.',
      };
    case 'waiting':
      return {
        case: [
          `${pair.to} is ${count(verdict.behind, 'commit')} behind ${pair.from}, and none of them is green.`,
          `The newest, ${short(verdict.candidate)}: ${verdict.blockers.map((blocker) => blockerText(blocker, now)).join('; ')}.`,
        ],
        unblock: list(unblockers(verdict.blockers, inputs)),
      };
    case 'move':
    case 'merge':
      return { case: ['It is about to move.'], unblock: 'a moment of patience.' };
    case 'held':
      return {
        case: [`${verdict.hold.who} holds it since ${moment(verdict.hold.since, now)}: ${verdict.hold.why}`],
        unblock: `lpbuildbot-promotion resume ${pair.from} ${pair.to}`,
      };
    case 'conflict':
      return {
        case: [
          `${pair.from} (${short(verdict.from)}) does not merge into ${pair.to} (${short(verdict.to)}). In conflict:`,
          ...verdict.files.map((file) => `  ${file}`),
        ],
        unblock: `merging by hand: git checkout ${pair.to} && git merge origin/${pair.from}, mend the files, push ${pair.to}.`,
      };
    case 'unrelated':
      return {
        case: ['The two branches have no commit in common.'],
        unblock: `a first merge by hand, if that is meant: git merge --allow-unrelated-histories origin/${pair.from}`,
      };
    case 'scheduled':
      return verdict.due.kind === 'at'
        ? {
            case: [
              `${short(verdict.from)} merges cleanly; the schedule says ${moment(verdict.due.time, now)}.`,
            ],
            unblock: `${span(verdict.due.time - now)} of patience, or lpbuildbot-promotion merge ${pair.from} ${pair.to}`,
          }
        : {
            case: [
              `${short(verdict.from)} merges cleanly; this merge is made only when an operator says so.`,
            ],
            unblock: `lpbuildbot-promotion merge ${pair.from} ${pair.to}`,
          };
  }
}

function missingBranch(branch: string, pair: Pair): string {
  if (branch === pair.from) return `pushing ${branch}.`;
  return `pushing ${branch} anew, at a revision that is on ${pair.from}: a branch that was there and vanished is not made by itself.`;
}

function unblockers(blockers: readonly Blocker[], inputs: ExplainInputs): string[] {
  const { report, red, pending } = inputs;
  const testfix = report.pair.kind === 'promotion' && report.pair.testfix && red.length > 0;
  return blockers.map(({ builder, state, build }) => {
    if (state === 'running') return `${builder} #${build?.number} ending green (nothing to do)`;
    if (state === 'red') {
      return testfix
        ? `a commit with [testfix] in its message that mends ${builder}, or a forced green build of it`
        : `a commit that mends ${builder}, or a green rebuild of #${build?.number} if the code was not at fault`;
    }
    if (state === 'neither')
      return `a rebuild of ${builder} #${build?.number}, which says nothing about the code`;
    if ((pending.get(builder) ?? 0) > 0) return `a worker for ${builder}, whose build request is waiting`;
    if (testfix) {
      const reds = list(
        red.filter((last) => colour(last) === 'red').map((last) => `${last.builder} #${last.number}`),
      );
      return `a commit with [testfix] in its message: ${report.pair.from} is in testfix mode since ${reds}`;
    }
    return `a build by ${builder}: force one in Buildbot if none starts by itself`;
  });
}
