/** Node's spec reporter without its closing numbers: `npm test` runs one process a file, and gives the numbers once, at its own end. */
import { Readable } from 'node:stream';
import { spec, type TestEvent } from 'node:test/reporters';

const closingNumber = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

async function* withoutClosingNumbers(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of events) {
    if (event.type === 'test:diagnostic' && closingNumber.test(event.data.message)) continue;
    yield event;
  }
}

export default async function* (events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const text of Readable.from(withoutClosingNumbers(events)).pipe(spec())) yield String(text);
}
