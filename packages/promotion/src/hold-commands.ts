/** `hold` and `resume`: they work on the state directory alone, so that a branch can be stopped whatever else is down. */
import { mkdir } from 'node:fs/promises';
import { formatMistakes, loadPipelines } from '@lpbuildbot/pipeline';
import { type Config, ConfigError } from './config.ts';
import { messages } from './messages.ts';
import { choosePair, groupByRemote, type Pair, type PairWords } from './pairs.ts';
import { AuditLog } from './state/audit.ts';
import { readHolds, removeHold, writeHold } from './state/holds.ts';

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

export async function changeHold(
  verb: 'hold' | 'resume',
  config: Config,
  words: PairWords,
  { who, why }: Saying,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const chosen = choosePair(await pairsOfConfig(config), words);
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
