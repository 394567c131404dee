/** Which images are no longer needed: pure, so that no rule about deleting goes without its test. */
import type { OwnImage } from './model.ts';

export interface PruneInputs {
  readonly images: readonly OwnImage[];
  /** How many whole images of a name stay, the current one included; at least 1. */
  readonly keepOf: (name: string) => number;
}

export interface Pruned {
  readonly image: OwnImage;
  readonly why: 'older ones' | 'left over';
}

/**
 * What an alias leads to stays, and so does what a container was made from, and what is being made. Of the others, the
 * newest stay as long as there is room for them.
 */
export function planPrune({ images, keepOf }: PruneInputs): Pruned[] {
  return [...Map.groupBy(images, ({ name }) => name)].flatMap(([name, ofName]) => {
    const leftOver = ofName.filter(({ state, users }) => state === 'left over' && users === 0);
    const newestFirst = ofName
      .filter(({ state }) => state === 'whole')
      .toSorted((a, b) => Number(b.current) - Number(a.current) || b.madeAt - a.madeAt);
    const old = newestFirst
      .slice(Math.max(1, keepOf(name)))
      .filter(({ current, users }) => !current && users === 0);
    return [
      ...old.map((image) => ({ image, why: 'older ones' as const })),
      ...leftOver.filter(({ current }) => !current).map((image) => ({ image, why: 'left over' as const })),
    ];
  });
}
