/**
 * A small Mojo: runs a manifest's phases in order, with the environment and the directories that Mojo's scripts are known to
 * find. What of Mojo is not known is done in the way that asks most of the spec: scripts start in an empty directory, with
 * no variables of ours besides, and files are found only where Mojo looks for them.
 */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Collected, parseCollect } from './collect.ts';
import { type Manifest, type Phase, parseManifest } from './manifest.ts';
import { messages } from './messages.ts';
import { showProblem } from './problem.ts';
import { render } from './render.ts';
import type { Spec, Stage } from './spec.ts';
import { expand } from './words.ts';

export interface Workspace {
  readonly spec: Spec;
  readonly stage: Stage;
  readonly project: string;
  readonly series: string;
  /** Mojo's root, with `LOCAL/PROJECT/STAGE` for secrets, if there are any. */
  readonly root: string;
  /** What scripts get besides Mojo's own variables: the way to `juju`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export type RunOutcome =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly output: string };

const settleSeconds = 1800;
const settlePoll = 2000;
/** What of our own environment scripts find as well. */
const handedOn = ['HOME', 'LANG', 'LPBUILDBOT_PYTHON', 'PATH', 'TMPDIR'];

class Failed extends Error {}

const statusSchema = z.object({
  applications: z
    .record(
      z.string(),
      z.object({
        units: z
          .record(
            z.string(),
            z.object({
              'workload-status': z.object({ current: z.string(), message: z.string().default('') }),
              'juju-status': z.object({ current: z.string() }),
            }),
          )
          .nullish(),
      }),
    )
    .default({}),
});

export class Mojo {
  readonly #at: Workspace;
  #output = '';

  constructor(at: Workspace) {
    this.#at = at;
  }

  get localDirectory(): string {
    return join(this.#workspace, 'local');
  }

  get repositoryDirectory(): string {
    return join(this.#workspace, 'charms');
  }

  get #workspace(): string {
    const { root, project, series } = this.#at;
    return join(root, project, series, 'workspace');
  }

  /** `mojo run [-m NAME]`. `variables` are exported before, as an operator does. */
  async run(name = 'manifest', variables: Readonly<Record<string, string>> = {}): Promise<RunOutcome> {
    this.#output = '';
    try {
      const manifest = await this.#manifest(name);
      const environment = await this.#environment(variables);
      for (const phase of manifest.phases) {
        this.#at.tell(messages.phase(phase.line, phase.name));
        await this.#phase(phase, environment);
      }
      return { kind: 'done', output: this.#output };
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return { kind: 'failed', reason: error.message, output: this.#output };
    }
  }

  async #manifest(name: string): Promise<Manifest> {
    const path = await this.#find(name);
    const manifest = parseManifest(path, await this.#at.spec.read(path));
    const [problem] = manifest.problems;
    if (problem !== undefined) throw new Failed(showProblem(problem));
    return manifest;
  }

  async #find(name: string): Promise<string> {
    const { spec, stage } = this.#at;
    const path = await spec.find(stage, name);
    if (path === undefined) throw new Failed(`there is no ${name} for ${stage}`);
    return path;
  }

  async #environment(variables: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const { root, project, series, stage, spec, environment } = this.#at;
    const directories = {
      MOJO_LOCAL_DIR: this.localDirectory,
      MOJO_BUILD_DIR: join(this.#workspace, 'build'),
      MOJO_REPO_DIR: this.repositoryDirectory,
    };
    await mkdir(join(this.repositoryDirectory, series), { recursive: true });
    for (const directory of Object.values(directories)) await mkdir(directory, { recursive: true });
    const own = handedOn.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...Object.fromEntries(own),
      ...environment,
      ...variables,
      ...directories,
      MOJO_ROOT: root,
      MOJO_PROJECT: project,
      MOJO_SERIES: series,
      MOJO_WORKSPACE: 'workspace',
      MOJO_STAGE: stage,
      MOJO_SPEC: spec.directory,
      MOJO_SPEC_DIR: spec.directory,
    };
  }

  async #phase(phase: Phase, environment: Readonly<Record<string, string>>): Promise<void> {
    const parameter = (name: string): string => this.#expanded(phase.parameters.get(name) ?? '', environment);
    switch (phase.name) {
      case 'secrets':
        return await this.#secrets();
      case 'collect':
        return await this.#collect(await this.#find(parameter('config')));
      case 'build':
      case 'script':
      case 'verify': {
        const variables = [...phase.variables].map(
          ([name, value]) => [name, this.#expanded(value, environment)] as const,
        );
        const script = await this.#find(parameter('config'));
        return await this.#script(script, { ...environment, ...Object.fromEntries(variables) });
      }
      case 'bundle':
        return await this.#bundle(await this.#find(parameter('config')), environment);
      case 'juju-check-wait':
        return await this.#settle(environment);
      case 'sleep':
        await sleep(Number(parameter('config')) * 1000);
        return;
      default:
        throw new Failed(`the phase ${phase.name} is not run here`);
    }
  }

  #expanded(value: string, environment: Readonly<Record<string, string>>): string {
    const { text, missing } = expand(value, environment);
    if (missing.length > 0) throw new Failed(`${missing.join(', ')} is not set`);
    return text;
  }

