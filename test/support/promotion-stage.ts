/**
 * A stage for stories about promotion: a remote with the four branches, a fake Buildbot, and the real
 * `lpbuildbot-promotion` as a process of its own, configured by files as an operator would, with short waits.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha } from '@lpbuildbot/pipeline';
import { execa } from 'execa';
import { z } from 'zod';
import type { Result } from './buildbot-model.ts';
import { FakeBuildbot } from './fake-buildbot.ts';
import type { BareRepository, NewCommit } from './git-repository.ts';
import { type GitServer, serveGit, type Transport } from './git-servers.ts';
import { GitWorld } from './git-world.ts';
import { freePort } from './ports.ts';
import { Child } from './processes.ts';
import { waitUntil } from './wait.ts';

const program = join(import.meta.dirname, '../../packages/promotion/src/main.ts');

/** What the audit log's entries have in common, and what stories ask of them. */
const entrySchema = z.looseObject({
  at: z.string(),
  event: z.string(),
  pair: z.string(),
  from: z.string().nullish(),
  to: z.string().optional(),
  into: z.string().optional(),
  merged: z.string().optional(),
  revision: z.string().optional(),
  reason: z.string().optional(),
  files: z.array(z.string()).optional(),
});
export type AuditLine = z.infer<typeof entrySchema>;

const pairSchema = z.looseObject({
  pair: z.object({ id: z.string() }),
  verdict: z.looseObject({ kind: z.string() }).optional(),
  trouble: z.object({ reason: z.string() }).optional(),
  refusal: z.object({ reason: z.string() }).optional(),
});
const stateSchema = z.object({
  buildbot: z.object({ problem: z.string().optional() }),
  projects: z.array(z.object({ pairs: z.array(pairSchema) })),
});
export type PairView = z.infer<typeof pairSchema>;

/** Each development branch has one builder. */
export const builderOf = { master: 'devel-tests', 'db-devel': 'db-devel-tests' } as const;
export type Tested = keyof typeof builderOf;

export interface StageOptions {
  readonly transport?: Transport;
  /** When `stable` is merged into `db-devel`. Default: right after each promotion. */
  readonly schedule?: string;
  /** Changes to the configuration's `git` part. */
  readonly git?: Readonly<Record<string, string>>;
  /** Changes to what the configuration says of GitHub; `app: true` for a GitHub App in the place of a token. */
  readonly github?: Readonly<Record<string, string | boolean>>;
  readonly mode?: 'active' | 'shadow';
  /** When everything is looked at, events or none. Default: every second. */
  readonly reconcile?: string;
  /** Buildbot's clock, in seconds since 1970. Default: the machine's own. */
  readonly clock?: () => number;
  /** More of the demo's pipeline file. */
  readonly pipeline?: object;
  /** More of the configuration. */
  readonly settings?: object;
}

export interface StartOptions {
  /** Added to the daemon's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the command itself, as in `['unshare', '-m']`; the command is then the rest of their arguments. */
  readonly wrapper?: readonly string[];
}

export class PromotionStage implements AsyncDisposable {
  readonly world: GitWorld;
  readonly remote: BareRepository;
  readonly server: GitServer;
  readonly buildbot: FakeBuildbot;
  readonly port: number;
  readonly #options: StageOptions;
  /** Every daemon there has been, the newest last. */
  readonly daemons: Child[] = [];

  private constructor(
    world: GitWorld,
    remote: BareRepository,
    server: GitServer,
    buildbot: FakeBuildbot,
    port: number,
    options: StageOptions,
  ) {
    this.world = world;
    this.remote = remote;
    this.server = server;
    this.buildbot = buildbot;
    this.port = port;
    this.#options = options;
  }

  /** All four branches start at one commit. */
  static async create(options: StageOptions = {}): Promise<PromotionStage> {
    const world = await GitWorld.create();
    const remote = await world.repository('demo');
    const files = { 'shared.txt': 'as it was\n', '.gitignore': '*.pyc\n' };
    const base = await remote.commit('master', { message: 'Begin', files });
    for (const branch of ['stable', 'db-devel', 'db-stable']) await remote.setBranch(branch, base);
    const server = await serveGit(world, options.transport ?? 'path');
    const buildbot = await FakeBuildbot.start(options.clock === undefined ? {} : { clock: options.clock });
    for (const builder of Object.values(builderOf)) buildbot.model.addBuilder(builder);
    const stage = new PromotionStage(world, remote, server, buildbot, await freePort(), options);
    await stage.#configure();
    return stage;
  }

