/**
 * How what is ours in LXD is told from what is not: configuration keys on instances, and names of images. Only what carries
 * these is ever changed or deleted by any of the commands.
 */
import type { Instance } from './schemas.ts';

/** What an instance of ours is for: a build's own container, what those are copied from, or an image in the making. */
export type InstanceKind = 'run' | 'prepared' | 'build';

/** Configuration keys of instances; LXD leaves `user.*` to its users. */
export const instanceKeys = {
  kind: 'user.lpbuildbot.kind',
  /** The process that made it, as `ownerText` has it. */
  owner: 'user.lpbuildbot.owner',
  /** The fingerprint of the image it is made from. */
  image: 'user.lpbuildbot.image',
  /** Set on a prepared container once it is whole. */
  ready: 'user.lpbuildbot.ready',
  /** Set on a prepared container once it is known that no mounts can be shifted for its copies. */
  noShift: 'user.lpbuildbot.no-shift',
} as const;

export const imageProperties = {
  /** The name that people know it by. */
  name: 'lpbuildbot.name',
  /** The hash of the whole recipe that it was made by. */
  recipe: 'lpbuildbot.recipe',
} as const;

/** The alias of the newest image of that name. */
export const imageAlias = (name: string): string => `lpbuildbot/${name}`;

/** Eight digits that no other instance of ours has; no secret. */
const uniqueSuffix = (): string =>
  Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** A name that no other instance has. */
export const newInstanceName = (kind: Exclude<InstanceKind, 'prepared'>): string =>
  `lpbuildbot-${kind}-${uniqueSuffix()}`;

/**
 * How the owner of a directory that is bound comes to own it in the container: by a mount that LXD shifts (`shift` of a disk device), or by a
 * user and a group that are the machine's own (`raw.idmap`).
 */
export interface Mapping {
  readonly way: 'shift' | 'raw.idmap';
  readonly ids: { readonly uid: number; readonly gid: number };
}

/**
 * One for each image and, where directories are bound, for their owner and the way that they come to that: whom a container's files belong to is
 * settled when it first starts. The `s` is for `shift`: LXD's names are short.
 */
export function preparedName(fingerprint: string, mapping?: Mapping): string {
  const name = `lpbuildbot-prepared-${fingerprint.slice(0, 12)}`;
  if (mapping === undefined) return name;
  const { way, ids } = mapping;
  return `${name}-${way === 'shift' ? 's' : ''}${ids.uid}-${ids.gid}`;
}

const spareMark = '-spare-';

/** A copy of a prepared container that waits for its use; it keeps that name when it becomes a build's own. */
export const newSpareName = (prepared: string): string => `${prepared}${spareMark}${uniqueSuffix()}`;

/** Whether the name is that of a copy which was made of that prepared container beforehand. */
export const isSpareOf = (prepared: string, name: string): boolean =>
  name.startsWith(`${prepared}${spareMark}`);

/** What kind of ours the instance is; undefined for one that we did not make. */
export function kindOf(instance: Pick<Instance, 'name' | 'config'>): InstanceKind | undefined {
  const kind = instance.config[instanceKeys.kind];
  const known = kind === 'run' || kind === 'prepared' || kind === 'build';
  const spare = instance.name.startsWith('lpbuildbot-prepared-') && instance.name.includes(spareMark);
  const named = instance.name.startsWith(`lpbuildbot-${kind}-`) || (kind === 'run' && spare);
  return known && named ? kind : undefined;
}