  async #secrets(): Promise<void> {
    const { root, project, stage } = this.#at;
    const source = join(root, 'LOCAL', project, stage);
    await cp(source, this.localDirectory, { recursive: true }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }

  async #collect(path: string): Promise<void> {
    const { entries, problems } = parseCollect(path, await this.#at.spec.read(path));
    const [problem] = problems;
    if (problem !== undefined) throw new Failed(showProblem(problem));
    // Parents first.
    for (const entry of entries.toSorted((one, other) => one.destination.length - other.destination.length)) {
      await this.#fetch(entry);
    }
  }

  async #fetch({ destination, source, kind, options }: Collected): Promise<void> {
    const to = join(this.#workspace, 'build', destination);
    await mkdir(dirname(to), { recursive: true });
    if (kind === 'empty') await mkdir(to, { recursive: true });
    else if (kind === 'local') await cp(source.replace(/^file:\/\//, ''), to, { recursive: true });
    else if (kind === 'git') {
      const url = source.replace(/^git\+/, '');
      await this.#git(['clone', '--quiet', '--', url, to]);
      const revision = options.get('revno') ?? options.get('branch');
      if (revision !== undefined) await this.#git(['-C', to, 'checkout', '--quiet', revision]);
    } else throw new Failed(`${source}: files are not fetched here`);
  }

  async #git(words: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await execa('git', words, { reject: false });
    if (exitCode !== 0) throw new Failed(`git ${words[0]}: ${stderr}`);
  }

  async #script(path: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const cwd = await mkdtemp(join(this.#workspace, 'empty-'));
    const { exitCode, all } = await execa(this.#at.spec.path(path), [], {
      cwd,
      env: environment,
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    this.#say(all);
    if (exitCode !== 0) throw new Failed(`${path} ended with ${exitCode}\n${all}`);
  }

  async #bundle(path: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const { spec, stage, series } = this.#at;
    const variables = { series, stage_name: stage, local_dir: this.localDirectory };
    const answer = await render(spec.path(path), variables);
    if (answer.kind === 'wrong') {
      const [problem] = answer.problems;
      throw new Failed(`${path}:${problem?.line}: ${problem?.found}`);
    }
    parse(answer.text);
    await writeFile(join(this.repositoryDirectory, 'bundle.yaml'), answer.text);
    await this.#juju(['deploy', './bundle.yaml'], environment);
  }

  async #settle(environment: Readonly<Record<string, string>>): Promise<void> {
    const deadline = Date.now() + settleSeconds * 1000;
    for (let calm = 0; calm < 2; ) {
      const text = await this.#juju(['status', '--format', 'json'], environment, 'silent');
      const units = Object.values(statusSchema.parse(JSON.parse(text)).applications).flatMap(
        ({ units: each }) => Object.entries(each ?? {}),
      );
      const failed = units.find(([, unit]) => unit['workload-status'].current === 'error');
      if (failed !== undefined) throw new Failed(`${failed[0]}: ${failed[1]['workload-status'].message}`);
      const waiting = units.filter(
        ([, unit]) => unit['workload-status'].current !== 'active' || unit['juju-status'].current !== 'idle',
      );
      calm = waiting.length === 0 && units.length > 0 ? calm + 1 : 0;
      if (Date.now() > deadline) {
        const said = waiting.map(([name, unit]) => `${name} ${unit['workload-status'].current}`);
        throw new Failed(`not settled within ${settleSeconds} s: ${said.join(', ')}`);
      }
      await sleep(settlePoll);
    }
  }

  async #juju(
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    how: 'told' | 'silent' = 'told',
  ): Promise<string> {
    const { exitCode, stdout, all } = await execa('juju', words, {
      cwd: this.repositoryDirectory,
      env: environment,
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    if (how === 'told') this.#say(all);
    if (exitCode !== 0) throw new Failed(`juju ${words.join(' ')} ended with ${exitCode}\n${all}`);
    return stdout;
  }

  #say(text: string): void {
    if (text === '') return;
    this.#output += `${text}\n`;
    for (const line of text.split('\n')) this.#at.tell(`    ${line}`);
  }
}
