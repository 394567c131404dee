/**
 * Looks after the pairs of one remote repository: one look at a time, asked for by anyone at any moment, and asked for
 * again by itself after a failure. Each remote has a looker of its own, so that one that hangs keeps nobody waiting.
 */
import type { Branch, Sha } from '@lpbuildbot/pipeline';
import { applyPush, type PushStep, settleOpen, type Tools } from './apply.ts';
import type { Refusal } from './decide-promotion.ts';
import { blamesMirror, MirrorError } from './git/mirror.ts';
import { GitError } from './git/run.ts';
import { type Eyes, observe, touching } from './observe.ts';
import type { Pair } from './pairs.ts';
import { type PairInputs, plan, type Verdict } from './plan.ts';
import { RemoteError } from './remote.ts';
import { readHolds } from './state/holds.ts';
import type { Told } from './told.ts';
import { type FailureKind, kindOf, PushUnclear } from './trouble.ts';

/** What the last look found out about one pair. */
export interface PairState {
  readonly pair: Pair;
  /** Undefined until the first look has succeeded. */
  readonly verdict: Verdict | undefined;
  readonly from: Sha | undefined;
  readonly to: Sha | undefined;
  /** When it was last looked at, in milliseconds since the epoch. */
  readonly lookedAt: number | undefined;
  readonly refusal: Refusal | undefined;
}

/** What a look has found, for those who tell it elsewhere. */
export interface Looked {
  readonly inputs: PairInputs;
  readonly refusal: Refusal | undefined;
}

