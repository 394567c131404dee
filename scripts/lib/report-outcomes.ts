/** The end of every test command: which tests have failed and why, and in the last line the numbers. */
import { failedFile, noTestRan, testOutcome } from './messages.ts';
import type { FileOutcome } from './run-test-file.ts';

/** Prints it, and gives the exit code: no test at all is a failure too. */
export function reportOutcomes(outcomes: readonly FileOutcome[]): number {
  for (const { path, failed } of outcomes) if (failed.length > 0) console.log(failedFile(path, failed));
  const sum = (value: (outcome: FileOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const counts = {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed.length),
    skipped: sum(({ skipped }) => skipped),
  };
  const ran = counts.passed + counts.failed > 0;
  if (!ran) console.log(noTestRan);
  console.log(testOutcome(counts));
  return ran && counts.failed === 0 ? 0 : 1;
}
