/** Everything that decisions take, read once a hook: what Juju says, what the machine is. */
import { configGet, type JujuContext, type Runner, resourceGet } from '@lpbuildbot/juju';
import { type Facts, look } from './facts.ts';
import type { Machine } from './machine.ts';
import { findMaster, type Master } from './master.ts';
import { readSettings, type SettingsReading } from './settings.ts';

export interface Deb {
  readonly path: string;
  /** Differs when the file is another one. */
  readonly mark: string;
}

/** What Juju says; it does not change within a hook. */
export interface Wishes {
  readonly unit: string;
  /** `leaving`: the unit is being removed, and its builds may still end. */
  readonly phase: 'staying' | 'leaving' | 'removing';
  readonly settings: SettingsReading;
  readonly master: Master;
  /** The package that the operator attached. */
  readonly deb: Deb | undefined;
}

export interface Inputs extends Wishes {
  readonly facts: Facts;
}

export async function readWishes(run: Runner, context: JujuContext, machine: Machine): Promise<Wishes> {
  const phase = phaseOf(context);
  if (phase === 'removing') {
    const settings: SettingsReading = { kind: 'wrong', mistakes: [] };
    return { unit: context.unit, phase, settings, master: { kind: 'none' }, deb: undefined };
  }
  const [config, master, deb] = await Promise.all([
    configGet(run),
    findMaster(run, context),
    readDeb(run, machine),
  ]);
  return { unit: context.unit, phase, settings: readSettings(config), master, deb };
}

export async function observe(wishes: Wishes, machine: Machine): Promise<Inputs> {
  return { ...wishes, facts: await look(machine) };
}

/** The relation's departed hook is the first that tells of a removal, and the last in which the master still knows this unit. */
function phaseOf({ event, unit }: JujuContext): Wishes['phase'] {
  if (event.kind === 'relation-departed' && event.departingUnit === unit) return 'leaving';
  if (event.kind !== 'hook') return 'staying';
  return event.hook === 'remove' ? 'removing' : event.hook === 'stop' ? 'leaving' : 'staying';
}

/** An empty file is what operators attach where a resource must be given and they have none. */
async function readDeb(run: Runner, machine: Machine): Promise<Deb | undefined> {
  const found = await resourceGet(run, 'worker-deb');
  if (found.kind === 'not-found') return undefined;
  const facts = await machine.facts(found.path);
  if (facts === undefined || facts.size === 0) return undefined;
  return { path: found.path, mark: `${facts.modified} ${facts.size}` };
}
