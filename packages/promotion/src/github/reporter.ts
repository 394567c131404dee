/**
 * Says on GitHub what was found out, beside the looking and moving and never in its way: whatever GitHub does here, the
 * branches go on. It is told everything after every look, and what it could not say is said later, as it is by then.
 */
import type { MergeInputs } from '../decide-merge.ts';
import { decidePromotion } from '../decide-promotion.ts';
import { MirrorError } from '../git/mirror.ts';
import { GitError } from '../git/run.ts';
import type { Looked } from '../looker.ts';
import { isPromotion } from '../plan.ts';
import { RemoteError } from '../remote.ts';
import type { IssueWriter } from './issue-writer.ts';
import type { MergeState } from './issues.ts';
import type { StatusWriter } from './status-writer.ts';

interface ReporterOptions {
  readonly statuses: StatusWriter | undefined;
  readonly issues: IssueWriter | undefined;
  /** The wait after the nth failure in a row, in milliseconds. */
  readonly delayMs: (failures: number) => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTrouble: (reason: string) => void;
  readonly onError: (error: unknown) => void;
}

/** How long what was said counts as being there still, in milliseconds: people may have changed it. */
const TRUSTED_MS = 5 * 60_000;

export class Reporter {
  readonly #options: ReporterOptions;
  /** What is to be said, by pair: the newest of it only. */
  readonly #wanted = new Map<string, Looked>();
  /** What was last said of merges. */
  readonly #said = new Map<string, { readonly fact: string; readonly at: number }>();
  #working: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #failures = 0;
  #trouble: string | undefined;
  #stopped = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  report(looked: readonly Looked[]): void {
    for (const one of looked) this.#wanted.set(one.inputs.pair.id, one);
    if (this.#again === undefined) this.#start();
  }

  /** Resolves when everything is said, or can't be for now. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Says nothing more, and resolves when what is being said has been. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    await this.settled();
  }

  #start(): void {
    if (this.#working !== undefined || this.#stopped) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      if (this.#wanted.size > 0 && this.#again === undefined) this.#start();
    });
  }

  async #work(): Promise<void> {
    // What comes meanwhile waits for the next round, or a round of failures would never end.
    const round = [...this.#wanted];
    this.#wanted.clear();
    // One that fails must not keep the others from being said.
    const failed = new Map<string, Looked>();
    let last: unknown;
    for (const [id, looked] of round) {
      if (this.#stopped) return;
      try {
        await this.#say(looked);
      } catch (error) {
        last = error;
        failed.set(id, looked);
      }
    }
    for (const [id, looked] of failed) if (!this.#wanted.has(id)) this.#wanted.set(id, looked);
    if (failed.size > 0) return this.#fail(last);
    this.#failures = 0;
    this.#trouble = undefined;
  }

  async #say({ inputs, refusal }: Looked): Promise<void> {
    const { statuses, issues } = this.#options;
    if (isPromotion(inputs)) await statuses?.write({ inputs, verdict: decidePromotion(inputs), refusal });
    else await this.#sayMerge(inputs, issues);
  }

  async #sayMerge(inputs: MergeInputs, issues: IssueWriter | undefined): Promise<void> {
    const state = mergeStateOf(inputs);
    if (issues === undefined || state === undefined) return;
    const fact = JSON.stringify(state.conflict ?? '');
    const said = this.#said.get(state.pair);
    const { now } = this.#options;
    if (said?.fact === fact && now() - said.at < TRUSTED_MS) return;
    await issues.write(state);
    this.#said.set(state.pair, { fact, at: now() });
  }

  #fail(error: unknown): void {
    const { delayMs, now, onTrouble, onError } = this.#options;
    // The copy may be in the middle of being made anew.
    const isExpected =
      error instanceof RemoteError || error instanceof GitError || error instanceof MirrorError;
    if (!isExpected) onError(error);
    else if (this.#trouble !== error.message) onTrouble(error.message);
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.#failures += 1;
    if (this.#stopped) return;
    const asked = error instanceof RemoteError ? (error.retryAt ?? 0) - now() : 0;
    this.#again = setTimeout(
      () => {
        this.#again = undefined;
        this.#start();
      },
      Math.max(asked, delayMs(this.#failures)),
    );
  }
}

/** Whether there is a conflict; undefined while nobody can say. */
function mergeStateOf({ pair, from, to, relation }: MergeInputs): MergeState | undefined {
  if (from === undefined || to === undefined || relation === undefined) return undefined;
  const facts = { project: pair.project, from: pair.from, to: pair.to };
  const conflict =
    relation.kind === 'conflict' ? { ...facts, fromTip: from, toTip: to, files: relation.files } : undefined;
  return { pair: pair.id, facts, conflict };
}
