/**
 * Runs a charm without Juju: one event on one state gives another state. The charm goes through the real `dispatch`, and its hook
 * tools through their real arguments and parsing; the fake begins where the tools' processes would.
 */
import { type Charm, dispatch } from '../src/dispatch.ts';
import type { ToolCall } from '../src/runner.ts';
import type { Charmcraft } from './charmcraft.ts';
import { inconsistencies } from './consistency.ts';
import { environmentOf } from './environment.ts';
import type { FakeEvent } from './events.ts';
import { type End, finishHook } from './fake/finish.ts';
import { beginHook, type LogLine, type ResultTree } from './fake/hook.ts';
import { fakeRunner } from './fake/runner.ts';
import { newState, type State } from './state.ts';

export interface Outcome {
  /** How it ended; only `applied` has changed more than statuses and the version. */
  readonly end: End;
  readonly state: State;
  readonly log: readonly LogLine[];
  /** Every `status-set` of the unit, in order. */
  readonly statuses: readonly State['status'][];
  readonly stderr: string;
  /** Of an action, as `juju run` would show it. */
  readonly action: {
    readonly status: 'completed' | 'failed';
    readonly message: string;
    readonly results: ResultTree;
    readonly log: readonly string[];
  };
  readonly reboot: 'none' | 'after-hook' | 'now';
  /** Every call of a hook tool, in order. */
  readonly calls: readonly ToolCall[];
}

/** The test itself is wrong: Juju would never run this event in this state. */
export class InconsistentWorldError extends Error {
  override readonly name = 'InconsistentWorldError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Juju would never do this:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export class Context {
  readonly charm: Charm;
  readonly charmcraft: Charmcraft;

  constructor(charm: Charm, charmcraft: Charmcraft) {
    this.charm = charm;
    this.charmcraft = charmcraft;
  }

  /** @throws InconsistentWorldError with everything that does not fit. */
  async run(event: FakeEvent, given: Partial<State> = {}): Promise<Outcome> {
    const base = newState(this.charmcraft, given);
    const problems = inconsistencies(this.charmcraft, base, event);
    if (problems.length > 0) throw new InconsistentWorldError(problems);

    const killed = Promise.withResolvers<'killed'>();
    const hook = beginHook(this.charmcraft, base, event, {
      kill: () => killed.resolve('killed'),
    });
    const run = fakeRunner(hook);
    const calls: ToolCall[] = [];
    let stderr = '';
    const charmEnds = dispatch(this.charm, {
      env: environmentOf(this.charmcraft, base, event),
      run: async (call) => {
        calls.push(Object.freeze({ ...call, args: [...call.args] }));
        const output = await run(call);
        // `juju-reboot --now` does not come back.
        return call.tool === 'juju-reboot' && call.args.includes('--now') && output.code === 0
          ? await new Promise<never>(() => {})
          : output;
      },
      stderr: (text) => {
        stderr += text;
      },
    });
    const code = await Promise.race([charmEnds, killed.promise]);
    const { end, state } = finishHook(hook, code);
    return Object.freeze({
      end,
      state,
      log: hook.now.log,
      statuses: hook.now.statuses,
      stderr,
      action: actionReport(hook.action, hook.now.actionLog, end),
      reboot: end.kind === 'killed' ? 'now' : end.kind === 'applied' ? hook.later.reboot : 'none',
      calls,
    });
  }
}

/** With another exit code than 0 Juju shows nothing of action-fail's message (recorded on Juju 4.0.14). */
function actionReport(
  { outcome, message, results }: { outcome: 'done' | 'failed'; message: string; results: ResultTree },
  log: readonly string[],
  end: End,
): Outcome['action'] {
  if (end.kind === 'failed') return { status: 'failed', message: `exit status ${end.code}`, results, log };
  if (end.kind === 'rejected') {
    const shown = message === '' ? 'committing requested changes failed' : message;
    return { status: 'failed', message: shown, results: { ...results, stderr: end.reason }, log };
  }
  if (end.kind === 'killed') return { status: 'failed', message: 'terminated', results, log };
  return { status: outcome === 'failed' ? 'failed' : 'completed', message, results, log };
}
