/**
 * A machine that keeps state: packages, files, LXD, services, a clock. The charm's own commands are understood in the form in which
 * the real programs take them; one that is not known ends the test. What a test changes, it changes as the world would.
 */
import assert from 'node:assert/strict';
import type { Machine, Ran } from '../src/machine.ts';
import { places } from '../src/places.ts';
import { workerSettingsPath } from './fake-paths.ts';
import { programs } from './fake-programs.ts';

export interface FakeLxd {
  kind: 'snap' | 'package';
  pools: { name: string; driver: string; size: string | undefined }[];
  bridges: { name: string; address: string }[];
  devices: Record<string, Record<string, string>>;
  /** By name; of each the fingerprint is `f-NAME`. */
  images: Map<string, 'ours' | 'foreign'>;
  instances: { name: string; status: string; config: Record<string, string> }[];
  answers: boolean;
}

export class FakeMachine implements Machine {
  readonly files = new Map<string, { text: string; modified: number; mode: number }>();
  distribution: 'ubuntu' | 'debian' = 'ubuntu';
  /** Installed, with versions. `manual` ones are never orphans. */
  readonly installed = new Map<string, { version: string; manual: boolean }>([
    ['apt', { version: '2.7', manual: true }],
    ['snapd', { version: '2.60', manual: true }],
  ]);
  /** What the distribution has, and what the repository of package-source has. */
  readonly archive = new Map([['mmdebstrap', '1.4']]);
  repository: Map<string, string> | 'unreachable' = new Map();
  /** As of the last `apt-get update`. */
  readonly lists = new Map<string, string>();
  lxdState: FakeLxd | undefined;
  drivers = ['btrfs', 'dir'];
  /** Drivers of which LXD finds out too late that they do not work. */
  brokenDrivers: string[] = [];
  worker: 'absent' | 'active' | 'inactive' | 'failed' = 'absent';
  /** SIGHUP was sent: it ends with its builds, and starts again when it is still set up. */
  isDraining = false;
  imagesUnit: { unit: string; digest: string; options: string; names: string[]; index: number } | undefined;
  /** Images that cannot be made, with the reason. */
  readonly unmakable = new Map<string, string>();
  /** Ends of other people's work with apt, by the clock. */
  aptLockedUntil = 0;
  /** As a kill in the middle of dpkg leaves it. */
  isDpkgInterrupted = false;
  snapStore: 'there' | 'unreachable' = 'there';
  /** The worker's process does not stay up. */
  isWorkerBroken = false;
  readonly users = new Set<string>();
  health: 'good' | 'bad' = 'good';
  clock = Date.UTC(2026, 0, 1);
  routes = 'Iface\tDestination\n';
  /** What happens while the charm waits. */
  onSleep: () => void = () => undefined;
  /** Every command that may change something, as one line; reading ones are left out. */
  readonly changes: string[] = [];
  readonly inputs: string[] = [];

  readonly run: Machine['run'] = async ([name, ...args], { input = '' } = {}): Promise<Ran> => {
    const program = programs[name];
    assert.ok(program !== undefined, `the charm calls ${name}, which this machine does not know`);
    const needs = program.package;
    if (needs !== undefined && !this.installed.has(needs)) {
      return { code: 127, stdout: '', stderr: `spawn ${name} ENOENT` };
    }
    if (input !== '') this.inputs.push(input);
    if (program.changes(args)) this.changes.push([name, ...args].join(' '));
    const ran = program.run(this, args, input);
    return { code: ran.code ?? 0, stdout: ran.stdout ?? '', stderr: ran.stderr ?? '' };
  };

