/**
 * What Prometheus is told of a worker's images, as a file for node_exporter's textfile collector
 * (https://github.com/prometheus/node_exporter#textfile-collector, format:
 * https://prometheus.io/docs/instrumenting/exposition_formats/). Only the images that builds get count.
 */
import type { Row } from './image-list.ts';

/** By name. */
type Ages = ReadonlyMap<string, { readonly maxAgeSeconds: number }>;

interface Metric {
  /** What follows `lpbuildbot_image_`. */
  readonly name: string;
  readonly help: string;
  /** Undefined where there is nothing to tell. */
  readonly value: (row: Row, recipes: Ages | undefined) => number | undefined;
}

const metrics: readonly Metric[] = [
  {
    name: 'present',
    help: 'Whether there is an image of this name: 0 when there is only a recipe',
    value: ({ state }) => (state === 'missing' ? 0 : 1),
  },
  {
    name: 'created_timestamp_seconds',
    help: 'When the image was made',
    value: ({ made }) => (made === null ? undefined : Date.parse(made) / 1000),
  },
  {
    name: 'max_age_seconds',
    help: 'The age at which the image is made anew, as its recipe says; absent without a recipe',
    value: ({ name }, recipes) => recipes?.get(name)?.maxAgeSeconds,
  },
  {
    name: 'recipe_changed',
    help: 'Whether the recipe has changed since the image was made; absent when that is not known',
    value: ({ made, recipe }) =>
      made === null ? undefined : recipe === 'changed' ? 1 : recipe === 'current' ? 0 : undefined,
  },
  {
    name: 'size_bytes',
    help: 'The size of the image as LXD stores it',
    value: ({ sizeBytes }) => sizeBytes ?? undefined,
  },
];

/** @param recipes undefined when they cannot be read. */
export function imageMetrics(rows: readonly Row[], recipes: Ages | undefined): string {
  const shown = rows.filter(({ state }) => state === 'current' || state === 'missing');
  const lines = metrics.flatMap(({ name, help, value }) => {
    const samples = shown.flatMap((row) => {
      const number = value(row, recipes);
      return number === undefined ? [] : [`lpbuildbot_image_${name}{image="${escaped(row.name)}"} ${number}`];
    });
    const about = [`# HELP lpbuildbot_image_${name} ${help}.`, `# TYPE lpbuildbot_image_${name} gauge`];
    return samples.length === 0 ? [] : [...about, ...samples];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
