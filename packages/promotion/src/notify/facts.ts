/** What is new: a value for each thing that people are told of, before anybody has found words for it. */
import type { Branch } from '@lpbuildbot/pipeline';
import type { KnownBuild } from '../buildbot/build-store.ts';
import type { Pair } from '../pairs.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { PairReport } from '../state-report.ts';

interface Common {
  /** The same for the same fact, whenever it is found. */
  readonly key: string;
  readonly project: string;
  /** When it came about, in milliseconds since the epoch. */
  readonly at: number;
}

export interface BuildFact extends Common {
  readonly kind: 'build';
  readonly branch: Branch;
  readonly build: KnownBuild;
  /** What its builder was not before; undefined when the build changes nothing. */
  readonly becomes: 'red' | 'green' | undefined;
}

export interface TestfixFact extends Common {
  readonly kind: 'testfix-begun' | 'testfix-ended';
  readonly branch: Branch;
  /** The builders that are red, with the builds that say so. */
  readonly red: readonly string[];
}

/** The entries of the audit log that are news. */
export type NewsEntry = Extract<
  AuditEntry,
  { event: 'moved' | 'merged' | 'conflict' | 'diverged' | 'diverged-ended' | 'refused' | 'held' | 'resumed' }
>;

export interface EntryFact extends Common {
  readonly kind: 'entry';
  readonly pair: Pair;
  readonly entry: NewsEntry;
  /** Of a conflict: the key of the one with which it began; undefined for the first. */
  readonly thread: string | undefined;
}

export interface MendedFact extends Common {
  readonly kind: 'mended';
  readonly pair: Pair;
  /** The key of the conflict that it ends. */
  readonly thread: string;
}

export interface StuckFact extends Common {
  readonly kind: 'stuck' | 'unstuck';
  readonly pair: Pair;
  /** Since when it stood still, in milliseconds since the epoch. */
  readonly since: number;
  readonly report: PairReport;
}

export type Fact = BuildFact | TestfixFact | EntryFact | MendedFact | StuckFact;