  get state(): string {
    return this.world.path('state');
  }

  get configFile(): string {
    return this.world.path('promotion.yaml');
  }

  get auditFile(): string {
    return join(this.state, 'audit.jsonl');
  }

  /** The daemon that runs, or ran last. */
  get daemon(): Child {
    const daemon = this.daemons.at(-1);
    if (daemon === undefined) throw new Error('there has been no daemon yet');
    return daemon;
  }

  /** Everything that daemons have written so far. */
  get log(): string {
    return this.daemons.map((daemon) => daemon.output).join('');
  }

  /** Starts the daemon and waits until it serves. */
  async start(options: StartOptions = {}): Promise<Child> {
    const daemon = await this.launch(options);
    await daemon.waitFor(/lpbuildbot-promotion serves/);
    return daemon;
  }

  /** Starts the daemon without waiting for anything. */
  async launch({ env = {}, wrapper = [] }: StartOptions = {}): Promise<Child> {
    const command = [...wrapper, process.execPath, ...nodeOptions, program, '-c', this.configFile, 'run'];
    const [first = '', ...rest] = command;
    const daemon = await Child.start(first, rest, { env: { ...this.world.env(), ...env } });
    this.daemons.push(daemon);
    return daemon;
  }

  /** Starts it, and waits until it hears of the ends of builds. */
  async startListening(options: StartOptions = {}): Promise<Child> {
    const daemon = await this.start(options);
    await waitUntil('the daemon to listen', () => this.buildbot.isListenedTo, { seen: () => this.log });
    return daemon;
  }

  /** Runs one of its commands; exit code and output, whatever they are. */
  async command(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
    const { exitCode, all } = await execa(
      process.execPath,
      [...nodeOptions, program, '-c', this.configFile, ...args],
      {
        env: this.world.env(),
        reject: false,
        all: true,
      },
    );
    return { code: exitCode ?? -1, text: all };
  }

  /** Commits to a tested branch, and has Buildbot build that. */
  async commit(branch: Tested, commit: NewCommit | string, result: Result): Promise<Sha> {
    const revision = await this.remote.commit(branch, commit);
    this.built(branch, revision, result);
    return revision;
  }

  /** Buildbot has built a commit; the build's id. */
  built(branch: Tested, revision: string, result: Result): number {
    return this.buildbot.build({ builder: builderOf[branch], branch, revision }, result);
  }

  /** Waits until a branch of the remote is at a commit. */
  async arrives(branch: string, revision: string): Promise<void> {
    let tip: string | undefined;
    await waitUntil(
      `${branch} to be at ${revision}`,
      async () => {
        tip = await this.remote.tip(branch).catch(() => undefined);
        return tip === revision;
      },
      { seen: () => `${branch} is at ${tip}\n${this.log.slice(-4000)}` },
    );
  }

  /** Waits until a commit is on `stable` and in the audit log, which has it a moment later. */
  async promotes(revision: string): Promise<void> {
    await this.arrives('stable', revision);
    await this.tells('the move', ({ event, to }) => event === 'moved' && to === revision);
  }

