/**
 * The model on a real controller, through the `juju` client that is logged in to one. Only documented forms of its commands are
 * used, and only their JSON is read; a model of its own is made for the cases, and destroyed after them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
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

const taskSchema = z.looseObject({
  status: z.string(),
  message: z.string().default(''),
  results: z.record(z.string(), z.unknown()).default({}),
});
const tasksSchema = z.record(z.string(), taskSchema);

/** How often a controller is asked, in milliseconds. */
const everyMilliseconds = 2000;

export class JujuModel implements Model {
  readonly #name: string;
  readonly #tell: (line: string) => void;
  readonly #program: string;

  private constructor(name: string, tell: (line: string) => void, program: string) {
    this.#name = name;
    this.#tell = tell;
    this.#program = program;
  }

  /** `program` is the client. */
  static async open(name: string, tell: (line: string) => void, program = 'juju'): Promise<JujuModel> {
    await execa(program, ['add-model', name, '--no-switch']);
    const model = new JujuModel(name, tell, program);
    await model.#juju('model-config', ['update-status-hook-interval=1m']);
    return model;
  }

  async deploy(charm: string, application: string, options: DeployOptions = {}): Promise<void> {
    const { config, resources, storage, units, to } = options;
    await this.#juju('deploy', [
      charm,
      application,
      ...(units === undefined ? [] : ['--num-units', String(units)]),
      ...(to === undefined ? [] : ['--to', to]),
      ...each('--config', config),
      ...each('--resource', resources),
      ...each('--storage', storage),
    ]);
  }

  async deployBundle(bundle: string, overlays: readonly string[] = []): Promise<void> {
    await this.#juju('deploy', [bundle, ...overlays.flatMap((overlay) => ['--overlay', overlay])]);
  }

  async config(application: string, settings: Settings): Promise<void> {
    await this.#juju('config', [application, ...pairs(settings)]);
  }

  async resetConfig(application: string, keys: readonly string[]): Promise<void> {
    await this.#juju('config', [application, '--reset', keys.join(',')]);
  }

  async integrate(one: string, other: string): Promise<void> {
    await this.#juju('integrate', [one, other]);
  }

  async removeRelation(one: string, other: string): Promise<void> {
    await this.#juju('remove-relation', [one, other]);
  }

  async addUnit(application: string, to?: string): Promise<void> {
    await this.#juju('add-unit', [application, ...(to === undefined ? [] : ['--to', to])]);
  }

  async removeUnit(unit: string): Promise<void> {
    await this.#juju('remove-unit', [unit, '--no-prompt', '--destroy-storage']);
  }

  async removeApplication(application: string): Promise<void> {
    await this.#juju('remove-application', [application, '--no-prompt', '--destroy-storage']);
  }

  async removeMachine(machine: string): Promise<void> {
    await this.#juju('remove-machine', [machine, '--force', '--no-prompt']);
  }

  async run(unit: string, action: string, parameters: Settings = {}): Promise<ActionResult> {
    return await this.#withFile(JSON.stringify(parameters), async (file) => {
      const words = [unit, action, '--format', 'json', '--wait', '10m', '--params', file];
      // It ends with 1 when the action's own exit code was not 0 (fact 16); what happened stands in the answer.
      const { stdout, stderr } = await this.#try('run', words);
      return taskOf(stdout, unit, stderr);
    });
  }

  async refresh(application: string, charm: string): Promise<void> {
    await this.#juju('refresh', [application, '--path', charm]);
  }

  async attachResource(application: string, resource: string, file: string): Promise<void> {
    await this.#juju('attach-resource', [application, `${resource}=${file}`]);
  }

  async addSecret(name: string, content: Readonly<Record<string, string>>): Promise<string> {
    const printed = await this.#withFile(JSON.stringify(content), (file) =>
      this.#juju('add-secret', [name, '--file', file]),
    );
    return z
      .string()
      .regex(/^secret:[0-9a-v]{20}$/)
      .parse(printed.trim());
  }

  async updateSecret(name: string, content: Readonly<Record<string, string>>): Promise<void> {
    await this.#withFile(JSON.stringify(content), (file) =>
      this.#juju('update-secret', [name, '--file', file]),
    );
  }

  async grantSecret(name: string, application: string): Promise<void> {
    await this.#juju('grant-secret', [name, application]);
  }

  async resolve(unit: string): Promise<void> {
    await this.#juju('resolve', [unit]);
  }

  async status(): Promise<ModelStatus> {
    return statusSchema.parse(JSON.parse(await this.#juju('status', ['--format', 'json'])));
  }

  async exec(unit: string, command: string): Promise<Ran> {
    const words = ['--unit', unit, '--parallel=false', '--format', 'json', '--wait', '10m', '--', command];
    const { stdout, stderr } = await this.#try('exec', words);
    const { results } = taskOf(stdout, unit, stderr);
    const text = (key: string): string => String(results[key] ?? '');
    return { code: Number(results['return-code'] ?? 255), output: text('stdout') + text('stderr') };
  }

  async ssh(unit: string, command: string): Promise<Ran> {
    const quoted = `'${command.replaceAll("'", "'\\''")}'`;
    const words = ['--no-host-key-checks', '--pty=false', unit, `sudo sh -c ${quoted}`];
    const { exitCode = 255, all } = await this.#try('ssh', words);
    return { code: exitCode, output: all };
  }

  async waitFor(
    what: string,
    condition: (status: ModelStatus) => boolean,
    seconds?: number,
  ): Promise<ModelStatus> {
    this.#tell(`waiting: ${what}`);
    return await waitForStatus(this, what, condition, { seconds, every: everyMilliseconds });
  }

  async client(): Promise<Client> {
    const environment = { PATH: process.env.PATH ?? '', JUJU_MODEL: this.#name };
    return { environment, close: async () => {} };
  }

  async destroy(): Promise<void> {
    await execa(this.#program, ['destroy-model', this.#name, '--no-prompt', '--destroy-storage', '--force']);
  }

  async #juju(command: string, words: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#try(command, words);
    if (exitCode !== 0) throw new Error(`juju ${command} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  async #try(command: string, words: readonly string[]): Promise<Answer> {
    return await execa(this.#program, [command, '--model', this.#name, ...words], {
      reject: false,
      all: true,
      stdin: 'ignore',
    });
  }

  /** What may be secret, or is of several lines, goes by a file. */
  async #withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'juju-'));
    try {
      const file = join(directory, 'content.yaml');
      await writeFile(file, text, { mode: 0o600 });
      return await use(file);
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}

interface Answer {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
}

function pairs(settings: Settings): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${value}`);
}

function each(option: string, settings: Settings = {}): string[] {
  return pairs(settings).flatMap((pair) => [option, pair]);
}

function taskOf(stdout: string, unit: string, stderr: string): ActionResult {
  if (!stdout.trimStart().startsWith('{')) throw new Error(`no answer for ${unit}: ${stderr}`);
  const task = tasksSchema.parse(JSON.parse(stdout))[unit];
  if (task === undefined) throw new Error(`no answer for ${unit}: ${stderr}`);
  return task;
}
