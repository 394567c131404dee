/** The programs of the fake machine: what each takes, what it changes, what it says. */
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import * as z from 'zod';
import { places } from '../src/places.ts';
import type { FakeLxd, FakeMachine } from './fake-machine.ts';
import { workerSettingsPath } from './fake-paths.ts';

interface Said {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

interface Program {
  /** What it comes with; nothing when it is always there. */
  readonly package?: string;
  readonly changes: (args: readonly string[]) => boolean;
  readonly run: (machine: FakeMachine, args: readonly string[], input: string) => Said;
}

const always = (): boolean => true;
const never = (): boolean => false;
const helpers = 'lpbuildbot-worker';
const done: Said = {};

/** What comes with a package. */
const dependencies: Readonly<Record<string, readonly string[]>> = {
  'lpbuildbot-worker': ['buildbot-worker', 'sudo'],
  'buildbot-worker': ['python3-twisted'],
  lxd: ['lxcfs'],
};

export const programs: Readonly<Record<string, Program>> = {
  'apt-get': { changes: (args) => !args.includes('--simulate'), run: aptGet },
  'apt-cache': {
    changes: never,
    run: (machine, [, name = '']) => {
      const installed = machine.installed.get(name)?.version;
      const candidate = machine.lists.get(name) ?? installed;
      if (candidate === undefined) return done;
      return { stdout: `${name}:\n  Installed: ${installed ?? '(none)'}\n  Candidate: ${candidate}\n` };
    },
  },
  dpkg: {
    changes: always,
    run: (machine) => {
      machine.isDpkgInterrupted = false;
      return done;
    },
  },
  'dpkg-deb': {
    changes: always,
    run: (machine, args) => {
      const [tree = '', path = ''] = args.slice(-2);
      const control = machine.files.get(`${tree}/DEBIAN/control`)?.text ?? '';
      assert.ok(machine.files.has(`${tree}/usr/lib/lpbuildbot/bin/node`), 'Node.js is in the package');
      machine.put(path, control);
      return done;
    },
  },
  install: {
    changes: always,
    run: (machine, args) => {
      machine.put(args.at(-1) ?? '', args.at(-2) ?? '');
      return done;
    },
  },
  'debconf-set-selections': { changes: always, run: () => done },
  systemctl: { changes: ([verb]) => verb !== 'show' && verb !== 'try-restart', run: systemctl },
  'systemd-run': { changes: always, run: systemdRun },
  snap: { package: 'snapd', changes: always, run: snap },
  lxd: { changes: always, run: lxdInit },
  lxc: { changes: always, run: lxc },
  umount: { changes: never, run: () => done },
  getent: {
    changes: never,
    run: ({ users }, [, user = '']) => (users.has(user) ? { stdout: `${user}:x:\n` } : { code: 2 }),
  },
  userdel: {
    changes: always,
    run: (machine, [user = '']) => {
      machine.users.delete(user);
      return done;
    },
  },
  cp: { changes: never, run: () => done },
  rmdir: { changes: never, run: () => done },
  'lpbuildbot-worker-setup': { package: helpers, changes: always, run: workerSetup },
  'lpbuildbot-list-images': {
    package: helpers,
    changes: never,
    run: (machine, args) => {
      if (args[0] === '--json')
        return { stdout: `${JSON.stringify([...(machine.lxdState?.images.keys() ?? [])])}\n` };
      return recipeNames(machine, args.at(-1) ?? '');
    },
  },
  'lpbuildbot-prune-images': {
    package: helpers,
    changes: (args) => !args.includes('--dry-run'),
    run: (_, args) => ({
      stdout: args.includes('--dry-run') ? 'would delete focal f-old\n' : 'deleted focal f-old\n',
    }),
  },
  'lpbuildbot-clean-containers': {
    package: helpers,
    changes: (args) => !args.includes('--dry-run'),
    run: () => ({ stderr: 'nothing to clean\n' }),
  },
  'lpbuildbot-doctor': {
    package: helpers,
    changes: never,
    run: ({ health }) =>
      health === 'good'
        ? { stdout: 'ok  LXD answers\n' }
        : { code: 1, stdout: 'bad  the disk is full: make room\n' },
  },
};

function aptGet(machine: FakeMachine, args: readonly string[]): Said {
  if (machine.clock < machine.aptLockedUntil) {
    return {
      code: 100,
      stderr: 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\n',
    };
  }
  if (args.includes('update')) return update(machine, args);
  if (machine.isDpkgInterrupted) {
    return { code: 100, stderr: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'\n" };
  }
  if (args.includes('autoremove')) {
    return {
      stdout: orphans(machine)
        .map((name) => `Remv ${name} [1]\n`)
        .join(''),
    };
  }
  const words = operands(args);
  const [verb = '', ...names] = words;
  if (verb === 'purge') {
    for (const name of names) {
      machine.installed.delete(name);
      if (name === helpers) {
        machine.worker = 'absent';
        machine.files.delete(workerSettingsPath);
      }
      if (name === 'lxd') machine.lxdState = undefined;
    }
    return done;
  }
  assert.equal(verb, 'install');
  return install(machine, names, args.includes('--only-upgrade'));
}

/** apt-get's words without its options; `-o` takes the next one with it. */
function operands(args: readonly string[]): string[] {
  return args.filter((word, index) => !word.startsWith('-') && args[index - 1] !== '-o');
}

function update(machine: FakeMachine, args: readonly string[]): Said {
  const isOwn = args.some((word) => word.startsWith('Dir::Etc::sourcelist='));
  const hasSource = machine.files.has(places.aptSource);
  if (hasSource && machine.repository === 'unreachable') {
    return { code: 100, stderr: 'E: Failed to fetch https://apt.example.com/dists/stable/InRelease  404\n' };
  }
  if (!isOwn) {
    machine.lists.clear();
    for (const [name, version] of machine.archive) machine.lists.set(name, version);
  }
  if (hasSource && machine.repository !== 'unreachable') {
    for (const [name, version] of machine.repository) machine.lists.set(name, version);
  }
  return done;
}

function install(machine: FakeMachine, names: readonly string[], isUpgrade: boolean): Said {
  const wanted = names.map((name): [string, string | undefined] => {
    if (!name.startsWith('/')) return [name, machine.lists.get(name) ?? machine.installed.get(name)?.version];
    const control = machine.files.get(name)?.text ?? '';
    return [/^Package: (\S+)$/m.exec(control)?.[1] ?? '', /^Version: (\S+)$/m.exec(control)?.[1]];
  });
  const unknown = wanted.find(([, version]) => version === undefined);
  if (unknown !== undefined) return { code: 100, stderr: `E: Unable to locate package ${unknown[0]}\n` };
  const isNodeThere =
    machine.installed.has('lpbuildbot-node') ||
    machine.lists.has('lpbuildbot-node') ||
    Number.parseInt(machine.lists.get('nodejs') ?? '0', 10) >= 24 ||
    wanted.some(([name]) => name === 'lpbuildbot-node');
  if (wanted.some(([name]) => name === helpers) && !isNodeThere) {
    return { code: 100, stderr: 'E: Unable to correct problems, you have held broken packages.\n' };
  }
  for (const [name, version = ''] of wanted) {
    if (isUpgrade && !machine.installed.has(name)) continue;
    put(machine, name, version, true);
  }
  return done;
}

function put(machine: FakeMachine, name: string, version: string, manual: boolean): void {
  const before = machine.installed.get(name);
  machine.installed.set(name, { version, manual: manual || before?.manual === true });
  for (const dependency of dependencies[name] ?? []) {
    if (!machine.installed.has(dependency)) put(machine, dependency, '1', false);
  }
  if (name === 'lxd' && machine.lxdState === undefined) machine.lxdState = bareLxd('package');
  if (name !== helpers) return;
  machine.users.add('buildbot');
  if (machine.worker === 'absent') machine.worker = 'inactive';
  // The package's postinst: SIGHUP.
  else if (before !== undefined && machine.worker === 'active') drain(machine);
}

function drain(machine: FakeMachine): void {
  machine.isDraining = true;
  machine.settle();
}

function orphans(machine: FakeMachine): string[] {
  const needed = new Set<string>();
  const need = (name: string): void => {
    needed.add(name);
    for (const dependency of dependencies[name] ?? []) need(dependency);
  };
  for (const [name, { manual }] of machine.installed) if (manual) need(name);
  return [...machine.installed.keys()].filter((name) => !needed.has(name));
}

function bareLxd(kind: FakeLxd['kind']): FakeLxd {
  return { kind, pools: [], bridges: [], devices: {}, images: new Map(), instances: [], answers: true };
}

function systemctl(machine: FakeMachine, args: readonly string[]): Said {
  const [verb] = args;
  if (verb === 'show' && args.includes('--value')) return { stdout: `${shownState(machine)}\n` };
  if (verb === 'show') {
    const loaded = machine.worker === 'absent' ? 'not-found' : 'loaded';
    const images = machine.imagesUnit === undefined ? 'inactive' : 'active';
    return {
      stdout:
        `Id=buildslave.service\nLoadState=${loaded}\nActiveState=${shownState(machine)}\n\n` +
        `Id=lpbuildbot-charm-images.service\nLoadState=loaded\nActiveState=${images}\n`,
    };
  }
  if (verb === 'stop') machine.imagesUnit = undefined;
  return done;
}

function shownState({ worker }: FakeMachine): string {
  return worker === 'absent' ? 'inactive' : worker;
}

function systemdRun(machine: FakeMachine, args: readonly string[]): Said {
  if (machine.imagesUnit !== undefined) {
    return { code: 1, stderr: 'Unit lpbuildbot-charm-images.service was already loaded.\n' };
  }
  const [unit = '', digest = '', options = '', ...names] = args.slice(args.indexOf('sh') + 1);
  machine.imagesUnit = { unit, digest, options, names, index: 0 };
  machine.showProgress();
  return done;
}

function snap(machine: FakeMachine, [verb]: readonly string[]): Said {
  if (verb === 'wait') return done;
  if (verb === 'install' && machine.snapStore === 'unreachable') {
    return { code: 1, stderr: 'error: cannot install "lxd": the store does not answer\n' };
  }
  if (verb === 'install') machine.lxdState ??= bareLxd('snap');
  else machine.lxdState = undefined;
  return done;
}

const preseedSchema = z.object({
  storage_pools: z.array(
    z.object({ name: z.string(), driver: z.string(), config: z.object({ size: z.string().optional() }) }),
  ),
  networks: z.array(z.object({ name: z.string(), config: z.record(z.string(), z.string()) })),
  profiles: z.array(z.object({ devices: z.record(z.string(), z.record(z.string(), z.string())) })),
});

function lxdInit(machine: FakeMachine, [verb]: readonly string[], input: string): Said {
  if (verb === 'waitready') return done;
  const lxd = machine.lxdState;
  if (lxd === undefined) return { code: 1, stderr: 'Error: LXD is not there\n' };
  const preseed = preseedSchema.parse(JSON.parse(input));
  const broken = preseed.storage_pools.find(({ driver }) => machine.brokenDrivers.includes(driver));
  if (broken !== undefined) return { code: 1, stderr: `Error: Failed to create the ${broken.driver} pool\n` };
  lxd.pools.push(
    ...preseed.storage_pools.map(({ name, driver, config }) => ({ name, driver, size: config.size })),
  );
  lxd.bridges.push(
    ...preseed.networks.map(({ name, config }) => ({ name, address: config['ipv4.address'] ?? '' })),
  );
  lxd.devices = preseed.profiles[0]?.devices ?? {};
  return done;
}

function lxc(machine: FakeMachine, args: readonly string[]): Said {
  const lxd = machine.lxdState;
  const last = args.at(-1) ?? '';
  if (lxd === undefined) return { code: 1, stderr: 'Error: LXD is not there\n' };
  if (args[0] === 'delete') lxd.instances = lxd.instances.filter(({ name }) => name !== last);
  else if (args[0] === 'image') lxd.images.delete(last.replace(/^f-/, ''));
  else if (args[0] === 'network') lxd.bridges = lxd.bridges.filter(({ name }) => name !== last);
  else if (args[0] === 'storage') lxd.pools = lxd.pools.filter(({ name }) => name !== last);
  else if (args[0] === 'profile') delete lxd.devices[last];
  return done;
}

function workerSetup(machine: FakeMachine, args: readonly string[]): Said {
  if (args.includes('--remove')) {
    machine.files.delete(workerSettingsPath);
    if (machine.worker === 'active') {
      if (args.includes('--now')) machine.worker = 'inactive';
      else drain(machine);
    }
    return done;
  }
  const value = (option: string): string => args[args.indexOf(option) + 1] ?? '';
  const password = machine.files.get(value('--password-file'));
  const ca = machine.files.get(value('--tls-ca'))?.text ?? '';
  assert.equal(password?.mode, 0o600, 'nobody else may read the password');
  const settings = `${value('--master')} ${value('--name')} ${password?.text.trim()} ${ca}`;
  if (machine.files.get(workerSettingsPath)?.text !== settings) {
    machine.put(workerSettingsPath, settings, 0o600);
    if (machine.worker === 'active') drain(machine);
  }
  if (machine.worker !== 'active') machine.worker = machine.isWorkerBroken ? 'failed' : 'active';
  return done;
}

function recipeNames(machine: FakeMachine, directory: string): Said {
  const file = `${directory}/juju.yaml`;
  const text = machine.files.get(file)?.text ?? '';
  const read = z.object({ images: z.record(z.string(), z.unknown()) }).safeParse(parse(text));
  if (read.success) return { stdout: `${Object.keys(read.data.images).join('\n')}\n` };
  return {
    stderr: `the recipes cannot be used, so it is not known which images are up to date:\n${file}:1:1: found an unknown key; write images\n`,
  };
}
