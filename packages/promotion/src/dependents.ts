/** Which pairs depend on a builder, and who looks after them. */
import type { Looker } from './looker.ts';

interface Dependent {
  readonly looker: Looker;
  /** Those pairs' ids. */
  readonly ids: readonly string[];
}

/** By the builder's name. */
export function dependentsOf(lookers: readonly Looker[]): ReadonlyMap<string, Dependent> {
  const dependents = new Map<string, Dependent>();
  for (const looker of lookers) {
    for (const pair of looker.pairs) {
      for (const builder of pair.kind === 'promotion' ? pair.requires : []) {
        const ids = dependents.get(builder)?.ids ?? [];
        dependents.set(builder, { looker, ids: [...ids, pair.id] });
      }
    }
  }
  return dependents;
}