/** Why a remote can't be looked at now. */
export interface Trouble {
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface LookerOptions {
  readonly url: string;
  readonly pairs: readonly Pair[];
  readonly eyes: Eyes;
  readonly tools: Tools;
  readonly told: Told;
  /** `look` observes and decides, and changes nothing. */
  readonly mode: 'active' | 'shadow' | 'look';
  /** The wait after the nth failure in a row, in milliseconds. */
  readonly delayMs: (failures: number) => number;
  /** Runs a look when the machine has room for one more. */
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
  /** Called whenever what is known of the pairs may have changed. */
  readonly onChange: () => void;
  /** Called after a look that was allowed to change things; never waited for. */
  readonly onLooked: (looked: readonly Looked[]) => void;
  readonly onTrouble: (url: string, trouble: Trouble) => void;
  /** Called for each attempt that failed, by what kind of failure it was. */
  readonly onFailure: (kind: FailureKind) => void;
  readonly onError: (error: unknown) => void;
}

export class Looker {
  readonly url: string;
  readonly pairs: readonly Pair[];
  readonly #options: LookerOptions;
  readonly #states = new Map<string, PairState>();
  readonly #wanted = new Set<string>();
  /** Pairs whose push was declined; each is tried again by itself, and the other pairs go on meanwhile. */
  readonly #resting = new Map<string, { failures: number; timer: NodeJS.Timeout | undefined }>();
  /** Merges that somebody has asked for. */
  #byHand = new Set<string>();
  /** Those of them that are pushed, until the next look has seen it. */
  readonly #merged = new Set<string>();
  /** Who waits for such a merge, by pair. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #trouble: Trouble | undefined;
  #failures = 0;
  /** How many failures in a row looked like those of a damaged copy. */
  #blamed = 0;
  #again: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LookerOptions) {
    this.#options = options;
    this.url = options.url;
    this.pairs = options.pairs;
    for (const pair of options.pairs) {
      this.#states.set(pair.id, {
        pair,
        verdict: undefined,
        from: undefined,
        to: undefined,
        lookedAt: undefined,
        refusal: undefined,
      });
    }
  }

  states(): PairState[] {
    return [...this.#states.values()];
  }

  trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Asks for a look at these pairs, or at all; returns at once. */
  request(ids?: Iterable<string>): void {
    for (const id of ids ?? this.#states.keys()) this.#wanted.add(id);
    // After a failure the wait for the next attempt stands: events must not hammer a remote that is in trouble.
    if (this.#again === undefined) this.#start();
  }

  /** Looks now, even while a wait after a failure runs, and resolves when nothing is left to do or the attempt failed. */
  async lookNow(): Promise<void> {
    this.#clearWait();
    this.#wakeAll();
    this.request();
    await this.settled();
  }

  /** Resolves when no look runs. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /**
   * Merges a pair now, whatever its schedule says; resolves when that is done or has failed, even if other looks go on
   * without a pause.
   */
  async mergeNow(id: string): Promise<void> {
    if (this.#stopped) return;
    const done = new Promise<void>((fulfil) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), fulfil]);
    });
    this.#byHand.add(id);
    this.#clearWait();
    this.#wakeAll();
    this.request([id]);
    await done;
  }

  /** Starts no more looks, and resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#clearWait();
    this.#wakeAll();
    await this.settled();
    this.#answer([...this.#waiting.keys()]);
  }

  #answer(ids: Iterable<string>): void {
    for (const id of ids) {
      for (const fulfil of this.#waiting.get(id) ?? []) fulfil();
      this.#waiting.delete(id);
    }
  }

  #clearWait(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
  }

  #wakeAll(): void {
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  #start(): void {
    if (this.#working !== undefined || this.#stopped) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      if (this.#wanted.size > 0 && this.#again === undefined) this.#start();
    });
  }

  async #work(): Promise<void> {
    while (this.#wanted.size > 0 && this.#again === undefined && !this.#stopped) {
      const ids = new Set(this.#wanted);
      this.#wanted.clear();
      const byHand = this.#byHand;
      this.#byHand = new Set();
      const answers = new Set([...byHand, ...this.#merged]);
      this.#merged.clear();
      try {
        await this.#options.inTurn(() => this.#look(ids, byHand));
        this.#trouble = undefined;
      } catch (error) {
        await this.#fail(error, ids);
      }
      this.#options.onChange();
      // What lost a race is asked for again, and what was pushed is yet to be seen: their answers wait.
      this.#answer([...answers].filter((id) => !this.#byHand.has(id) && !this.#merged.has(id)));
    }
  }

  async #look(ids: ReadonlySet<string>, byHand: ReadonlySet<string>): Promise<void> {
    const { eyes, tools, told, mode, onLooked } = this.#options;
    const pairs = this.pairs.filter((pair) => ids.has(pair.id));
    const { refs, inputs } = await observe(pairs, byHand, eyes);
    if (mode !== 'look') {
      for (const pair of pairs) await this.#settleIntent(pair, refs.get(pair.to));
      await this.#compareShadow(inputs.map(({ pair, to }) => ({ pair, to })));
    }
    const { verdicts, steps } = plan(inputs, mode === 'shadow' ? 'shadow' : 'active', told);
    for (const { pair, from, to } of inputs) {
      const verdict = verdicts.get(pair.id);
      const refusal = verdict?.kind === 'up-to-date' ? undefined : this.#states.get(pair.id)?.refusal;
      this.#states.set(pair.id, { pair, verdict, from, to, lookedAt: eyes.now(), refusal });
    }

    if (mode === 'look') return;

    const moved = new Set<Branch>();
    for (const step of steps) {
      if (step.kind === 'tell') await tools.tell(step.event);
      else if (step.kind === 'consider') eyes.memory.consider(step.pair.id, eyes.now());
      else if (this.#resting.get(step.pair.id)?.timer === undefined)
        await this.#push(step, moved, byHand.has(step.pair.id));
    }
    await eyes.memory.save();
    if (mode === 'active') {
      const refusal = (pair: Pair) => this.#states.get(pair.id)?.refusal;
      onLooked(inputs.map((input) => ({ inputs: input, refusal: refusal(input.pair) })));
    }
    // A pair may depend on what has just moved.
    for (const id of touching(this.pairs, moved)) this.#wanted.add(id);
    this.#failures = 0;
    this.#blamed = 0;
  }

  async #push(step: PushStep, moved: Set<Branch>, byHand: boolean): Promise<void> {
    const { eyes, tools, told, onFailure } = this.#options;
    const { pair } = step;
    // Somebody may have stopped it since the look began, and was told that it is stopped.
    if ((await readHolds(eyes.state)).has(pair.id)) {
      this.#wanted.add(pair.id);
      return;
    }
    const outcome = await applyPush(step, tools);
    if (outcome.kind === 'stale' || outcome.kind === 'refused') onFailure(`push_${outcome.kind}`);
    const state = this.#states.get(pair.id);
    switch (outcome.kind) {
      case 'moved':
        if (pair.kind === 'merge') eyes.memory.consider(pair.id, eyes.now());
        if (state !== undefined) this.#states.set(pair.id, { ...state, to: outcome.to, refusal: undefined });
        this.#resting.delete(pair.id);
        moved.add(step.branch);
        this.#options.onChange();
        if (byHand) this.#merged.add(pair.id);
        return;
      case 'stale':
        // Once is somebody else's push; a branch that never is where it was a moment ago needs a rest.
        this.#rest(pair.id, 2);
        if (byHand && this.#wanted.has(pair.id)) this.#byHand.add(pair.id);
        return;
      case 'refused': {
        const { reason } = outcome;
        const revision = step.kind === 'move' ? step.revision : step.merged;
        const since = state?.refusal?.revision === revision ? state.refusal.since : eyes.now();
        if (state !== undefined)
          this.#states.set(pair.id, { ...state, refusal: { revision, reason, since } });
        const event = { event: 'refused', pair: pair.id, revision, reason } as const;
        if (!told.has(event)) await tools.tell(event);
        this.#rest(pair.id, 0);
        return;
      }
      case 'unclear':
        // The next look finds the intent, and the remote says whether it took it.
        throw new PushUnclear(outcome.reason);
    }
  }

  /** Lets a pair rest after its push did not go through; the first `atOnce` times it is looked at again at once. */
  #rest(id: string, atOnce: number): void {
    const failures = (this.#resting.get(id)?.failures ?? 0) + 1;
    if (this.#stopped) return;
    const wake = () => {
      this.#resting.set(id, { failures, timer: undefined });
      this.request([id]);
    };
    if (failures <= atOnce) {
      this.#resting.set(id, { failures, timer: undefined });
      this.#wanted.add(id);
    } else {
      this.#resting.set(id, { failures, timer: setTimeout(wake, this.#options.delayMs(failures)) });
    }
  }

  async #settleIntent(pair: Pair, now: Sha | undefined): Promise<void> {
    const { tools, told } = this.#options;
    const intent = tools.intents.get(pair.id);
    if (intent === undefined) return;
    await settleOpen(intent, now, told.lastMove(pair.id)?.to, tools);
  }

  /** In shadow mode somebody else moves the branches: compares that with what we would have done. */
  async #compareShadow(seen: readonly { pair: Pair; to: Sha | undefined }[]): Promise<void> {
    if (this.#options.mode !== 'shadow') return;
    for (const { pair, to } of seen) {
      const before = this.#states.get(pair.id);
      const verdict = before?.verdict;
      if (before?.to === undefined || to === undefined || before.to === to || verdict?.kind !== 'move')
        continue;
      const { tell } = this.#options.tools;
      if (verdict.to === to) await tell({ event: 'shadow-agreed', pair: pair.id, to });
      else await tell({ event: 'shadow-differed', pair: pair.id, to, expected: verdict.to });
    }
  }

  async #fail(error: unknown, ids: ReadonlySet<string>): Promise<void> {
    const { eyes, onTrouble, onFailure, onError } = this.#options;
    for (const id of ids) this.#wanted.add(id);
    const expected =
      error instanceof GitError ||
      error instanceof RemoteError ||
      error instanceof MirrorError ||
      error instanceof PushUnclear;
    if (!expected) onError(error);
    onFailure(kindOf(error));
    this.#blamed = blamesMirror(error) ? this.#blamed + 1 : 0;
    // Once may be another git in the same copy; twice in a row it is the copy.
    if (this.#blamed >= 2) {
      this.#blamed = 0;
      await eyes.mirror.discard().catch(onError);
    }
    const reason = error instanceof Error ? error.message : String(error);
    this.#trouble = { reason, since: this.#trouble?.since ?? eyes.now() };
    onTrouble(this.url, this.#trouble);
    this.#failures += 1;
    if (this.#stopped) return;
    this.#clearWait();
    const asked = error instanceof RemoteError ? (error.retryAt ?? 0) - eyes.now() : 0;
    this.#again = setTimeout(
      () => {
        this.#again = undefined;
        this.#start();
      },
      Math.max(asked, this.#options.delayMs(this.#failures)),
    );
  }
}
