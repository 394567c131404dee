/** What the exit code of lpbuildbot-run is. Pure. */
import { CANNOT_RUN, TIMED_OUT } from './failure.ts';

/** Why the command was ended from here. */
export type Ended =
  | { readonly kind: 'by-itself' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'signal'; readonly number: number };

/** How the command ended, as far as that is known. */
export type Result = { readonly kind: 'exited'; readonly code: number } | { readonly kind: 'lost' };

/** `container` says whether the command had to be ended by stopping its container. */
export function exitCodeOf(ended: Ended, result: Result, container: 'left-alone' | 'stopped'): number {
  if (ended.kind === 'timeout') return TIMED_OUT;
  // A command that takes a signal and ends as it likes has the last word.
  if (ended.kind === 'signal' && (container === 'stopped' || result.kind === 'lost'))
    return 128 + ended.number;
  return result.kind === 'exited' ? result.code : CANNOT_RUN;
}
