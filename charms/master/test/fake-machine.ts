/**
 * A machine that is only a value: files, users, packages, units and what runs, with enough of their behaviour that the charm can be run on it
 * through any number of hooks. `changes` tells what an onlooker would have noticed, in order; a hook that has nothing to do adds nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigureOutcome, MasterConfiguration } from '@lpbuildbot/buildbot';
import type {
  Change,
  FileContent,
  HttpAnswer,
  HttpRequest,
  Machine,
  PipelineFile,
  ServiceState,
} from '../src/machine/machine.ts';
import { MASTER, PROMOTION, places, RECONFIGURE, RECONFIGURE_TIMER } from '../src/places.ts';
import { reconfigureNow } from '../src/tasks/reconfigure.ts';

type Configuration = Omit<MasterConfiguration, 'user'>;

interface Repository {
  readonly revision: string;
  readonly files: readonly PipelineFile[];
}

interface FakeFile extends FileContent {
  readonly inode: number;
}

const systemd = join(import.meta.dirname, '../systemd');

/** What the charm remembers for itself is nobody else's business. */
const PRIVATE = new Set<string>([places.memoryFile]);

export class FakeMachine {
  readonly changes: string[] = [];
  /** Whether a running Buildbot takes configurations only by a restart. */
  needsRestart = false;
  readonly files = new Map<string, FakeFile>();
  readonly directories = new Map<string, string>();
  readonly users = new Set<string>();
  readonly packages = new Set<string>();
  readonly units = new Map<string, ServiceState>();
  /** By address and branch: `https://git.example.com/config#main`. */
  readonly repositories = new Map<string, Repository | 'unreachable'>();
  /** What the master works by. */
  configuration: Configuration | undefined;
  /** A reason, for a configuration that Buildbot does not take. */
  refuses: (configuration: Configuration) => string | undefined = () => undefined;
  /** How often a running master was told to take a configuration. */
  reloads = 0;
  connected: readonly string[] = [];
  /** What the promotion service says at /api/state. */
  pairs: readonly unknown[] = [];
  promotionCalls: string[][] = [];
  promotionAnswer = { code: 0, output: 'done\n' };
  /** What the service answers when it is asked to promote. */
  promoted = { ok: true, text: 'done' };
  posts: HttpRequest[] = [];
  /** Both services run, and answer nobody. */
  silent = false;
  /** Services that end as soon as they are started. */
  readonly broken = new Set<string>();
  /** A step that fails, by its words in `changes`. */
  failing: { readonly change: RegExp; readonly error: Error } | undefined;
  /** Bytes that are left, where it is not plenty. */
  readonly space = new Map<string, number>();
  readonly archives = new Set<string>();
  time = Date.parse('2026-01-01T00:00:00Z');
  #serial = 0;

  constructor(charm: string) {
    this.unpack(charm, 'one');
  }

  /** The charm's own files, as Juju unpacks them. */
  unpack(charm: string, version: string): void {
    const put = (path: string, content: string) => this.#put(`${charm}/${path}`, { content, mode: 0o755 });
    put('lib/node', 'node 24');
    put('lib/charm.mjs', `charm ${version}`);
    put('lib/promotion.mjs', 'promotion one');
    put('python/foreground.py', 'foreground one');
    put('python/master.cfg', 'master.cfg one');
    put('python/requirements.txt', 'buildbot==4.3.0 \\\n');
    put('python/lpbuildbot_master/scheduler.py', 'scheduler one');
    for (const name of [MASTER, PROMOTION, RECONFIGURE, RECONFIGURE_TIMER]) {
      put(`systemd/${name}`, readFileSync(join(systemd, name), 'utf8'));
    }
    if (!this.files.has('/usr/bin/python3'))
      this.#put('/usr/bin/python3', { content: 'python', mode: 0o755 });
  }

  /** Of a file that is there. */
  text(path: string): string {
    const file = this.files.get(path);
    if (file === undefined) throw new Error(`there is no ${path}`);
    return file.content;
  }

  /** As an operator's command would. */
  replace(path: string, content: string): void {
    this.#put(path, { content, mode: 0o755 });
  }

  state(name: string): ServiceState {
    return this.units.get(name) ?? { active: 'inactive', pid: undefined, enabled: 'disabled' };
  }

  reboot(): void {
    for (const name of [...this.units.keys()]) this.#stop(name);
    for (const [name, { enabled }] of [...this.units]) if (enabled === 'enabled') this.#start(name);
  }

  /** The timer's time is over. */
  async elapse(): Promise<void> {
    if (this.state(RECONFIGURE_TIMER).active !== 'active') throw new Error('the timer does not run');
    this.#stop(RECONFIGURE_TIMER);
    await reconfigureNow(this.machine());
  }

