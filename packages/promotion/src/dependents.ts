/** Which pairs a build matters to, and who looks after them. */
import type { Pipeline } from '@lpbuildbot/pipeline';
import type { Config } from './config.ts';
import type { Looker } from './looker.ts';
import { touching } from './observe.ts';
import { remoteOf } from './pairs.ts';

interface Dependent {
  readonly looker: Looker;
  /** Those pairs' ids. */
  readonly ids: readonly string[];
}

/**
 * By the builder's name. A build that waits or begins is also the first sign that its branch has moved: so it matters to every pair that the branch
 * is part of, and not only to the promotion that requires it.
 */
export function dependentsOf(
  lookers: readonly Looker[],
  pipelines: readonly Pipeline[],
  mode: Config['mode'],
): ReadonlyMap<string, Dependent> {
  const byUrl = new Map(lookers.map((looker) => [looker.url, looker]));
  const dependents = new Map<string, Dependent>();
  for (const pipeline of pipelines) {
    const looker = byUrl.get(remoteOf(pipeline, mode));
    if (looker === undefined) continue;
    for (const { name, branch } of pipeline.builders) {
      dependents.set(name, { looker, ids: touching(looker.pairs, new Set([branch])) });
    }
  }
  return dependents;
}
