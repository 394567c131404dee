/** Writes what `npm test` needs to know of one test file: how many tests passed, failed and were skipped, and which failed. */
import type { TestEvent } from 'node:test/reporters';

export default async function* (events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failed: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:fail' && event.data.todo === undefined && event.data.details.type !== 'suite') {
      failed.push(event.data.name);
    }
    if (event.type === 'test:summary') {
      const { passed, skipped, todo } = event.data.counts;
      yield JSON.stringify({ success: event.data.success, passed, skipped: skipped + todo, failed });
    }
  }
}
