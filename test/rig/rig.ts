/**
 * Runs charms on machines of LXD as Juju does: the model's state and the choice of the next hook are in `core/`, the machines' side in
 * `rig-machine.ts`; here the two meet. On each machine one hook or action runs at a time.
 */
import { agentDown, agentUp, skipHook } from './core/commit.ts';
import { elect, unitGone } from './core/controller.ts';
import { HookRun, type ProcessEnd } from './core/hook-run.ts';
import { type NextStep, nextStep } from './core/next-step.ts';
import { Since } from './core/since.ts';
import { statusOf } from './core/status.ts';
import type { FullStatus } from './core/status-shape.ts';
import { charmDirectory } from './core/view.ts';
import { newWorld, type Tempo, type Unit, type World } from './core/world.ts';
import { execOnMachine } from './machine-exec.ts';
import { RigMachine, type ToolMessage } from './rig-machine.ts';
import { UnitFiles } from './unit-files.ts';

interface Active {
  readonly run: HookRun;
  readonly unit: Unit;
  readonly machine: string;
  readonly output: { stdout: string; stderr: string };
  ending: 'by itself' | 'reboots now';
}

interface Place {
  readonly machine: RigMachine;
  state: 'pending' | 'started' | 'down';
  /** What takes the turn: a hook, or the rig's own work on the machine. */
  busy: boolean;
  /** The unit that had the last turn: the others come first. */
  last: string;
}

export interface RigOptions {
  readonly name: string;
  readonly image: string;
  readonly tempo: Partial<Tempo>;
  /** The units' logs, line by line. */
  readonly log: (line: string) => void;
}

const tickMilliseconds = 50;

export class Rig {
  readonly world: World;
  readonly #options: RigOptions;
  readonly #places = new Map<string, Place>();
  readonly #active = new Map<string, Active>();
  readonly #files: UnitFiles;
  readonly #timer: NodeJS.Timeout;
  readonly #creating = new Set<Promise<void>>();
  readonly #since = new Since();
  #nextMachine = 0;
  #problem: Error | undefined;

  constructor(options: RigOptions) {
    this.#options = options;
    this.world = newWorld(options.name, options.tempo);
    this.#files = new UnitFiles(options.name);
    this.#timer = setInterval(() => this.#guard(() => this.#tick()), tickMilliseconds);
  }

