/**
 * What of LXD's instances can go. Pure. Nothing is said of an instance that does not carry our keys, and nothing is done to
 * one whose maker still lives: a container says whose it is from the moment that LXD has a record of it.
 */
import {
  type Instance,
  type InstanceKind,
  instanceKeys,
  kindOf,
  type Owner,
  ownerText,
  parseOwner,
} from '../lxd/index.ts';

export interface Seen {
  readonly instances: readonly Instance[];
  /** The fingerprints of all images. */
  readonly images: ReadonlySet<string>;
  /** Those owners (as `ownerText`) that are alive. */
  readonly alive: ReadonlySet<string>;
}

/** Why it can go. */
export type Reason = 'owner-gone' | 'image-gone' | 'never-finished';

export interface Removal {
  readonly name: string;
  readonly kind: InstanceKind;
  readonly reason: Reason;
}

/** The owners that somebody has to find out about: those of all instances of ours. */
export function ownersOf(instances: readonly Instance[]): Owner[] {
  return instances
    .filter((instance) => kindOf(instance) !== undefined)
    .map((instance) => parseOwner(instance.config[instanceKeys.owner]))
    .filter((owner) => owner !== undefined);
}

export function planRemovals({ instances, images, alive }: Seen): Removal[] {
  return instances.flatMap((instance) => {
    const kind = kindOf(instance);
    const reason = kind === undefined ? undefined : reasonFor(instance, kind, images, alive);
    return kind === undefined || reason === undefined ? [] : [{ name: instance.name, kind, reason }];
  });
}

function reasonFor(
  { config }: Instance,
  kind: InstanceKind,
  images: ReadonlySet<string>,
  alive: ReadonlySet<string>,
): Reason | undefined {
  const owner = parseOwner(config[instanceKeys.owner]);
  const orphaned = owner === undefined || !alive.has(ownerText(owner));
  if (kind !== 'prepared') return orphaned ? 'owner-gone' : undefined;
  // It outlives its maker: what it is for is its image.
  if (config[instanceKeys.ready] !== 'true') return orphaned ? 'never-finished' : undefined;
  return images.has(config[instanceKeys.image] ?? '') ? undefined : 'image-gone';
}
