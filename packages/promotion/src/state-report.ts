/** What is known of every pair, as one value: what `/api/state` gives, and what status and explain are written from. */
import type { Looker, PairState, Trouble } from './looker.ts';
import type { Delivery } from './notify/desk.ts';
import type { Hold } from './state/holds.ts';
import type { LastMove } from './told.ts';

export interface PairReport extends PairState {
  readonly hold: Hold | undefined;
  readonly lastMove: LastMove | undefined;
  /** Why the remote can't be looked at now. */
  readonly trouble: Trouble | undefined;
}

export interface StateReport {
  /** Milliseconds since the epoch, as all times here. */
  readonly at: number;
  readonly mode: 'active' | 'shadow';
  readonly buildbot: { readonly url: string; readonly problem: string | undefined };
  /** How it goes with telling people, by way; empty when nobody is told. */
  readonly news: readonly Delivery[];
  readonly projects: readonly { readonly project: string; readonly pairs: readonly PairReport[] }[];
}

interface Sources {
  readonly at: number;
  readonly mode: 'active' | 'shadow';
  readonly buildbot: StateReport['buildbot'];
  readonly news: StateReport['news'];
  readonly lookers: readonly Looker[];
  readonly holds: ReadonlyMap<string, Hold>;
  readonly lastMove: (pair: string) => LastMove | undefined;
}

export function report(sources: Sources): StateReport {
  const projects = new Map<string, PairReport[]>();
  for (const looker of sources.lookers) {
    for (const state of looker.states()) {
      const { id, project } = state.pair;
      const pairs = projects.get(project) ?? [];
      projects.set(project, pairs);
      pairs.push({
        ...state,
        hold: sources.holds.get(id),
        lastMove: sources.lastMove(id),
        trouble: looker.trouble(),
      });
    }
  }
  return {
    at: sources.at,
    mode: sources.mode,
    buildbot: sources.buildbot,
    news: sources.news,
    projects: [...projects].map(([project, pairs]) => ({ project, pairs })),
  };
}
