/** What the metrics are made of: each part has metrics that belong together, and sets them anew for each scrape. */
import type { Registry } from 'prom-client';
import type { Mirror } from '../git/mirror.ts';
import type { Pair } from '../pairs.ts';
import type { StateReport } from '../state-report.ts';
import type { BuildbotFigures } from './buildbot-figures.ts';

/** What is known at the time of a scrape; nothing of it is asked for by a part. */
export interface Scraped {
  readonly report: StateReport;
  /** Undefined while Buildbot has not said it, or not for long. */
  readonly figures: BuildbotFigures | undefined;
  readonly mirrorOf: (pair: Pair) => Mirror | undefined;
  readonly daemon: DaemonFigures;
}

/** What only the process around the service knows. */
export interface DaemonFigures {
  /** When the last full reconcile began, in milliseconds since the epoch. */
  readonly reconciledAt: number;
  /** Whether Buildbot's events are heard. */
  readonly connected: boolean;
}

export interface Part {
  update(scraped: Scraped): void;
}

/** Adds its metrics to the registry. */
export type MakePart = (registry: Registry) => Part;

/** The labels that name a pair. */
export const PAIR = ['project', 'from', 'to'] as const;

export function pairLabels({ project, from, to }: Pair): Record<(typeof PAIR)[number], string> {
  return { project, from, to };
}
