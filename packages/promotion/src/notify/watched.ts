/** What the pipeline files want news of, and for whom. Pure. */
import type { Branch, Notify, Pipeline } from '@lpbuildbot/pipeline';
import type { Fact } from './facts.ts';

/** A project with somebody who is told. */
export interface Watched {
  readonly project: string;
  readonly testfix: boolean;
  readonly notify: Notify;
}

/** A builder of a branch that is promoted. */
export interface WatchedBuilder {
  readonly name: string;
  readonly branch: Branch;
  readonly project: string;
}

export interface Watch {
  /** By name. */
  readonly projects: ReadonlyMap<string, Watched>;
  /** By name. */
  readonly builders: ReadonlyMap<string, WatchedBuilder>;
}

export function watchOf(pipelines: readonly Pipeline[]): Watch {
  const told = pipelines.filter(({ notify }) => notify.mattermost !== undefined || notify.mail !== undefined);
  const builders = told.flatMap(({ project, promotions, builders: all }) => {
    const promoted = new Set<Branch>(promotions.map(({ from }) => from));
    return all
      .filter(({ branch }) => promoted.has(branch))
      .map(({ name, branch }): WatchedBuilder => ({ name, branch, project }));
  });
  return {
    projects: new Map(
      told.map(({ project, testfix, notify }) => [project, { project, testfix, notify }] as const),
    ),
    builders: new Map(builders.map((builder) => [builder.name, builder])),
  };
}

/** Whether this fact goes to the project's channel. */
export function isForChat({ notify: { mattermost } }: Watched, fact: Fact): boolean {
  if (mattermost === undefined) return false;
  return fact.kind !== 'build' || fact.becomes !== undefined || mattermost.builds === 'all';
}

/** Whether this fact is mailed: conflicts and their ends are. */
export function isForMail({ notify: { mail } }: Watched, fact: Fact): boolean {
  if (mail === undefined) return false;
  return fact.kind === 'mended' || (fact.kind === 'entry' && fact.entry.event === 'conflict');
}
