/** One pair, as the page shows it. Pure. */
import type { Sha } from '@lpbuildbot/pipeline';
import { type Builds, colour, type KnownBuild } from '../buildbot/build-store.ts';
import { answer } from '../explain.ts';
import type { CommitFacts } from '../git/mirror.ts';
import type { MoveEntry } from '../history.ts';
import type { Verb } from '../operate.ts';
import type { Pair } from '../pairs.ts';
import type { Verdict } from '../plan.ts';
import type { PairReport, StateReport } from '../state-report.ts';
import { wordAndText, wordIn } from '../status-text.ts';
import { type Ahead, waitingCommits, withoutHold } from '../waiting.ts';
import { short } from '../words.ts';
import { pageMessages as messages } from './messages.ts';
import type { BuilderView, CommitView, PairView, TipView, Tone } from './view.ts';

/** What a pair's view is made from, beside the report. */
export interface PairSources {
  readonly now: number;
  readonly mode: StateReport['mode'];
  readonly builds: Builds;
  /** How many build requests wait for a worker, by builder. */
  readonly pending: ReadonlyMap<string, number>;
  readonly facts: (pair: Pair, commit: Sha) => CommitFacts | undefined;
  readonly ahead: Ahead;
  readonly moves: (pair: string) => readonly MoveEntry[];
  /** Where Buildbot shows a build. */
  readonly buildUrl: (builder: string, number: number) => string | undefined;
}

export function pairView(report: PairReport, sources: PairSources): PairView {
  const { pair, verdict, from, to, hold } = report;
  const { now, mode } = sources;
  const commit = (id: Sha) => commitView(id, sources.facts(pair, id));
  const tip = (branch: string, id: Sha | undefined): TipView => ({ branch, commit: id && commit(id) });
  const last =
    pair.kind === 'promotion' ? pair.requires.flatMap((name) => sources.builds.last(name) ?? []) : [];
  const red = last.filter((build) => colour(build) === 'red');
  const [word, text] = wordAndText(report, now);
  const candidate = candidateOf(verdict) ?? from;
  const { case: why, unblock } = answer({ report, red, pending: sources.pending, now });
  return {
    id: pair.id,
    anchor: anchorOf('pair', pair.project, pair.from, pair.to),
    project: pair.project,
    kind: pair.kind,
    from: tip(pair.from, from),
    to: tip(pair.to, to),
    tone: toneOf(report, mode),
    word: wordIn(mode, word),
    text,
    waiting: waitingCommits(report, sources.ahead),
    candidate: candidate === undefined || candidate === from ? undefined : commit(candidate),
    builders:
      pair.kind === 'promotion' && candidate !== undefined
        ? pair.requires.map((builder) => builderView(builder, candidate, sources))
        : [],
    // A hold that is what stops it is told as the reason.
    hold:
      hold !== undefined && verdict?.kind !== 'held'
        ? { who: hold.who, why: hold.why, since: hold.since }
        : undefined,
    testfix:
      pair.kind === 'promotion' && pair.testfix
        ? red.map((build) => `${build.builder} #${build.number}`)
        : [],
    conflict: verdict?.kind === 'conflict' ? verdict.files : [],
    // Of a conflict, each file has a place of its own.
    why:
      verdict?.kind === 'conflict'
        ? [messages.noMerge(pair.from, short(verdict.from), pair.to, short(verdict.to))]
        : why,
    unblock,
    moves: sources.moves(pair.id).map((entry) => ({
      at: Date.parse(entry.at),
      commit: commit(entry.to),
      reason: entry.reason,
    })),
    verbs: verbsFor(report, mode),
  };
}

function commitView(id: Sha, facts: CommitFacts | undefined): CommitView {
  return { id, short: short(id), subject: facts?.subject, author: facts?.author, at: facts?.at };
}

/** How a pair is doing; see `Tone`. */
function toneOf({ trouble, refusal, verdict, hold }: PairReport, mode: StateReport['mode']): Tone {
  if (trouble !== undefined) return 'broken';
  if (verdict === undefined) return 'unknown';
  if (refusal !== undefined && (verdict.kind === 'move' || verdict.kind === 'merge')) return 'broken';
  const tone = toneOfVerdict(verdict, mode);
  // A hold is easily forgotten, and must not hide what is worse.
  return hold !== undefined && tone !== 'broken' ? 'held' : tone;
}

function toneOfVerdict(verdict: Verdict, mode: StateReport['mode']): Tone {
  switch (verdict.kind) {
    case 'up-to-date':
      return 'fresh';
    case 'missing':
    case 'diverged':
    case 'conflict':
    case 'unrelated':
      return 'broken';
    case 'builds-unknown':
      return 'unknown';
    case 'waiting':
      if (verdict.blockers.some((blocker) => blocker.state === 'red')) return 'broken';
      if (verdict.blockers.some((blocker) => blocker.state === 'neither')) return 'waiting';
      return verdict.blockers.some((blocker) => blocker.state === 'running') ? 'busy' : 'waiting';
    case 'move':
    case 'merge':
      return mode === 'shadow' ? 'waiting' : 'busy';
    case 'held':
      return 'held';
    case 'scheduled':
      return 'calm';
  }
}

function candidateOf(verdict: Verdict | undefined): Sha | undefined {
  if (verdict?.kind === 'waiting') return verdict.candidate;
  const moving = withoutHold(verdict);
  return moving?.kind === 'move' ? moving.to : undefined;
}

function builderView(
  builder: string,
  candidate: Sha,
  { builds, pending, buildUrl }: PairSources,
): BuilderView {
  const seen = (build: KnownBuild, state: BuilderView['state']): BuilderView => ({
    builder,
    state,
    result: state === 'neither' ? build.result : undefined,
    number: build.number,
    url: buildUrl(builder, build.number),
    startedAt: build.startedAt * 1000,
    finishedAt: build.finishedAt === undefined ? undefined : build.finishedAt * 1000,
  });
  const finished = builds.finished(builder, candidate);
  // Green stays green while it is built once more, since it may move meanwhile.
  if (finished !== undefined && colour(finished) === 'green') return seen(finished, 'green');
  const running = builds.running(builder, candidate);
  if (running !== undefined) return seen(running, 'running');
  if (finished !== undefined) return seen(finished, colour(finished));
  const state = (pending.get(builder) ?? 0) > 0 ? 'queued' : 'not-built';
  const none = { number: undefined, url: undefined, startedAt: undefined, finishedAt: undefined };
  return { builder, state, result: undefined, ...none };
}

function verbsFor({ pair, verdict, hold }: PairReport, mode: StateReport['mode']): Verb[] {
  if (hold !== undefined) return ['resume'];
  // A merge that waits for its time, or for somebody to say so, can be had now; so can another look at a promotion.
  const promotable =
    pair.kind === 'promotion' ? verdict?.kind !== 'up-to-date' : verdict?.kind === 'scheduled';
  return promotable && mode === 'active' ? ['promote', 'hold'] : ['hold'];
}

/** An element's id of words that may have anything in them; different words give different ids. */
export function anchorOf(...words: readonly string[]): string {
  const safe = (word: string) =>
    word.replace(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`);
  return words.map(safe).join('.');
}
