/** What an operator may do to a pair through the running service, each with who and why, and what came of it in a sentence. */
import { mergePair } from './ask.ts';
import { messages } from './messages.ts';
import type { Pair } from './pairs.ts';
import type { Service } from './service.ts';
import { readHolds, removeHold, writeHold } from './state/holds.ts';
import { wordAndText, wordIn } from './status-text.ts';

/** `promote` means now instead of when the schedule or an event says so, and never anything that is not green. */
export type Verb = 'hold' | 'resume' | 'promote';

export interface Saying {
  readonly who: string;
  readonly why: string;
}

export interface Outcome {
  readonly ok: boolean;
  readonly text: string;
}

/** Rejects when the disk takes no hold. */
export async function operate(verb: Verb, service: Service, pair: Pair, saying: Saying): Promise<Outcome> {
  switch (verb) {
    case 'hold':
      return await hold(service, pair, saying);
    case 'resume':
      return await resume(service, pair, saying);
    case 'promote':
      return await promote(service, pair, saying);
  }
}

async function hold(service: Service, { id }: Pair, { who, why }: Saying): Promise<Outcome> {
  const { state } = service.config;
  const held = (await readHolds(state)).get(id);
  await writeHold(state, { pair: id, who, why, since: Date.now() });
  await service.tell({ event: 'held', pair: id, who, why });
  if (held !== undefined) return { ok: true, text: messages.alreadyHeld(id, held.who, held.why) };
  return { ok: true, text: messages.held(id, why) };
}

async function resume(service: Service, pair: Pair, { who, why }: Saying): Promise<Outcome> {
  const { state } = service.config;
  if (!(await readHolds(state)).has(pair.id)) return { ok: true, text: messages.notHeld(pair.id) };
  await removeHold(state, pair.id);
  await service.tell({ event: 'resumed', pair: pair.id, who, why });
  service.lookerOf(pair)?.request([pair.id]);
  return { ok: true, text: messages.resumed(pair.id) };
}

async function promote(service: Service, pair: Pair, { who, why }: Saying): Promise<Outcome> {
  await service.tell({ event: 'asked', pair: pair.id, who, why });
  if (pair.kind === 'merge') return await mergePair(service, pair);
  await service.promoteNow(pair);
  const { at, mode, projects } = await service.state();
  const report = projects
    .flatMap((project) => project.pairs)
    .find((candidate) => candidate.pair.id === pair.id);
  if (report === undefined) return { ok: false, text: pair.id };
  const [word, text] = wordAndText(report, at);
  const ok = report.trouble === undefined && report.verdict?.kind === 'up-to-date';
  return { ok, text: `${pair.id}: ${wordIn(mode, word)}; ${text}` };
}
