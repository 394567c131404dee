/**
 * What can be told about a file whether or not all of it is right, so that a wrong value here does not hide a wrong
 * reference there. What cannot be read is undefined, and the rules say nothing about what is undefined.
 */
import * as z from 'zod';
import { addressFlaw, placeOf } from './address.ts';
import { type Branch, branchSchema } from './brands.ts';
import type { Path, Tree } from './yaml-tree.ts';

export interface Draft {
  readonly project: string | undefined;
  /** The same for all files that move branches of one repository. */
  readonly place: string | undefined;
  readonly images: ReadonlyMap<string, DraftImage> | undefined;
  readonly builders: ReadonlyMap<string, DraftBuilder> | undefined;
  readonly promotions: readonly DraftPromotion[];
  readonly merges: readonly DraftMerge[];
  /** `file:line` of a place in this file, for mistakes elsewhere that refer to it. */
  where(path: Path): string;
}

export interface DraftImage {
  readonly base: string | undefined;
  readonly flavor: string | undefined;
}

export interface DraftBuilder {
  readonly branch: Branch | undefined;
  readonly image: string | undefined;
  /** Which of `image` and `host` are written, right or wrong; undefined when the builder is not a map. */
  readonly runs: readonly string[] | undefined;
  /** The names that are given to steps, by position. */
  readonly stepNames: readonly (string | undefined)[];
}

export interface DraftPromotion {
  readonly from: Branch | undefined;
  readonly to: Branch | undefined;
  readonly requires: readonly (string | undefined)[];
}

export interface DraftMerge {
  readonly from: Branch | undefined;
  readonly into: Branch | undefined;
  /** Null when none is written. */
  readonly schedule: string | undefined | null;
}

export function draftOf(tree: Tree, where: (path: Path) => string): Draft {
  const top = mapIn(tree.value) ?? {};
  const push = textIn('push' in top ? top.push : top.repository);
  return {
    where,
    project: textIn(top.project),
    place: push !== undefined && addressFlaw(push) === undefined ? placeOf(push) : undefined,
    images: 'images' in top ? named(top.images, draftImage) : new Map(),
    builders: named(top.builders, draftBuilder),
    promotions: listIn(top.promotions).map(draftPromotion),
    merges: listIn(top.merges).map(draftMerge),
  };
}

function draftImage(value: unknown): DraftImage {
  const map = mapIn(value) ?? {};
  return { base: textIn(map.base), flavor: textIn(map.flavor) };
}

function draftBuilder(value: unknown): DraftBuilder {
  const map = mapIn(value) ?? {};
  return {
    branch: branchIn(map.branch),
    image: textIn(map.image),
    runs: mapIn(value) && ['image', 'host'].filter((key) => key in map),
    stepNames: listIn(map.steps).map((step) => textIn(mapIn(step)?.name)),
  };
}

function draftPromotion(value: unknown): DraftPromotion {
  const map = mapIn(value) ?? {};
  return {
    from: branchIn(map.from),
    to: branchIn(map.to),
    requires: listIn(map.requires).map(textIn),
  };
}

function draftMerge(value: unknown): DraftMerge {
  const map = mapIn(value) ?? {};
  return {
    from: branchIn(map.from),
    into: branchIn(map.into),
    schedule: 'schedule' in map ? textIn(map.schedule) : null,
  };
}

function named<Value>(
  value: unknown,
  read: (value: unknown) => Value,
): ReadonlyMap<string, Value> | undefined {
  const map = mapIn(value);
  return map && new Map(Object.entries(map).map(([name, entry]) => [name, read(entry)]));
}

const anyMap = z.record(z.string(), z.unknown());
const anyList = z.array(z.unknown());

function mapIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return anyMap.safeParse(value).data;
}

function listIn(value: unknown): readonly unknown[] {
  return anyList.safeParse(value).data ?? [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function branchIn(value: unknown): Branch | undefined {
  return branchSchema.safeParse(value).data;
}