  machine(): Machine {
    return {
      now: () => new Date(this.time),
      token: () => `token-${this.#next()}`,
      files: {
        read: async (path) => this.files.get(path)?.content,
        list: async (path) => {
          const names = [...this.files.keys(), ...this.directories.keys()]
            .filter((name) => name.startsWith(`${path}/`))
            .map((name) => name.slice(path.length + 1).split('/')[0] ?? '');
          return [...new Set(names)].sort();
        },
        write: async (path, file) => this.#write(path, file),
        directory: async (path, mode, owner = 'root') => {
          if (owner !== 'root' && !this.users.has(owner)) throw new Error(`there is no user ${owner}`);
          const wanted = `${mode.toString(8)} ${owner}`;
          if (this.directories.get(path) === wanted) return 'same';
          this.#note(`directory ${path}`);
          this.directories.set(path, wanted);
          return 'changed';
        },
        remove: async (path) => this.#remove(path),
        stamp: async (path) => String(this.files.get(path)?.inode ?? ''),
        space: async (path) => this.space.get(path) ?? 1e9,
        digest: async (path) => createHash('sha256').update(this.text(path)).digest('hex'),
        copyProgram: async (from, to) => {
          if (this.files.has(to)) return 'same';
          this.#note(`program ${to.replace(/^.*\//, '')}`);
          this.#put(to, { content: this.text(from), mode: 0o755 });
          return 'changed';
        },
      },
      packages: {
        ensure: async (names) => {
          const missing = names.filter((name) => !this.packages.has(name));
          if (missing.length === 0) return 'same';
          this.#note(`apt install ${missing.join(' ')}`);
          for (const name of missing) this.packages.add(name);
          return 'changed';
        },
      },
      accounts: {
        ensure: async (name) => {
          if (this.users.has(name)) return 'same';
          this.#note(`useradd ${name}`);
          this.users.add(name);
          return 'changed';
        },
        remove: async (name) => {
          if (!this.users.delete(name)) return 'same';
          this.#note(`userdel ${name}`);
          return 'changed';
        },
      },
      services: {
        states: async (names) => new Map(names.map((name) => [name, this.state(name)])),
        reload: async () => this.#note('daemon-reload'),
        enable: async (name) => {
          this.#note(`enable ${name}`);
          this.units.set(name, { ...this.state(name), enabled: 'enabled' });
        },
        disable: async (name) => {
          this.#note(`disable ${name}`);
          this.units.set(name, { ...this.state(name), enabled: 'disabled' });
        },
        restart: async (name) => {
          this.#note(`${this.state(name).active === 'active' ? 'restart' : 'start'} ${name}`);
          if (!this.files.has(`${places.units}/${name}`)) throw new Error(`Unit ${name} not found.`);
          this.#stop(name);
          this.#start(name);
        },
        stop: async (names) => {
          for (const name of names) {
            this.#note(`stop ${name}`);
            this.#stop(name);
          }
        },
      },
      authority: {
        create: async (name) => this.#pair({ authority: name }),
        issue: async (authority, address, days) =>
          this.#pair({ address, by: authority.certificate, expires: this.time + days * 86_400_000 }),
        describe: (certificate) => {
          const [, text = ''] = /CERTIFICATE-----\n(.*)\n/.exec(certificate) ?? [];
          const facts = JSON.parse(text);
          return {
            expires: new Date(facts.expires),
            isFor: (address) => facts.address === address,
            isSignedBy: (authority) => facts.by === authority,
          };
        },
      },
      git: {
        fetch: async ({ repository, branch }, known) => {
          const found = this.repositories.get(`${repository}#${branch}`) ?? 'unreachable';
          if (found === 'unreachable') return { kind: 'failed', reason: 'Could not resolve host' };
          if (found.revision === known) return { kind: 'same' };
          return { kind: 'fetched', ...found };
        },
      },
      buildbot: {
        ensureEnvironment: async () => {
          const python = `${places.environments}/1/bin/python`;
          if (!this.files.has(python)) {
            this.#note('python environment');
            this.#put(python, { content: 'python', mode: 0o755 });
          }
          return { kind: 'ready', python };
        },
        configure: async (configuration) => this.#configure(configuration),
        untilServing: async () => this.#serves(MASTER),
      },
      promotion: {
        run: async (args) => {
          this.promotionCalls.push([...args]);
          return this.promotionAnswer;
        },
        untilServing: async () => this.#serves(PROMOTION),
      },
      http: { ask: async (request) => this.#answer(request) },
      archive: {
        save: async (directory) => {
          const file = `${directory}/backup-${this.#next()}.tar.gz`;
          this.#note(`backup ${file}`);
          this.archives.add(file);
          return file;
        },
        restore: async (file) => {
          if (!this.archives.has(file)) return { kind: 'refused', reason: 'No such file or directory' };
          if (this.state(MASTER).active === 'active') throw new Error('the master runs');
          this.#note(`restore ${file}`);
          this.files.delete(places.wantedFile);
          this.configuration = undefined;
          return { kind: 'restored' };
        },
      },
      hashPassword: async (password) => `hash ${this.#next()} of ${password.length} characters`,
    };
  }

  #serves(name: string): 'serving' | 'failed' {
    return this.state(name).active === 'active' && !this.silent ? 'serving' : 'failed';
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #note(change: string): void {
    if (this.failing?.change.test(change)) throw this.failing.error;
    this.changes.push(change);
  }