  /** What went wrong in the rig itself; a test cannot go on then. */
  check(): void {
    if (this.#problem !== undefined) throw this.#problem;
  }

  status(): FullStatus {
    const now = new Date();
    const machines = [...this.#places].map(
      ([id, { state, machine }]) => [id, { state, instance: machine.machine.name }] as const,
    );
    return statusOf(this.world, new Map(machines), (name, shown) => this.#since.of(name, shown, now), now);
  }

  /** A new machine; it comes up by itself. `disk` as LXD writes sizes: `6GiB`. */
  addMachine(disk?: string): string {
    const id = String(this.#nextMachine++);
    const machine = new RigMachine(`${this.#options.name}-${id}`, {
      up: (how) => void this.#guard(() => this.#up(id, how)),
      down: () => this.#down(id),
      line: (run, stream, text) => this.#line(run, stream, text),
      ended: (run, code) => void this.#guard(() => this.#ended(run, code)),
      tool: (message) => void this.#guard(() => this.#tool(id, message)),
    });
    this.#places.set(id, { machine, state: 'pending', busy: false, last: '' });
    const creating = machine.create(this.#options.image, disk).catch((error: unknown) => this.#broken(error));
    this.#creating.add(creating);
    void creating.finally(() => this.#creating.delete(creating));
    return id;
  }

  /** A unit was placed on a machine that is there already. */
  placed(unit: Unit): void {
    if (this.#place(unit.machine).state === 'started') agentUp(this.world, unit, 'restarted', Date.now());
  }

  now(): number {
    return Date.now();
  }

  /** What LXD calls the machine. */
  instance(id: string): string {
    return this.#place(id).machine.machine.name;
  }

  machine(id: string): RigMachine {
    return this.#place(id).machine;
  }

  /** `juju remove-machine --force`: the machine and its units are gone at once, and none of their hooks run. */
  async removeMachine(id: string): Promise<void> {
    const { machine } = this.#place(id);
    for (const unit of this.world.units.values()) {
      if (unit.machine === id) unitGone(this.world, unit, Date.now());
    }
    for (const [context, active] of this.#active) if (active.machine === id) this.#active.delete(context);
    this.#places.delete(id);
    this.world.addresses.delete(id);
    await machine.destroy();
  }

  async destroy(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#creating);
    await Promise.all([...this.#places.values()].map(({ machine }) => machine.destroy()));
    await this.#files.destroy();
  }

  #place(id: string): Place {
    const place = this.#places.get(id);
    if (place === undefined) throw new Error(`there is no machine ${id}`);
    return place;
  }

  #tick(): void {
    const now = Date.now();
    elect(this.world, now);
    this.status();
    for (const [id, place] of this.#places) {
      if (place.state === 'started' && !place.busy) this.#turn(id, place, now);
    }
  }

  /** Gives the machine's turn to a unit that has something to do, to the one that had the last turn only if no other has. */
  #turn(id: string, place: Place, now: number): void {
    const units = [...this.world.units.values()].filter(({ machine }) => machine === id);
    const others = units.filter(({ name }) => name !== place.last);
    const due = [...others, ...units].map((unit) => ({ unit, step: nextStep(this.world, unit, now) }));
    const first = due.find(({ step }) => step.kind !== 'nothing');
    if (first === undefined) return;
    place.last = first.unit.name;
    place.busy = true;
    void this.#guard(() => this.#begin(place, first.unit, first.step));
  }

  async #begin(place: Place, unit: Unit, step: NextStep): Promise<void> {
    switch (step.kind) {
      case 'nothing':
        return;
      case 'skip':
        skipHook(this.world, unit, Date.now());
        place.busy = false;
        return;
      case 'gone':
        return await this.#gone(place, unit);
      case 'hook':
      case 'task': {
        await this.#files.prepare(this.world, unit, place.machine, step);
        if (place.state !== 'started') return;
        this.#start(place, unit, step);
      }
    }
  }

  #start(place: Place, unit: Unit, step: Extract<NextStep, { kind: 'hook' | 'task' }>): void {
    const run = new HookRun(this.world, unit, step, Date.now(), () => {
      active.ending = 'reboots now';
      place.machine.kill(run.contextId);
    });
    const active: Active = {
      run,
      unit,
      machine: unit.machine,
      output: { stdout: '', stderr: '' },
      ending: 'by itself',
    };
    this.#active.set(run.contextId, active);
    const directory = charmDirectory(unit.name);
    const command = run.task?.command;
    this.#log(unit.name, 'HOOK', `${run.environment().JUJU_DISPATCH_PATH} begins`);
    place.machine.run({
      run: run.contextId,
      argv: command === undefined ? [`${directory}/dispatch`] : ['/bin/bash', '-c', command],
      cwd: directory,
      env: this.#files.environment(unit, run),
    });
  }

  async #tool(machine: string, message: ToolMessage): Promise<void> {
    const active = this.#active.get(message.context);
    const { machine: place } = this.#place(machine);
    if (active === undefined && message.tool === 'juju-exec') {
      place.answer(message.call, await execOnMachine(this.world, machine, message.args));
      return;
    }
    if (active === undefined) {
      place.answer(message.call, { code: 1, stdout: '', stderr: 'ERROR no such hook context\n' });
      return;
    }
    const { tool, args, stdin } = message;
    const files = Object.entries(message.files).map(
      ([path, content]) => [path, Buffer.from(content, 'base64').toString('utf8')] as const,
    );
    const output = await active.run.call({ tool, args, stdin }, new Map(files));
    if (tool === 'juju-log') this.#log(active.unit.name, 'LOG', args.join(' '));
    if (tool === 'status-set') this.#log(active.unit.name, 'STATUS', args.join(' '));
    // Whom `juju-reboot --now` has killed waits for no answer.
    if (active.ending === 'by itself') place.answer(message.call, output);
  }

  #line(run: string, stream: 'stdout' | 'stderr', text: string): void {
    const active = this.#active.get(run);
    if (active === undefined) return;
    if (active.run.task !== undefined) active.output[stream] += `${text}\n`;
    this.#log(active.unit.name, stream, text);
  }

  async #ended(context: string, code: number): Promise<void> {
    const active = this.#active.get(context);
    if (active === undefined) return;
    this.#active.delete(context);
    const { run, unit } = active;
    const place = this.#place(active.machine);
    const end = run.end(endOf(active, code), Date.now());
    this.#log(unit.name, 'HOOK', `ended with ${code}, ${end.kind} ${end.reason}`);
    await this.#files.after(place.machine, run.event, end.kind);
    if (end.reboot) {
      // Nothing runs until it is back.
      await place.machine.reboot();
      return;
    }
    place.busy = false;
  }

  async #up(id: string, how: 'booted' | 'restarted'): Promise<void> {
    const place = this.#place(id);
    this.world.addresses.set(id, await place.machine.address());
    place.state = 'started';
    place.busy = false;
    for (const unit of this.world.units.values()) {
      if (unit.machine === id) agentUp(this.world, unit, how, Date.now());
    }
  }

  /** Whatever ran there is cut off. */
  #down(id: string): void {
    const place = this.#place(id);
    place.state = 'down';
    for (const [context, active] of this.#active) if (active.machine === id) this.#active.delete(context);
    for (const unit of this.world.units.values()) if (unit.machine === id) agentDown(unit, Date.now());
  }

  async #gone(place: Place, unit: Unit): Promise<void> {
    unitGone(this.world, unit, Date.now());
    await this.#files.remove(unit, place.machine);
    this.#log(unit.name, 'HOOK', 'the unit is gone');
    place.busy = false;
    const left = [...this.world.units.values()].some(({ machine }) => machine === unit.machine);
    if (left) return;
    this.#places.delete(unit.machine);
    this.world.addresses.delete(unit.machine);
    await place.machine.destroy();
  }

  #log(unit: string, kind: string, text: string): void {
    this.#options.log(`${new Date().toISOString().slice(11, 23)} ${unit} ${kind}: ${text}`);
  }

  #guard(work: () => void | Promise<void>): Promise<void> {
    return Promise.resolve()
      .then(work)
      .catch((error: unknown) => this.#broken(error));
  }

  #broken(error: unknown): void {
    this.#problem ??= error instanceof Error ? error : new Error(String(error));
    this.#options.log(`the rig itself: ${this.#problem.stack}`);
  }
}

function endOf({ ending, output }: Active, code: number): ProcessEnd {
  if (ending === 'reboots now') return { kind: 'rebooting' };
  if (code === -9 || code === -15) return { kind: 'signal' };
  return { kind: 'exit', code: code < 0 ? 128 - code : code, ...output };
}
