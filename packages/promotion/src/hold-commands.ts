/** `hold` and `resume`: they work on the state directory alone, so that a branch can be stopped whatever else is down. */
import { mkdir } from 'node:fs/promises';
import { formatMistakes, loadPipelines } from '@lpbuildbot/pipeline';
import * as z from 'zod';
import { askDaemon } from './client.ts';
import { type Config, ConfigError } from './config.ts';
import { messages } from './messages.ts';
import { choosePair, groupByRemote, type Pair, type PairName, type PairWords } from './pairs.ts';
import { AuditLog } from './state/audit.ts';
import { readHolds, removeHold, writeHold } from './state/holds.ts';
import { parseStored } from './state/json.ts';

/** The part of `/api/state` that names the pairs. */
const served = z.object({
  projects: z.array(
    z.object({
      pairs: z.array(
        z.object({
          pair: z.object({ id: z.string(), project: z.string(), from: z.string(), to: z.string() }),
        }),
      ),
    }),
  ),
});

interface Saying {
  readonly who: string;
  readonly why: string;
}

export async function pairsOfConfig(config: Config): Promise<Pair[]> {
  const reading = await loadPipelines(config.pipelines);
  if (reading.kind === 'refused')
    throw new ConfigError(messages.pipelinesWrong(formatMistakes(reading.mistakes)));
  return groupByRemote(reading.pipelines, config.mode).flatMap((remote) => remote.pairs);
}

/**
 * The pairs that may be held. While the pipeline files are wrong the service goes on with those it had, and it is then
 * that somebody may want to stop a branch: so they are the ones that count.
 */
async function pairsToHold(config: Config): Promise<readonly PairName[]> {
  try {
    return await pairsOfConfig(config);
  } catch (error) {
    const answer = await askDaemon(config, 'api/state');
    const state = answer?.ok ? parseStored(answer.text, served) : undefined;
    if (state === undefined) throw error;
    return state.projects.flatMap(({ pairs }) => pairs.map(({ pair }) => pair));
  }
}

export async function changeHold(
  verb: 'hold' | 'resume',
  config: Config,
  words: PairWords,
  { who, why }: Saying,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const chosen = choosePair(await pairsToHold(config), words);
  if (chosen.kind === 'refused') return { ok: false, text: chosen.reason };
  const pair = chosen.pair.id;
  await mkdir(config.state, { recursive: true, mode: 0o700 });
  const now = Date.now();
  const held = (await readHolds(config.state)).get(pair);
  const audit = new AuditLog(config.state, Date.now);
  if (verb === 'resume') {
    if (held === undefined) return { ok: true, text: messages.notHeld(pair) };
    await removeHold(config.state, pair);
    await audit.add({ event: 'resumed', pair, who, why });
    return { ok: true, text: messages.resumed(pair) };
  }
  await writeHold(config.state, { pair, who, why, since: now });
  await audit.add({ event: 'held', pair, who, why });
  if (held !== undefined) return { ok: true, text: messages.alreadyHeld(pair, held.who, held.why) };
  return { ok: true, text: messages.held(pair, why) };
}