  #put(path: string, file: FileContent): void {
    this.files.set(path, { ...file, inode: this.#next() });
  }

  #write(path: string, file: FileContent): Change {
    const { content, mode, owner = 'root' } = file;
    if (owner !== 'root' && !this.users.has(owner)) throw new Error(`there is no user ${owner}`);
    const there = this.files.get(path);
    if (there?.content === content && there.mode === mode && (there.owner ?? 'root') === owner) return 'same';
    if (!PRIVATE.has(path)) this.#note(`write ${path}`);
    this.#put(path, file);
    return 'changed';
  }

  #remove(path: string): Change {
    const within = (name: string) => name === path || name.startsWith(`${path}/`);
    const gone = [...this.files.keys(), ...this.directories.keys()].filter(within);
    if (gone.length === 0) return 'same';
    this.#note(`remove ${path}`);
    for (const name of gone) {
      this.files.delete(name);
      this.directories.delete(name);
    }
    return 'changed';
  }

  #start(name: string): void {
    const { enabled } = this.state(name);
    if (this.broken.has(name)) {
      this.units.set(name, { active: 'failed', pid: undefined, enabled });
      return;
    }
    this.units.set(name, { active: 'active', pid: 1000 + this.#next(), enabled });
    if (name === MASTER)
      this.#put(places.masterStarted, { content: this.text(places.masterFingerprint), mode: 0o644 });
    if (name === PROMOTION)
      this.#put(places.promotionStarted, { content: this.text(places.promotionFingerprint), mode: 0o644 });
  }

  #stop(name: string): void {
    this.units.set(name, { ...this.state(name), active: 'inactive', pid: undefined });
    if (name === MASTER) this.files.delete(places.masterStarted);
    if (name === PROMOTION) this.files.delete(places.promotionStarted);
  }

  #pair(facts: object): { key: string; certificate: string } {
    this.#note('address' in facts ? 'certificate' : 'authority');
    const text = JSON.stringify({ ...facts, serial: this.#next() });
    const certificate = `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
    return { key: `key of ${text}`, certificate };
  }

  #configure(configuration: Configuration): ConfigureOutcome {
    const reason = this.refuses(configuration);
    if (reason !== undefined)
      return { kind: 'refused', reason: `Buildbot refuses the configuration: ${reason}` };
    const { running, ...wanted } = configuration;
    const { running: _, ...present } = this.configuration ?? { running: undefined };
    if (JSON.stringify(wanted) === JSON.stringify(present)) return { kind: 'unchanged' };
    this.#note(running === undefined ? 'configure Buildbot' : 'reconfigure the running Buildbot');
    if (running !== undefined && this.needsRestart) return { kind: 'applied', restart: 'needed' };
    if (running !== undefined) this.reloads += 1;
    this.configuration = wanted;
    return { kind: 'applied', restart: 'not-needed' };
  }

  #answer(request: HttpRequest): HttpAnswer | undefined {
    if (this.silent) return undefined;
    const { url, method = 'GET' } = request;
    const port = Number(new URL(url).port);
    const reply = (value: unknown): HttpAnswer => ({ status: 200, text: JSON.stringify(value), cookies: [] });
    if (port === 8011) {
      if (this.state(PROMOTION).active !== 'active') return undefined;
      if (method === 'POST') this.posts.push(request);
      if (url.endsWith('/api/promote')) return reply(this.promoted);
      if (!url.endsWith('/api/state')) return reply({});
      return reply({ at: this.time, projects: [{ project: 'demo', pairs: this.pairs }] });
    }
    const web = this.configuration?.site.web.port;
    if (this.state(MASTER).active !== 'active' || port !== web) return undefined;
    if (url.includes('/builders/7/workers')) {
      return reply({ workers: (this.configuration?.workers ?? []).map(({ name }) => ({ name })) });
    }
    if (url.includes('/api/v2/workers')) {
      const workers = (this.configuration?.workers ?? []).map(({ name }) => ({
        name,
        connected_to: this.connected.includes(name) ? [{ masterid: 1 }] : [],
      }));
      return reply({ workers });
    }
    if (url.includes('/api/v2/builders')) return reply({ builders: [{ builderid: 7, name: 'demo-main' }] });
    if (url.endsWith('/auth/login')) return { status: 302, text: '', cookies: ['TWISTED_SESSION=1'] };
    if (url.endsWith('/api/v2/forceschedulers')) {
      return reply({ forceschedulers: [{ name: 'force-demo-main', builder_names: ['demo-main'] }] });
    }
    if (url.includes('/api/v2/forceschedulers/') && method === 'POST') {
      this.posts.push(request);
      return reply({ result: [3, { '7': 12 }] });
    }
    return reply({});
  }
}
