/** Everything that can be told of the spec without running it: manifests, what they name, and the bundles of every stage. */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCollect } from './collect.ts';
import { type Phase, parseManifest } from './manifest.ts';
import { messages } from './messages.ts';
import { phaseKinds } from './phases.ts';
import type { Problem } from './problem.ts';
import { render } from './render.ts';
import { Spec, type Stage, stages } from './spec.ts';
import { type CheckedBundle, checkBundle } from './stage-bundle.ts';
import { expand } from './words.ts';

export interface SpecReport {
  readonly files: number;
  readonly problems: readonly Problem[];
}

/** What an operator exports; Mojo's own variables beside it. */
const exported = { MOJO_SERIES: 'noble', MOJO_PROJECT: 'lpbuildbot', MOJO_WORKSPACE: 'lpbuildbot' };

export async function checkSpec(directory: string): Promise<SpecReport> {
  const check = new SpecCheck(new Spec(directory));
  for (const stage of stages) await check.stage(stage);
  return check.report();
}

class SpecCheck {
  readonly #spec: Spec;
  readonly #files = new Set<string>();
  /** By their text: a file that all stages share is told of once. */
  readonly #problems = new Map<string, Problem>();

  constructor(spec: Spec) {
    this.#spec = spec;
  }

  report(): SpecReport {
    const order = (one: Problem, other: Problem): number =>
      one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1;
    return { files: this.#files.size, problems: [...this.#problems.values()].toSorted(order) };
  }

  async stage(stage: Stage): Promise<void> {
    const bundles = new Map<string, CheckedBundle>();
    for (const name of await this.#manifests(stage)) {
      const path = await this.#spec.find(stage, name);
      if (path === undefined) continue;
      this.#files.add(path);
      const { phases, problems } = parseManifest(path, await this.#spec.read(path));
      for (const problem of problems) this.#tell(problem);
      for (const phase of phases) {
        const file = await this.#fileOf(stage, path, phase);
        if (file === undefined) continue;
        this.#files.add(file);
        const kind = phaseKinds[phase.name]?.file;
        if (kind === 'script') await this.#script(file);
        if (kind === 'collect') await this.#collect(file);
        if (kind === 'bundle') {
          const bundle = await this.#bundle(stage, file);
          if (bundle !== undefined) bundles.set(file, bundle);
        }
      }
    }
    this.#compare(bundles);
  }

  /** All files that `-m` may name, at the root and of the stage. */
  async #manifests(stage: Stage): Promise<readonly string[]> {
    const names = await Promise.all(
      ['.', stage].map((place) => readdir(this.#spec.path(place)).catch(() => [])),
    );
    return [...new Set(names.flat())].filter((name) => /^manifest(-|$)/.test(name)).toSorted();
  }

  async #fileOf(stage: Stage, manifest: string, phase: Phase): Promise<string | undefined> {
    const place = { file: manifest, line: phase.line };
    const environment = { ...exported, MOJO_STAGE: stage };
    for (const value of [...phase.parameters.values(), ...phase.variables.values()]) {
      const { missing } = expand(value, environment);
      if (missing.length > 0) this.#tell({ ...place, found: value, write: messages.noVariable(missing) });
    }
    if (phaseKinds[phase.name]?.file === 'none') return undefined;
    const name = expand(phase.parameters.get('config') ?? '', environment).text;
    const file = await this.#spec.find(stage, name);
    if (file === undefined) {
      this.#tell({
        ...place,
        found: `${name}, which is not there for ${stage}`,
        write: messages.notThere(name, stage),
      });
    }
    return file;
  }

  async #script(file: string): Promise<void> {
    const [first = '', ...lines] = (await this.#spec.read(file)).split('\n');
    const place = { file, line: 1 };
    const { mode } = await stat(this.#spec.path(file));
    if ((mode & 0o111) !== 0o111) {
      this.#tell({ ...place, found: `mode ${(mode & 0o777).toString(8)}`, write: messages.noExecutable });
    }
    if (first !== '#!/bin/bash') this.#tell({ ...place, found: first, write: messages.noBash });
    const command = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
    if (lines[command] !== 'set -euo pipefail') {
      this.#tell({
        file,
        line: command + 2,
        found: lines[command] ?? 'nothing',
        write: messages.noStrictShell,
      });
    }
  }

  async #collect(file: string): Promise<void> {
    for (const problem of parseCollect(file, await this.#spec.read(file)).problems) this.#tell(problem);
  }

  async #bundle(stage: Stage, file: string): Promise<CheckedBundle | undefined> {
    const workspace = await mkdtemp(join(tmpdir(), 'check-mojo-'));
    try {
      const local = join(workspace, 'local');
      const variables = { series: exported.MOJO_SERIES, stage_name: stage, local_dir: local };
      const answer = await render(this.#spec.path(file), variables);
      if (answer.kind === 'wrong') {
        for (const problem of answer.problems) {
          this.#tell({ file, ...problem, write: messages.unknownVariable });
        }
        return undefined;
      }
      await mkdir(local);
      await writeFile(join(workspace, 'bundle.yaml'), answer.text);
      const checked = await checkBundle(
        join(workspace, 'bundle.yaml'),
        answer.text,
        local,
        this.#spec.path('devel/git-server'),
      );
      for (const { found, write } of checked.slips) {
        this.#tell({ file, line: 1, found: `for ${stage}: ${found}`, write });
      }
      return checked;
    } finally {
      await rm(workspace, { recursive: true });
    }
  }

  /** An application that several bundles deploy has to be the same in all of them, or each run would change it back. */
  #compare(bundles: ReadonlyMap<string, CheckedBundle>): void {
    const [first, ...others] = [...bundles].toSorted(
      ([, one], [, other]) => other.applications.size - one.applications.size,
    );
    if (first === undefined) return;
    const [reference, { applications }] = first;
    for (const [file, bundle] of others) {
      for (const [name, application] of bundle.applications) {
        if (applications.get(name) === application) continue;
        const write = messages.otherThanInBundle(name, reference);
        this.#tell({ file, line: 1, found: `another ${name}`, write });
      }
    }
  }

  #tell(problem: Problem): void {
    this.#problems.set(JSON.stringify(problem), problem);
  }
}
