/** What the services run: packages, users, directories, programs and the Python environment. Quick when all of it is there. */
import { type Runner, statusSet } from '@lpbuildbot/juju';
import type { Memory } from '../inputs/memory.ts';
import type { Inputs, PROGRAMS } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { MASTER_USER, PACKAGES, PROMOTION_USER, places } from '../places.ts';
import { mark } from '../plan/files.ts';

export interface Installed {
  readonly python: string;
  /** From a name in the charm (`lib/node`) to what units run. */
  readonly programs: Readonly<Record<(typeof PROGRAMS)[number], string>>;
  /** Of Buildbot's configuration code: a running master knows it only as it was when it started. */
  readonly code: string;
  readonly memory: Pick<Memory, 'installed' | 'digests' | 'environment'>;
}

export async function install(
  run: Runner,
  machine: Machine,
  inputs: Inputs,
  charm: string,
): Promise<Installed> {
  const installed = mark(PACKAGES, MASTER_USER, PROMOTION_USER);
  if (inputs.memory.installed !== installed) {
    const say = async (message: string) => await statusSet(run, { status: 'maintenance', message });
    await say(messages.installing);
    await machine.packages.ensure(PACKAGES, say);
    await machine.accounts.ensure(MASTER_USER, places.buildbot);
    await machine.accounts.ensure(PROMOTION_USER, places.promotionState);
  }
  await directories(machine);

  const digests = await digestsOf(machine, inputs);
  const digest = (name: string) => digests[name]?.digest ?? '';
  const program = async (name: (typeof PROGRAMS)[number]) => {
    const target = `${places.programs}/${digest(name).slice(0, 16)}/${name.replace(/^.*\//, '')}`;
    const from = inputs.carried.get(name)?.path ?? '';
    if (inputs.memory.digests[name]?.digest !== digest(name) || (await machine.files.stamp(target)) === '')
      await machine.files.copyProgram(from, target);
    return target;
  };
  const programs = {
    'lib/node': await program('lib/node'),
    'lib/charm.mjs': await program('lib/charm.mjs'),
    'lib/promotion.mjs': await program('lib/promotion.mjs'),
    'python/foreground.py': await program('python/foreground.py'),
  };
  const environment = await environmentOf(run, machine, inputs, charm, digest('python/requirements.txt'));
  const code = Object.entries(digests).filter(([name]) => name.startsWith('python/'));
  return {
    python: environment.python,
    programs,
    code: mark(code.map(([name, { digest }]) => [name, digest]).toSorted()),
    memory: { installed, digests, environment },
  };
}

async function directories(machine: Machine): Promise<void> {
  const { directory } = machine.files;
  await directory(places.settings, 0o755);
  await directory(places.master, 0o755);
  await directory(places.promotion, 0o755);
  await directory(places.promotionPipelines, 0o755);
  await directory(places.memory, 0o700);
  await directory(places.programs, 0o755);
  await directory(places.authority, 0o700);
  await directory(places.buildbot, 0o750, MASTER_USER);
  await directory(places.promotionState, 0o700, PROMOTION_USER);
}

/** Node alone has 100 MB, so a file whose size, time and inode are those of last time is taken to be the same. */
async function digestsOf(machine: Machine, { carried, memory }: Inputs): Promise<Memory['digests']> {
  const digests = [...carried].map(async ([name, { path, stamp }]) => {
    const known = memory.digests[name];
    const digest = known?.stamp === stamp ? known.digest : await machine.files.digest(path);
    return [name, { stamp, digest }] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

async function environmentOf(
  run: Runner,
  machine: Machine,
  { memory, pythonStamp }: Inputs,
  charm: string,
  lock: string,
): Promise<{ readonly mark: string; readonly python: string }> {
  const wanted = mark(lock, pythonStamp);
  const known = memory.environment;
  if (known?.mark === wanted && (await machine.files.stamp(known.python)) !== '') return known;
  await statusSet(run, { status: 'maintenance', message: messages.environment });
  const made = await machine.buildbot.ensureEnvironment(charm);
  if (made.kind === 'failed') throw new Error(made.reason);
  return { mark: wanted, python: made.python };
}
