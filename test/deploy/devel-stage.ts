/** The stage devel of mojo-spec/ on a model: its manifests run by a small Mojo, and what a developer does on its git server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Mojo, type RunOutcome } from '../mojo/mojo.ts';
import { Spec } from '../mojo/spec.ts';
import { waitUntil } from '../support/wait.ts';
import { machineSeries, openModel, packed, tell } from './cases.ts';
import { type Client, type Model, unitsIn } from './model.ts';

export const specDirectory = join(import.meta.dirname, '../../mojo-spec');
/** Where a worker builds. */
const BUILDS = '/var/lib/buildbot/slaves/*/build';

export class DevelStage {
  readonly model: Model;
  readonly root: string;
  readonly #client: Client;
  readonly mojo: Mojo;

  private constructor(model: Model, client: Client, root: string) {
    this.model = model;
    this.#client = client;
    this.root = root;
    this.mojo = new Mojo({
      spec: new Spec(specDirectory),
      stage: 'devel',
      project: 'lpbuildbot',
      series: machineSeries(),
      root,
      environment: client.environment,
      tell,
    });
  }

  /** Nothing is deployed yet. */
  static async open(): Promise<DevelStage> {
    const model = await openModel('mojo');
    const root = await mkdtemp(join(tmpdir(), 'mojo-'));
    return new DevelStage(model, await model.client(), root);
  }

  /** `mojo run -m NAME`. `from`: where packed charms are; `packs` has the phase build pack the clone, which takes a minute. */
  async run(name: string, from: string | 'packs' = packed()): Promise<RunOutcome> {
    tell(`mojo run -m ${name}`);
    return await this.mojo.run(name, from === 'packs' ? {} : { PACKED: from });
  }

  /** What the phase build has packed. */
  get packedByBuild(): string {
    return join(this.mojo.repositoryDirectory, machineSeries(), 'packed');
  }

  /** `npm run verify -- WORDS`; the lines that it prints. */
  async verify(...words: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    const { exitCode, all } = await execa(join(specDirectory, 'verify'), words, {
      env: this.#client.environment,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    return { code: exitCode ?? 255, output: all };
  }

  async juju(...words: readonly string[]): Promise<string> {
    const { stdout } = await execa('juju', words, { env: this.#client.environment, stdin: 'ignore' });
    return stdout;
  }

  /** Runs a shell script as the git server's user. */
  async onGitServer(script: string): Promise<string> {
    const quoted = script.replaceAll("'", "'\\''");
    const { code, output } = await this.model.ssh('git-server/0', `runuser -u git -- sh -euc '${quoted}'`);
    if (code !== 0) throw new Error(`on the git server, exit code ${code}: ${script}\n${output}`);
    return output.trim();
  }

  async branch(name: string): Promise<string> {
    return await this.onGitServer(`git -C /srv/git/project.git rev-parse --verify refs/heads/${name}`);
  }

  /** Commits to master; gives the revision. `check` is what the build runs. */
  async commit(message: string, check = 'true'): Promise<string> {
    return await this.onGitServer(
      [
        'rm -rf /srv/git/work; git clone -q -b master /srv/git/project.git /srv/git/work; cd /srv/git/work',
        'git config user.name Somebody; git config user.email somebody@example.com',
        `cat > check.sh <<'END'\n${check}\nEND`,
        `git commit -q -a --allow-empty -m '${message}'; git push -q origin HEAD:master; git rev-parse HEAD`,
      ].join('\n'),
    );
  }

  async reaches(branch: string, revision: string): Promise<void> {
    tell(`waiting: ${branch} at ${revision.slice(0, 7)}`);
    await waitUntil(`${branch} to be at ${revision}`, async () => (await this.branch(branch)) === revision, {
      timeout: 240_000,
      every: 500,
    });
  }

  /** Waits until a build on that unit has begun with `touch started`. */
  async begins(unit: string): Promise<void> {
    await waitUntil(
      `a build to begin on ${unit}`,
      async () => (await this.model.ssh(unit, `ls ${BUILDS}/started`)).code === 0,
      { timeout: 180_000, every: 500 },
    );
  }

  async finish(unit: string): Promise<void> {
    await this.model.ssh(
      unit,
      `for started in ${BUILDS}/started; do touch "$(dirname "$started")/finish"; done`,
    );
  }

  /** The builds that the master knows, oldest first, with what each tested and how it ended. */
  async builds(): Promise<string> {
    const { output } = await this.model.ssh(
      'buildbot-master/0',
      'curl -fsS "http://127.0.0.1:8010/api/v2/builds?order=buildid&property=got_revision&property=workername"',
    );
    return output;
  }

  async units(application: string): Promise<readonly string[]> {
    return unitsIn(await this.model.status(), application).map(([unit]) => unit);
  }

  async destroy(): Promise<void> {
    await this.#client.close();
    await this.model.destroy();
    await rm(this.root, { recursive: true, force: true });
  }
}
