/**
 * When a merge is due. A cron schedule is looked at as "has a tick passed since the merge was last considered", so that a
 * tick that fell into a restart or a jump of the clock is made up for once, and none is counted twice.
 */
import type { Schedule } from '@lpbuildbot/pipeline';
import { CronExpressionParser } from 'cron-parser';

export type Due =
  | { readonly kind: 'now' }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'at'; readonly time: number }
  | { readonly kind: 'by-hand' };

/**
 * @param considered when the merge was last made or found to be needless, in milliseconds since the epoch.
 * @param now milliseconds since the epoch.
 */
export function due(schedule: Schedule, considered: number, now: number): Due {
  if (schedule.kind === 'manual') return { kind: 'by-hand' };
  // "Right after `from` moved" is a look at each move; what a crash left undone is done at the next look.
  if (schedule.kind === 'promotion') return { kind: 'now' };
  const next = CronExpressionParser.parse(schedule.expression, {
    currentDate: new Date(considered),
    tz: 'UTC',
  })
    .next()
    .getTime();
  return next <= now ? { kind: 'now' } : { kind: 'at', time: next };
}
