/** What the page shows, as plain values: everything is decided here, and writing it as HTML decides nothing. */
import type { Verb } from '../operate.ts';
import type { FlowView } from './flow.ts';
import type { TimelineView } from './timeline.ts';

/**
 * How a pair is doing, in the order in which people should look: `broken` needs somebody, `held` was stopped by somebody,
 * `unknown` cannot be told, `waiting` waits for others, `busy` goes on by itself, `calm` is as planned, `fresh` is at its goal.
 */
export const tones = ['broken', 'held', 'unknown', 'waiting', 'busy', 'calm', 'fresh'] as const;
export type Tone = (typeof tones)[number];

/** Times are in milliseconds since the epoch, here and in all other views. */
export interface CommitView {
  readonly id: string;
  readonly short: string;
  readonly subject: string | undefined;
  readonly author: string | undefined;
  readonly at: number | undefined;
}

export interface TipView {
  readonly branch: string;
  /** Undefined when there is no such branch, or nobody has looked yet. */
  readonly commit: CommitView | undefined;
}

export type BuilderState = 'green' | 'red' | 'neither' | 'running' | 'queued' | 'not-built';

/** A required builder, and what it says of the candidate. */
export interface BuilderView {
  readonly builder: string;
  readonly state: BuilderState;
  /** Buildbot's own word, when it is neither green nor red. */
  readonly result: string | undefined;
  readonly number: number | undefined;
  readonly url: string | undefined;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
}

interface MoveView {
  readonly at: number;
  readonly commit: CommitView;
  readonly reason: string;
}

export interface PairView {
  readonly id: string;
  /** The element's id, and what a link to it ends in. */
  readonly anchor: string;
  readonly project: string;
  readonly kind: 'promotion' | 'merge';
  readonly from: TipView;
  readonly to: TipView;
  readonly tone: Tone;
  /** The state in a word, as `status` has it. */
  readonly word: string;
  /** What there is to say about it, in a line. */
  readonly text: string;
  /** How many commits `to` has not got yet; undefined when that is not known. */
  readonly waiting: number | undefined;
  /** What would move, or waits to be tested, when it is not the tip of `from`. */
  readonly candidate: CommitView | undefined;
  readonly builders: readonly BuilderView[];
  readonly hold: { readonly who: string; readonly why: string; readonly since: number } | undefined;
  /** Which builds began testfix mode; empty when it is off. */
  readonly testfix: readonly string[];
  readonly conflict: readonly string[];
  readonly why: readonly string[];
  readonly unblock: string;
  readonly moves: readonly MoveView[];
  readonly verbs: readonly Verb[];
}

interface ProjectView {
  readonly project: string;
  readonly anchor: string;
  /** Undefined when there are too many branches to draw. */
  readonly flow: FlowView | undefined;
  /** In the order of the pipeline file. */
  readonly pairs: readonly PairView[];
}

export interface HeadlineView {
  readonly tone: Tone;
  readonly title: string;
  /** Why, of each branch that is not as it should be. */
  readonly sentences: readonly { readonly name: string; readonly text: string }[];
}

export interface PageView {
  readonly at: number;
  readonly mode: 'active' | 'shadow';
  readonly buildbot: { readonly url: string; readonly problem: string | undefined };
  readonly headline: HeadlineView;
  /** How many pairs there are of each tone. */
  readonly counts: Readonly<Record<Tone, number>>;
  /** All pairs, those that need somebody first, whatever their project. */
  readonly pairs: readonly PairView[];
  /** By id: the place of a pair in the pipeline files. */
  readonly order: ReadonlyMap<string, number>;
  readonly projects: readonly ProjectView[];
  readonly timeline: TimelineView;
}
