/**
 * The model without machines, in a time of its own: each hook takes a third of a second, and calls the hook tools that a test says.
 * It shows which hooks run in which order, to be held against the recordings of a real controller.
 */
import type { FakeEvent } from '@lpbuildbot/juju/testing';
import { agentDown, agentUp, skipHook } from './commit.ts';
import { elect, unitGone } from './controller.ts';
import { HookRun, type ProcessEnd } from './hook-run.ts';
import { nextStep } from './next-step.ts';
import { newWorld, type Tempo, type Unit, type World } from './world.ts';

/** What a hook does: hook tool calls, one a line of words; then how it ends, 0 if nothing is said. */
interface Script {
  readonly calls?: readonly (readonly string[])[];
  readonly end?: ProcessEnd;
  readonly milliseconds?: number;
}

export type Behaviour = (unit: string, event: FakeEvent) => Script;

interface Running {
  readonly unit: Unit;
  readonly run: HookRun;
  readonly script: Script;
  readonly until: number;
  cut: boolean;
}

const tick = 50;
const usual = 350;

export class Simulation {
  readonly world: World;
  now = 0;
  /** What ran, by unit, in order: `config-changed`, `upstream-relation-changed probe/0`, with ` exit 1` and the like. */
  readonly ran = new Map<string, string[]>();
  behave: Behaviour = () => ({});
  readonly #running = new Map<string, Running>();

  constructor(tempo: Partial<Tempo> = {}) {
    this.world = newWorld('simulated', { updateStatus: Number.POSITIVE_INFINITY, ...tempo });
  }

  /** The machine of a unit is there, and its agent begins. */
  up(unit: string, how: 'booted' | 'restarted' = 'restarted'): void {
    const found = this.#unit(unit);
    this.world.addresses.set(found.machine, { address: '192.0.2.10', subnet: '192.0.2.0/24' });
    agentUp(this.world, found, how, this.now);
  }

  down(unit: string): void {
    agentDown(this.#unit(unit), this.now);
    for (const running of this.#running.values()) if (running.unit.name === unit) running.cut = true;
  }

  /** Lets time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    while (this.now < end) {
      this.now += tick;
      await this.#tick();
    }
  }

  /** Lets time pass until nothing runs and nothing is due. */
  async settle(): Promise<void> {
    await this.pass(1000);
    while (this.#running.size > 0) await this.pass(1000);
  }

  /** What has run since the last time it was asked, by unit. */
  takeRan(): Record<string, string[]> {
    const taken = Object.fromEntries(this.ran);
    this.ran.clear();
    return taken;
  }

  async #tick(): Promise<void> {
    elect(this.world, this.now);
    for (const [machine, running] of this.#running)
      if (running.until <= this.now) this.#end(machine, running);
    for (const unit of [...this.world.units.values()]) {
      if (!this.#running.has(unit.machine)) await this.#begin(unit);
    }
  }

  async #begin(unit: Unit): Promise<void> {
    const step = nextStep(this.world, unit, this.now);
    if (step.kind === 'nothing') return;
    if (step.kind === 'gone') {
      unitGone(this.world, unit, this.now);
      return;
    }
    if (step.kind === 'skip') {
      skipHook(this.world, unit, this.now);
      return;
    }
    const run = new HookRun(this.world, unit, step, this.now, () => {});
    const script = this.behave(unit.name, run.event);
    for (const [tool = '', ...args] of script.calls ?? []) await run.call({ tool, args });
    const until = this.now + (script.milliseconds ?? usual);
    this.#running.set(unit.machine, { unit, run, script, until, cut: false });
  }

  #end(machine: string, { unit, run, script, cut }: Running): void {
    this.#running.delete(machine);
    const lines = this.ran.get(unit.name) ?? [];
    this.ran.set(unit.name, lines);
    const line = shown(run.event);
    if (cut) {
      lines.push(`${line} cut off`);
      return;
    }
    const end = script.end ?? { kind: 'exit', code: 0 };
    const { kind, reason } = run.end(end, this.now);
    const how =
      end.kind !== 'exit'
        ? ' killed'
        : end.code !== 0
          ? ` exit ${end.code}`
          : reason === ''
            ? ''
            : ' refused';
    lines.push(kind === 'applied' ? line : `${line}${how}`);
  }

  #unit(name: string): Unit {
    const unit = this.world.units.get(name);
    if (unit === undefined) throw new Error(`there is no ${name}`);
    return unit;
  }
}

function shown(event: FakeEvent): string {
  switch (event.kind) {
    case 'hook':
      return event.hook;
    case 'action':
      return `actions/${event.action}`;
    case 'relation':
      return event.remoteUnit === '' ? event.hook : `${event.hook} ${event.remoteUnit}`;
    case 'storage':
      return `${event.hook} ${event.storage}`;
    case 'secret':
      return event.revision === undefined ? event.hook : `${event.hook} ${event.revision}`;
  }
}