  readonly readText: Machine['readText'] = async (path) => {
    if (path === places.osRelease) {
      const codename = this.distribution === 'ubuntu' ? 'noble' : 'bookworm';
      return `PRETTY_NAME="x"\nID=${this.distribution}\nVERSION_CODENAME=${codename}\n`;
    }
    if (path === places.routes) return this.routes;
    if (path === places.dpkgStatus) {
      return [...this.installed]
        .map(([name, { version }]) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`)
        .join('\n');
    }
    return this.files.get(path)?.text;
  };

  readonly write: Machine['write'] = async (path, text, mode) => {
    this.changes.push(`write ${path}`);
    this.put(path, text, mode);
  };

  put(path: string, text: string, mode = 0o644): void {
    this.clock += 1;
    this.files.set(path, { text, modified: this.clock, mode });
  }

  readonly remove: Machine['remove'] = async (path) => {
    for (const file of [...this.files.keys()]) {
      if (file !== path && !file.startsWith(`${path}/`)) continue;
      this.changes.push(`remove ${file}`);
      this.files.delete(file);
    }
  };

  readonly facts: Machine['facts'] = async (path) => {
    if (path === places.snap) return this.installed.has('snapd') ? { modified: 0, size: 1 } : undefined;
    const file = this.files.get(path);
    if (file !== undefined) return { modified: file.modified, size: file.text.length };
    const isDirectory = [...this.files.keys()].some((known) => known.startsWith(`${path}/`));
    return isDirectory ? { modified: 0, size: 4096 } : undefined;
  };

  readonly lxd: Machine['lxd'] = async (path) => {
    const lxd = this.lxdState;
    if (lxd === undefined) return { kind: 'absent' };
    if (!lxd.answers) return { kind: 'unreachable', why: 'connect ECONNREFUSED' };
    const answers: Record<string, () => unknown> = {
      '/1.0': () => ({
        environment: { storage_supported_drivers: this.drivers.map((Name) => ({ Name, Remote: false })) },
      }),
      '/1.0/profiles/default': () => ({ devices: lxd.devices }),
      '/1.0/storage-pools?recursion=1': () => lxd.pools,
      '/1.0/networks?recursion=1': () => [
        { name: 'eth0', type: 'physical', managed: false },
        ...lxd.bridges.map(({ name }) => ({ name, type: 'bridge', managed: true })),
      ],
      '/1.0/images/aliases?recursion=1': () =>
        [...lxd.images].map(([name, whose]) => ({ name: whose === 'ours' ? `lpbuildbot/${name}` : name })),
      '/1.0/images?recursion=1': () =>
        [...lxd.images].map(([name, whose]) => ({
          fingerprint: `f-${name}`,
          properties: whose === 'ours' ? { 'lpbuildbot.name': name } : { os: 'ubuntu' },
        })),
      '/1.0/instances?recursion=1': () => lxd.instances,
      '/1.0/instances?recursion=1&all-projects=true': () => lxd.instances,
    };
    const answer = answers[path];
    assert.ok(answer !== undefined, `the charm asks LXD for ${path}`);
    return { kind: 'answer', metadata: answer() };
  };

  readonly free: Machine['free'] = async () => 100 * 2 ** 30;
  readonly now = (): number => this.clock;
  readonly sleep: Machine['sleep'] = async (milliseconds) => {
    this.clock += milliseconds;
    this.onSleep();
    this.settle();
  };

  /** What systemd does by itself once a worker that drains has no builds left. */
  settle(): void {
    if (!this.isDraining || this.builds() > 0) return;
    this.isDraining = false;
    this.worker = this.files.has(workerSettingsPath) ? 'active' : 'inactive';
  }

  builds(): number {
    const instances = this.lxdState?.instances ?? [];
    return instances.filter(({ config }) => config['user.lpbuildbot.kind'] === 'run').length;
  }

  startBuild(name = 'lpbuildbot-run-1'): void {
    const config = { 'user.lpbuildbot.kind': 'run' };
    this.lxdState?.instances.push({ name, status: 'Running', config });
  }

  endBuilds(): void {
    const lxd = this.lxdState;
    if (lxd === undefined) return;
    lxd.instances = lxd.instances.filter(({ config }) => config['user.lpbuildbot.kind'] !== 'run');
    this.settle();
  }

  /** One image of the unit in the background is made, or not. */
  makeNextImage(): void {
    const unit = this.imagesUnit;
    assert.ok(unit !== undefined, 'images are being made');
    const name = unit.names[unit.index] ?? '';
    if (!this.unmakable.has(name)) this.lxdState?.images.set(name, 'ours');
    unit.index += 1;
    if (unit.index < unit.names.length) {
      this.showProgress();
      return;
    }
    const failures = unit.names.flatMap((one) => {
      const why = this.unmakable.get(one);
      return why === undefined ? [] : [`${one}\t${why}\n`];
    });
    this.put(places.imagesResult, `${unit.digest}\n${failures.join('')}`);
    this.files.delete(places.imagesProgress);
    this.imagesUnit = undefined;
  }

  showProgress(): void {
    const unit = this.imagesUnit;
    if (unit === undefined) return;
    const line = `${unit.index + 1} ${unit.names.length} ${unit.names[unit.index]}\n`;
    this.put(places.imagesProgress, line);
  }

  makeAllImages(): void {
    while (this.imagesUnit !== undefined) this.makeNextImage();
  }

  /** Power off and on: what is in memory is gone. */
  reboot(): void {
    for (const path of this.files.keys()) if (path.startsWith('/run/')) this.files.delete(path);
    this.imagesUnit = undefined;
    this.isDraining = false;
    if (this.worker !== 'absent') this.worker = this.files.has(workerSettingsPath) ? 'active' : 'inactive';
    this.endBuilds();
  }
}
