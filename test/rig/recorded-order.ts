/**
 * The order in which a real Juju 4.0.14 ran hooks in each situation, as distilled from its recordings (`fixtures/order.jsonl`), and how
 * to compare with it. Left to chance there, and so not compared: the order of relations among each other, and whether the two reports
 * of one change of settings come as one config-changed or as two.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const recordedSchema = z.object({
  scenario: z.number(),
  about: z.string(),
  ran: z.record(z.string(), z.array(z.string())),
});

export type Ran = Readonly<Record<string, readonly string[]>>;
export type Recorded = Readonly<z.infer<typeof recordedSchema>>;

const recordings = readFileSync(join(import.meta.dirname, 'fixtures/order.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => recordedSchema.parse(JSON.parse(line)));

export function recorded(scenario: number): Recorded {
  const found = recordings.find((one) => one.scenario === scenario);
  if (found === undefined) throw new Error(`scenario ${scenario} is not among the fixtures`);
  return found;
}

/** What of it can be compared; `without` names events that the scenario is not about, left over from earlier ones. */
export function comparable(ran: Ran, without: readonly string[] = []): Ran {
  const entries = Object.entries(ran).map(([unit, lines]): [string, readonly string[]] => [
    unit,
    once(inRelations(lines.filter((line) => !without.includes(line.split(' ')[0] ?? '')))),
  ]);
  return Object.fromEntries(entries.filter(([, lines]) => lines.length > 0));
}

function once(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line !== 'config-changed' || lines[index - 1] !== line);
}

/** Events of relations in a row, endpoint by endpoint. */
function inRelations(lines: readonly string[]): string[] {
  const result: string[] = [];
  let row: string[] = [];
  const flush = (): void => {
    result.push(...row.toSorted((one, other) => endpointOf(one).localeCompare(endpointOf(other))));
    row = [];
  };
  for (const line of lines) {
    if (endpointOf(line) !== '') {
      row.push(line);
      continue;
    }
    flush();
    result.push(line);
  }
  flush();
  return result;
}

function endpointOf(line: string): string {
  return /^(.*)-relation-/.exec(line)?.[1] ?? '';
}
