/** Checks for nrpe, in the form that Nagios wants: one line, and 0 for OK, 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN. */
import * as z from 'zod';
import { answered } from '../apply/progress.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { PROMOTION_PORT } from '../places.ts';
import { span } from '../plan/status.ts';

type Code = 0 | 1 | 2 | 3;

const stateSchema = z.object({
  at: z.number(),
  projects: z.array(
    z.object({
      pairs: z.array(
        z.object({
          pair: z.object({ id: z.string() }),
          verdict: z.object({ kind: z.string() }).optional(),
          trouble: z.unknown().optional(),
          hold: z.unknown().optional(),
          lastMove: z.object({ at: z.number() }).optional(),
        }),
      ),
    }),
  ),
});
type Pair = z.infer<typeof stateSchema>['projects'][number]['pairs'][number];

const CRITICAL: ReadonlySet<string> = new Set(['conflict', 'diverged', 'missing', 'unrelated']);
/** A branch that has waited for longer than this is worth a look. */
const LONG = 24 * 3_600_000;
const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

export async function check(
  machine: Machine,
  words: readonly string[],
  say: (line: string) => void,
): Promise<Code> {
  const [what, unit = ''] = words;
  const [code, text] =
    what === 'unit'
      ? await checkUnit(machine, unit)
      : what === 'branches'
        ? await checkBranches(machine)
        : unknown;
  say(`${WORDS[code]}: ${text}`);
  return code;
}

const unknown: readonly [Code, string] = [3, messages.checkUnknown];

async function checkUnit(machine: Machine, unit: string): Promise<readonly [Code, string]> {
  const state = (await machine.services.states([unit])).get(unit)?.active ?? 'inactive';
  return [state === 'active' ? 0 : 2, `${unit} is ${state}`];
}

async function checkBranches(machine: Machine): Promise<readonly [Code, string]> {
  const state = await answered(machine, `http://127.0.0.1:${PROMOTION_PORT}/api/state`, stateSchema);
  if (state === undefined) return [2, messages.promotionSilent];
  const found = state.projects
    .flatMap(({ pairs }) => pairs)
    .map((pair) => [pair.pair.id, ...judgePair(pair, state.at)] as const);
  const worst =
    found
      .map(([, code]) => code)
      .toSorted()
      .at(-1) ?? 0;
  const told = found.filter(([, code]) => code > 0).map(([id, , text]) => `${id} ${text}`);
  return [worst, told.length === 0 ? messages.checkBranchesMove(found.length) : told.join('; ')];
}

function judgePair({ verdict, trouble, hold, lastMove }: Pair, now: number): readonly [Code, string] {
  const kind = trouble === undefined ? (verdict?.kind ?? 'unknown') : 'unreachable';
  if (CRITICAL.has(kind) || kind === 'unreachable') return [2, kind];
  if (hold !== undefined) return [1, 'held'];
  if (kind === 'waiting' && lastMove !== undefined && now - lastMove.at > LONG) {
    return [1, messages.checkStands(span(now - lastMove.at))];
  }
  return [0, kind];
}
