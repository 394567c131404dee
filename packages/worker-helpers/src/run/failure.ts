/** The exit codes of lpbuildbot-run that are not the command's own (as `docker run`, `env` and `timeout` have them). */
import { Failure } from '../command/failure.ts';

export const TIMED_OUT = 124;
export const CANNOT_RUN = 125;

/** The command was not run, or nobody knows how it ended. */
export function runFailure(sentence: string, cause?: unknown): Failure {
  return new Failure(sentence, { exitCode: CANNOT_RUN, ...(cause === undefined ? {} : { cause }) });
}
