/** What the doctor thinks of what was found: a finding for each thing that was looked at. Pure. */
import type {
  AptFacts,
  Facts,
  ImageFacts,
  LxdFacts,
  RecipeFacts,
  SpaceFacts,
  TimerFacts,
  WorkerFacts,
} from './facts.ts';
import { messages } from './messages.ts';

export interface Finding {
  readonly check: 'lxd' | 'storage' | 'network' | 'images' | 'worker' | 'timers' | 'apt';
  /** A warning does no harm yet. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  /** What was found, as a sentence, and what to do about it. */
  readonly sentence: string;
}

type Judged = Omit<Finding, 'check'>;

const GIB = 2 ** 30;
const DAY = 86_400;
/** How much longer than its time an image may be there: the nightly run has until then to make it anew. */
const GRACE = 2 * DAY;
/** An apt that runs longer hangs, or asks somebody who is not there. */
const LONG_LOCK = 3600;

export function judge({ lxd, directory, recipes, worker, timers, apt }: Facts): readonly Finding[] {
  const answers = lxd.kind === 'answers';
  return [
    ...one('lxd', answers ? ok(messages.lxdAnswers(lxd.version)) : problem(lxd.reason)),
    ...all('storage', [...(answers ? lxd.pools : []), directory].map(judgeSpace)),
    ...(answers && lxd.pools.length === 0 ? one('storage', problem(messages.noPool)) : []),
    ...(answers ? one('network', judgeNetwork(lxd)) : []),
    ...all('images', judgeImages(answers ? lxd.images : [], recipes, lxd.kind)),
    ...one('worker', judgeWorker(worker)),
    ...all('timers', timers.flatMap(judgeTimer)),
    ...all('apt', judgeApt(apt)),
  ];
}

/** 0 when nobody has to do anything, else 1. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ verdict }) => verdict === 'problem') ? 1 : 0;
}

const ok = (sentence: string): Judged => ({ verdict: 'ok', sentence });
const warning = (sentence: string): Judged => ({ verdict: 'warning', sentence });
const problem = (sentence: string): Judged => ({ verdict: 'problem', sentence });
const one = (check: Finding['check'], judged: Judged): Finding[] => [{ check, ...judged }];
const all = (check: Finding['check'], judged: readonly Judged[]): Finding[] =>
  judged.map((each) => ({ check, ...each }));

/** Builds take gigabytes: what is nearly full today is full tonight. */
function judgeSpace(space: SpaceFacts): Judged {
  const { total, free } = space;
  if (free < 2 * GIB || free < total * 0.02) return problem(messages.full(space));
  if (free < 10 * GIB || free < total * 0.1) return warning(messages.nearlyFull(space));
  return ok(messages.space(space));
}

function judgeNetwork({ network }: Extract<LxdFacts, { kind: 'answers' }>): Judged {
  if (network.kind === 'none') return problem(messages.noNetwork);
  if (network.kind === 'unmanaged') return ok(messages.otherNetwork(network.name));
  const { name, address, forwarding } = network;
  if (address === '' || address === 'none') return problem(messages.noSubnet(name));
  if (forwarding === 'off') return problem(messages.noForwarding);
  return ok(messages.network(name, address));
}

function judgeImages(images: readonly ImageFacts[], recipes: RecipeFacts, lxd: LxdFacts['kind']): Judged[] {
  if (recipes.kind === 'wrong') return [problem(messages.recipesWrong(recipes.mistakes))];
  if (recipes.images.length === 0) return [warning(messages.noRecipes)];
  if (lxd === 'unreachable') return [];
  return recipes.images.map(({ name, maxAgeSeconds }) => {
    const image = images.find((each) => each.name === name);
    if (image === undefined) return problem(messages.noImage(name));
    if (image.recipe === 'changed') return warning(messages.changed(name));
    if (image.ageSeconds > maxAgeSeconds + GRACE) return warning(messages.old(name, image.ageSeconds));
    return ok(messages.image(name, image.ageSeconds));
  });
}

function judgeWorker(worker: WorkerFacts): Judged {
  if (worker.kind === 'not-set-up') return warning(messages.notSetUp);
  const { service, connection, refused, master } = worker;
  if (service !== 'running') return problem(messages.notRunning(service));
  if (connection === 'established' && refused === 'no') return ok(messages.connected(master.text));
  if (refused === 'login') return problem(messages.refused(master.text));
  if (master.reachable !== 'yes') return problem(messages.unreachable(master.text, master.reachable));
  return problem(messages.notConnected(master.text));
}

function judgeTimer({ name, state, result }: TimerFacts): Judged[] {
  if (state === 'inactive') return [warning(messages.timerOff(name))];
  return [result === 'success' ? ok(messages.timer(name)) : problem(messages.timerFailed(name, result))];
}

function judgeApt({ upgrades, unfinished, lock }: AptFacts): Judged[] {
  const found: Judged[] = [];
  if (lock.kind === 'held' && lock.seconds > LONG_LOCK)
    found.push(problem(messages.lockedLong(lock.pid, lock.program, lock.seconds)));
  // dpkg at work has packages unfinished all the time.
  else if (lock.kind === 'held') return [ok(messages.locked(lock.pid, lock.program))];
  if (unfinished.length > 0) found.push(problem(messages.unfinished(unfinished)));
  if (upgrades.length > 0) found.push(warning(messages.upgrades(upgrades)));
  return found.length > 0 ? found : [ok(messages.apt)];
}
