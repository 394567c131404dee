/** The model on this machine: charms' hooks run in containers of LXD, as a controller would run them. */
import { readBundle } from '../../scripts/lib/juju-bundle.ts';
import { charmAt } from '../rig/core/charm-reader.ts';
import {
  addUnit,
  attachResource,
  config,
  deploy,
  integrate,
  refresh,
  removeApplication,
  removeRelation,
  removeUnit,
  resetConfig,
  resolve,
} from '../rig/core/commands.ts';
import { resultOf, runAction, runCommand } from '../rig/core/tasks.ts';
import { addUserSecret, grantUserSecret, updateUserSecret } from '../rig/core/user-secrets.ts';
import { applicationOf, type Task, type Tempo, unitOf } from '../rig/core/world.ts';
import { deployBundle } from '../rig/juju-command/deploy-bundle.ts';
import { startJujuCommand } from '../rig/juju-command/start.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import {
  type ActionResult,
  type Client,
  type DeployOptions,
  type Model,
  type ModelStatus,
  type Ran,
  type Settings,
  statusSchema,
  waitForStatus,
} from './model.ts';

const taskSeconds = 600;
const shownLines = 80;

export interface RigModelOptions {
  /** What all it makes on LXD is called: the name, and a number. */
  readonly name: string;
  readonly image: string;
  readonly tempo?: Partial<Tempo>;
  /** Of each machine: `8GiB`. */
  readonly disk?: string;
  readonly log?: (line: string) => void;
  /** What is being waited for. */
  readonly tell?: (line: string) => void;
}

export class RigModel implements Model {
  readonly rig: Rig;
  readonly #options: RigModelOptions;
  readonly #lines: string[] = [];

  constructor(options: RigModelOptions) {
    this.#options = options;
    const log = (line: string): void => {
      this.#lines.push(line);
      options.log?.(line);
    };
    this.rig = new Rig({ name: options.name, image: options.image, tempo: options.tempo ?? {}, log });
  }

  async deploy(charm: string, application: string, options: DeployOptions = {}): Promise<void> {
    const { config: settings, resources, storage, units = 1, to } = options;
    deploy(
      this.rig.world,
      await charmAt(charm),
      application,
      { ...(settings && { config: settings }), ...(resources && { resources }), ...(storage && { storage }) },
      Date.now(),
    );
    for (let count = 0; count < units; count += 1) this.#place(application, to);
  }

  async deployBundle(bundle: string, overlays: readonly string[] = []): Promise<void> {
    await deployBundle(this.rig, readBundle(bundle, overlays), (line) => this.#options.log?.(line));
  }

  async config(application: string, settings: Settings): Promise<void> {
    config(this.rig.world, application, settings, Date.now());
  }

  async resetConfig(application: string, keys: readonly string[]): Promise<void> {
    resetConfig(this.rig.world, application, keys);
  }

  async integrate(one: string, other: string): Promise<void> {
    integrate(this.rig.world, one, other);
  }

  async removeRelation(one: string, other: string): Promise<void> {
    removeRelation(this.rig.world, one, other);
  }

  async addUnit(application: string, to?: string): Promise<void> {
    applicationOf(this.rig.world, application);
    this.#place(application, to);
  }

  async removeUnit(unit: string): Promise<void> {
    removeUnit(this.rig.world, unit);
  }

  async removeApplication(application: string): Promise<void> {
    removeApplication(this.rig.world, application);
  }

  async removeMachine(machine: string): Promise<void> {
    await this.rig.removeMachine(machine);
  }

  async run(unit: string, action: string, parameters: Settings = {}): Promise<ActionResult> {
    return await this.#done(runAction(this.rig.world, unit, action, parameters));
  }

  async refresh(application: string, charm: string): Promise<void> {
    refresh(this.rig.world, application, await charmAt(charm));
  }

  async attachResource(application: string, resource: string, file: string): Promise<void> {
    attachResource(this.rig.world, application, resource, file);
  }

  async addSecret(name: string, content: Readonly<Record<string, string>>): Promise<string> {
    return addUserSecret(this.rig.world, name, content);
  }

  async updateSecret(name: string, content: Readonly<Record<string, string>>): Promise<void> {
    updateUserSecret(this.rig.world, name, content);
  }

  async grantSecret(name: string, application: string): Promise<void> {
    grantUserSecret(this.rig.world, name, application);
  }

  async resolve(unit: string): Promise<void> {
    resolve(this.rig.world, unit, 'retry');
  }

  async status(): Promise<ModelStatus> {
    this.rig.check();
    return statusSchema.parse(this.rig.status());
  }

  async exec(unit: string, command: string): Promise<Ran> {
    const { results } = await this.#done(runCommand(this.rig.world, unit, command));
    const text = (key: string): string => String(results[key] ?? '');
    return { code: Number(results['return-code'] ?? 255), output: text('stdout') + text('stderr') };
  }

  async ssh(unit: string, command: string): Promise<Ran> {
    return await this.rig.machine(unitOf(this.rig.world, unit).machine).machine.run(command);
  }

  async waitFor(
    what: string,
    condition: (status: ModelStatus) => boolean,
    seconds?: number,
  ): Promise<ModelStatus> {
    this.#options.tell?.(`waiting: ${what}`);
    return await waitForStatus(this, what, condition, {
      seconds,
      failed: () => this.#lines.slice(-shownLines).join('\n'),
    });
  }

  async client(): Promise<Client> {
    const { directory, close } = await startJujuCommand(this.rig);
    return { environment: { PATH: `${directory}:${process.env.PATH}` }, close };
  }

  async destroy(): Promise<void> {
    await this.rig.destroy();
  }

  #place(application: string, to: string | undefined): void {
    const machine = to ?? this.rig.addMachine(this.#options.disk);
    this.rig.placed(addUnit(this.rig.world, application, machine));
  }

  async #done(task: Task): Promise<ActionResult> {
    const { world } = this.rig;
    const what = `${task.action} on ${task.unit}`;
    return await until(this.rig, () => resultOf(world, task), taskSeconds, what);
  }
}
