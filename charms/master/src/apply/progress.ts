/** What the two services say of themselves, for the status. Neither has to answer. */
import * as z from 'zod';
import type { Machine } from '../machine/machine.ts';
import { PROMOTION_PORT } from '../places.ts';
import type { PairProgress, Progress } from '../plan/status.ts';

const workersSchema = z.object({
  workers: z.array(z.object({ name: z.string(), connected_to: z.array(z.unknown()) })),
});

const stateSchema = z.object({
  projects: z.array(
    z.object({
      project: z.string(),
      pairs: z.array(
        z.object({
          pair: z.object({ kind: z.enum(['promotion', 'merge']), to: z.string() }),
          verdict: z.object({ kind: z.string() }).optional(),
          refusal: z.unknown().optional(),
          trouble: z.unknown().optional(),
          hold: z.unknown().optional(),
          lastMove: z.object({ at: z.number() }).optional(),
        }),
      ),
    }),
  ),
});

/** After a reboot systemd starts them at the same time as Juju its hooks. */
const PATIENCE_SECONDS = 20;

/** What both say, with a little patience for one that has only just been started. */
export async function observeProgress(
  machine: Machine,
  webPort: number,
  promotion: 'runs' | 'off',
): Promise<Progress> {
  const progress = await look(machine, webPort, promotion);
  const waits = [
    ...(progress.connected === undefined ? [machine.buildbot.untilServing(webPort, PATIENCE_SECONDS)] : []),
    ...(progress.pairs === undefined && promotion === 'runs' ? [machine.promotion.untilServing()] : []),
  ];
  if (waits.length === 0 || !(await Promise.all(waits)).includes('serving')) return progress;
  return await look(machine, webPort, promotion);
}

async function look(machine: Machine, webPort: number, promotion: 'runs' | 'off'): Promise<Progress> {
  const [workers, state] = await Promise.all([
    answered(
      machine,
      `http://127.0.0.1:${webPort}/api/v2/workers?field=name&field=connected_to`,
      workersSchema,
    ),
    promotion === 'off'
      ? undefined
      : answered(machine, `http://127.0.0.1:${PROMOTION_PORT}/api/state`, stateSchema),
  ]);
  return {
    connected:
      workers === undefined
        ? undefined
        : new Set(workers.workers.filter((each) => each.connected_to.length > 0).map(({ name }) => name)),
    pairs: state?.projects.flatMap(({ project, pairs }) => pairs.map((pair) => progressOf(project, pair))),
  };
}

type Pair = z.infer<typeof stateSchema>['projects'][number]['pairs'][number];

function progressOf(
  project: string,
  { pair, verdict, refusal, trouble, hold, lastMove }: Pair,
): PairProgress {
  const kind = verdict?.kind ?? 'unknown';
  const refused = refusal !== undefined && (kind === 'move' || kind === 'merge');
  return {
    project,
    kind: pair.kind,
    to: pair.to,
    state: trouble === undefined ? (refused ? 'refused' : kind) : 'unreachable',
    movedAt: lastMove?.at,
    held: hold === undefined ? 'free' : 'held',
  };
}

export async function answered<T>(
  machine: Machine,
  url: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const answer = await machine.http.ask({ url });
  if (answer?.status !== 200) return undefined;
  try {
    return schema.safeParse(JSON.parse(answer.text)).data;
  } catch {
    return undefined;
  }
}
