/**
 * One run of a hook or an action, from the agent's side: the world as the unit sees it, its environment, the hook tools' answers, and
 * what becomes of it all at the end. It does not start processes: the rig does that on machines, the simulation not at all.
 */
import { randomBytes } from 'node:crypto';
import type { ToolCall, ToolOutput } from '@lpbuildbot/juju';
import type { FakeEvent, State } from '@lpbuildbot/juju/testing';
import {
  beginHook,
  type End,
  environmentOf,
  fakeRunner,
  finishHook,
  type Hook,
} from '@lpbuildbot/juju/testing/hook-tools';
import { beginHook as begin, beginTask, type Ending, endHook, endTask } from './commit.ts';
import { keepState } from './commit-state.ts';
import type { NextStep } from './next-step.ts';
import { newSecretId } from './user-secrets.ts';
import { viewOf } from './view.ts';
import { applicationOf, type Task, type TaskResult, type Unit, type World } from './world.ts';

type Runnable = Extract<NextStep, { kind: 'hook' | 'task' }>;

/** How the process ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'signal' }
  /** `juju-reboot --now` ended it. */
  | { readonly kind: 'rebooting' };

export interface RunEnd {
  readonly kind: 'applied' | 'failed' | 'killed' | 'rebooting';
  /** Of a hook that ended with 0 and failed all the same. */
  readonly reason: string;
  /** The hook asked for it with `juju-reboot`. */
  readonly reboot: boolean;
}

export class HookRun {
  readonly event: FakeEvent;
  readonly task: Task | undefined;
  readonly contextId: string;
  readonly #world: World;
  readonly #unit: Unit;
  readonly #before: State;
  readonly #hook: Hook;
  readonly #files = new Map<string, string>();

  /** `kill` is called when the hook has to end at once, for `juju-reboot --now`. */
  constructor(world: World, unit: Unit, step: Runnable, now: number, kill: () => void) {
    this.#world = world;
    this.#unit = unit;
    this.task = step.kind === 'task' ? world.tasks.get(step.task) : undefined;
    this.event = step.kind === 'hook' ? step.event : eventOfTask(this.task);
    if (this.task === undefined) begin(world, unit, this.event, now);
    else beginTask(unit, this.task, this.event);
    const name = this.event.kind === 'action' ? this.event.action : this.event.hook;
    this.contextId = `${unit.name}-${name}-${randomBytes(16).toString('hex')}`;
    this.#before = viewOf(world, unit);
    const { charmcraft } = applicationOf(world, unit.application).charm;
    this.#hook = beginHook(charmcraft, this.#before, this.event, {
      kill,
      readFile: (path) => this.#read(path),
      newSecretId,
    });
  }

  /** The variables of the unit's process that depend on the event. */
  environment(): Readonly<Record<string, string>> {
    const { charmcraft } = applicationOf(this.#world, this.#unit.application).charm;
    return {
      ...environmentOf(charmcraft, this.#before, this.event),
      JUJU_CONTEXT_ID: this.contextId,
      JUJU_MACHINE_ID: this.#unit.machine,
      ...(this.task === undefined
        ? {}
        : { JUJU_ACTION_UUID: this.task.id, JUJU_ACTION_TAG: `action-${this.task.id}` }),
    };
  }

  /** A call of a hook tool; `files` holds what its arguments name on the machine. */
  async call(call: ToolCall, files: ReadonlyMap<string, string> = new Map()): Promise<ToolOutput> {
    for (const [path, content] of files) this.#files.set(path, content);
    const output = await fakeRunner(this.#hook)(call);
    this.task?.log.push(...this.#hook.now.actionLog.slice(this.task.log.length));
    // Statuses are there at once, for `juju status` as for the other units.
    keepState(this.#world, this.#unit, this.#before, finishHook(this.#hook, 1).state);
    return output;
  }

  end(how: ProcessEnd, now: number): RunEnd {
    const { end, state } = finishHook(this.#hook, how.kind === 'exit' ? how.code : 'killed');
    const kind =
      how.kind === 'exit'
        ? end.kind === 'applied'
          ? 'applied'
          : 'failed'
        : how.kind === 'signal'
          ? 'killed'
          : 'rebooting';
    const ending: Ending = { kind, before: this.#before, after: state };
    if (this.task === undefined) endHook(this.#world, this.#unit, this.event, ending, now);
    else endTask(this.#world, this.#unit, this.task, { ending, result: this.#result(how, end) }, now);
    return {
      kind,
      reason: end.kind === 'rejected' ? end.reason : '',
      reboot: kind === 'rebooting' || this.#hook.later.reboot === 'after-hook',
    };
  }

  /** As `juju run` shows it: status-samples of the recordings. */
  #result(how: ProcessEnd, end: End): TaskResult {
    const { results, outcome, message } = this.#hook.action;
    if (how.kind !== 'exit') {
      return { status: 'failed', message: 'terminated', results: { ...results, 'return-code': -1 } };
    }
    const output = {
      ...(how.stdout ? { stdout: how.stdout } : {}),
      ...(how.stderr ? { stderr: how.stderr } : {}),
    };
    const shown = { ...results, ...output, 'return-code': how.code };
    if (end.kind === 'failed') {
      // A command of `juju exec` has run, whatever it ended with.
      return this.task?.command === undefined
        ? { status: 'failed', message: `exit status ${end.code}`, results: shown }
        : { status: 'completed', message: '', results: shown };
    }
    if (end.kind === 'rejected') {
      return {
        status: 'failed',
        message: message === '' ? 'committing requested changes failed' : message,
        results: { ...shown, stderr: end.reason },
      };
    }
    return { status: outcome === 'failed' ? 'failed' : 'completed', message, results: shown };
  }

  #read(path: string): string {
    const content = this.#files.get(path);
    if (content === undefined) throw new Error(`open ${path}: no such file or directory`);
    return content;
  }
}

function eventOfTask(task: Task | undefined): FakeEvent {
  if (task === undefined) throw new Error('there is no such task');
  return { kind: 'action', action: task.action, parameters: task.parameters };
}