  /** What the audit log has; lines that are not whole are left out. */
  async audit(): Promise<readonly AuditLine[]> {
    const text = await readFile(this.auditFile, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      try {
        return line === '' ? [] : [entrySchema.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
  }

  /** Waits until the audit log has an entry, and gives the first such. */
  async tells(what: string, holds: (entry: AuditLine) => boolean): Promise<AuditLine> {
    let seen: readonly AuditLine[] = [];
    return waitUntil(
      `the audit log to have ${what}`,
      async () => {
        seen = await this.audit();
        return seen.find(holds);
      },
      { seen: () => `${seen.map((entry) => JSON.stringify(entry)).join('\n')}\n${this.log.slice(-4000)}` },
    );
  }

  /** What `/api/state` says of the pair `demo: FROM -> TO`. */
  async pair(from: string, to: string): Promise<PairView> {
    const { projects } = await this.view();
    const pairs = projects.flatMap((project) => project.pairs);
    const found = pairs.find(({ pair }) => pair.id === `demo: ${from} -> ${to}`);
    if (found === undefined) throw new Error(`there is no pair ${from} -> ${to}`);
    return found;
  }

  async view(): Promise<z.infer<typeof stateSchema>> {
    return stateSchema.parse(JSON.parse(await this.get('api/state')));
  }

  /** What changing calls are made with. */
  async token(): Promise<string> {
    return (await readFile(join(this.state, 'token'), 'utf8')).trim();
  }

  /** The text of a page that the daemon serves. */
  async get(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/${path}`, {
      headers: { connection: 'close' },
    });
    return response.text();
  }

  /** Waits until the daemon says of a pair what is wanted. */
  async says(from: string, to: string, what: string, holds: (pair: PairView) => boolean): Promise<PairView> {
    let seen = '';
    return waitUntil(
      `${from} -> ${to} to be ${what}`,
      async () => {
        const pair = await this.pair(from, to);
        seen = JSON.stringify(pair);
        return holds(pair) ? pair : undefined;
      },
      { seen: () => `${seen}\n${this.log.slice(-4000)}` },
    );
  }

  /**
   * Adds a pipeline file, to be read at the next start, for a repository with the four branches. Its builders have the
   * project's name in front of theirs.
   */
  async addProject(name: string, repository: string, schedule = 'promotion'): Promise<void> {
    const builders = Object.entries(builderOf).map(([branch, builder]) => [
      `${name === 'demo' ? '' : `${name}-`}${builder}`,
      { branch, host: true, steps: ['true'] },
    ]);
    const pipeline = {
      project: name,
      repository,
      builders: Object.fromEntries(builders),
      promotions: [
        { from: 'master', to: 'stable' },
        { from: 'db-devel', to: 'db-stable' },
      ],
      merges: [
        { from: 'stable', into: 'db-devel', schedule },
        { from: 'db-stable', into: 'master', schedule: 'manual' },
      ],
      ...(name === 'demo' ? this.#options.pipeline : {}),
    };
    // JSON is YAML.
    await writeFile(this.world.path('pipelines', `${name}.yaml`), JSON.stringify(pipeline));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.daemons) await daemon[Symbol.asyncDispose]();
    await this.buildbot[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }

  async #configure(): Promise<void> {
    await mkdir(this.state, { mode: 0o700 });
    const {
      schedule = 'promotion',
      git = {},
      github = {},
      mode = 'active',
      reconcile,
      settings = {},
    } = this.#options;
    await mkdir(this.world.path('pipelines'));
    await this.addProject('demo', this.server.url(this.remote), schedule);
    await writeFile(
      this.configFile,
      JSON.stringify({
        pipelines: ['pipelines'],
        buildbot: this.buildbot.url,
        state: 'state',
        http: { port: this.port },
        git: { ...credentialSettings(this.server), ...git },
        github: githubSites(this.server, github),
        retry: { first: '50ms', most: '400ms' },
        events: { ping: '500ms', answer: '1s' },
        mode,
        reconcile: reconcile ?? '* * * * * *',
        ...settings,
      }),
    );
  }
}

const nodeOptions = ['--disable-warning=ExperimentalWarning'];

function credentialSettings({ credentials }: GitServer): Record<string, string> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'ssh':
      return { 'ssh-key-file': credentials.keyFile, 'known-hosts-file': credentials.knownHostsFile };
    case 'https':
      return {
        'https-username': credentials.username,
        'https-password-file': credentials.passwordFile,
        'ca-file': credentials.caFile,
      };
    case 'github':
      return { 'ca-file': credentials.caFile };
  }
}

function githubSites(
  { credentials }: GitServer,
  { app, ...changes }: NonNullable<StageOptions['github']>,
): readonly Record<string, unknown>[] {
  if (credentials.kind !== 'github') return [];
  const { host, tokenFile } = credentials;
  const who =
    app === true
      ? { 'app-id': credentials.app.id, 'app-key-file': credentials.app.keyFile }
      : { 'token-file': tokenFile };
  return [{ host, ...who, 'write-pause': '0ms', ...changes }];
}
