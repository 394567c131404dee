/**
 * Writes what `npm test` needs to know of one test file: how many tests passed, failed and were skipped, and which failed
 * why. The reason stands beside the name because the end of a long log is often all that is kept of it.
 */
import type { TestEvent } from 'node:test/reporters';

/** As much of a reason as tells one cause from another, in characters. */
const reasonLength = 600;

export default async function* (events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failed: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:fail' && event.data.todo === undefined && event.data.details.type !== 'suite') {
      failed.push(`${event.data.name}: ${reasonOf(event.data.details.error)}`);
    }
    if (event.type === 'test:summary') {
      const { passed, skipped, todo } = event.data.counts;
      yield JSON.stringify({ success: event.data.success, passed, skipped: skipped + todo, failed });
    }
  }
}

/** The words of the error that ended a test: Node wraps it in one of its own. */
function reasonOf(error: Error): string {
  const { cause } = error;
  const text = cause instanceof Error ? cause.message : String(cause ?? error.message);
  return text.trim().slice(0, reasonLength).replaceAll(/\n\s*/g, '\n    ');
}
