/** Holds docs/on-call.md against what the code can say: every sentence has its row, and there is no row for what is never said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, readPage, tableIn } from './markdown.ts';

export const text = readFileSync(join(import.meta.dirname, '../../docs/on-call.md'), 'utf8');
export const onCall = readPage(text);

/** The workload's word, and the message of a status. */
export type Said = readonly [word: string, message: string];

/** What differs between a table of statuses and what can be said, in sentences; the examples in the table are those of the caller. */
export function statusMistakes(section: string, said: readonly Said[]): string[] {
  const described = tableIn(onCall, section).rows.map(({ cells }) => codeOf(cells[0] ?? '').join(' '));
  const sayable = said.map((status) => status.join(' '));
  return [
    ...sayable
      .filter((status) => !described.includes(status))
      .map((status) => `docs/on-call.md, "${section}", has no row for: ${status}`),
    ...described
      .filter((status) => !sayable.includes(status))
      .map((status) => `docs/on-call.md, "${section}", has a row for what is never said: ${status}`),
  ];
}
