/**
 * What an accepted pipeline file means, with every default filled in and every reference resolved. The rest of the
 * project works on this value and never on the file.
 */
import type { Branch } from './brands.ts';

export interface Pipeline {
  /** The file this was read from, for messages. */
  readonly file: string;
  readonly project: string;
  /** Where commits are read from. */
  readonly repository: string;
  /** Where branches are moved; the same as `repository` unless the file says otherwise. */
  readonly push: string;
  /** Seconds between two looks of Buildbot's git poller. */
  readonly pollSeconds: number;
  readonly images: readonly Image[];
  readonly builders: readonly Builder[];
  readonly promotions: readonly Promotion[];
  readonly merges: readonly Merge[];
  readonly testfix: boolean;
  readonly notify: Notify;
}

/** Who is told. */
export interface Notify {
  readonly mattermost?: {
    readonly channel: string;
    /** Which finished builds are told. */
    readonly builds: 'changes' | 'all';
    /** After how long a branch that waits is told. */
    readonly stuckSeconds: number;
  };
  /** Who gets mail of conflicts. */
  readonly mail?: { readonly to: readonly string[] };
}

export interface Image {
  readonly name: string;
  readonly base: string;
  readonly flavor?: string;
}

export interface Builder {
  readonly name: string;
  readonly branch: Branch;
  /** Where the steps run: in a fresh container of an image, or on the worker itself. */
  readonly runs: { readonly on: 'image'; readonly image: string } | { readonly on: 'host' };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly name: string;
  /** A shell command line. */
  readonly run: string;
  /** The longest time the step may take, in seconds; without it Buildbot's own limit of 20 silent minutes holds. */
  readonly timeoutSeconds?: number;
}

export interface Promotion {
  readonly from: Branch;
  readonly to: Branch;
  /** Names of builders of `from` that must all be green; never empty. */
  readonly requires: readonly string[];
}

export interface Merge {
  readonly from: Branch;
  readonly into: Branch;
  readonly schedule: Schedule;
}

export type Schedule =
  | { readonly kind: 'cron'; readonly expression: string }
  /** Right after a promotion moved `from`. */
  | { readonly kind: 'promotion' }
  /** Only when an operator says so. */
  | { readonly kind: 'manual' };
