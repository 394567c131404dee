/** Saving what is on the storage, and putting it back. */
import { type ActionOutcome, type ActionParameters, type Juju, statusSet } from '@lpbuildbot/juju';
import * as z from 'zod';
import { stopServices } from '../apply/services.ts';
import { reconcile } from '../charm.ts';
import { readMemory } from '../inputs/memory.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { MASTER, PROMOTION, places, RECONFIGURE, RECONFIGURE_TIMER } from '../places.ts';

const backups = `${places.data}/backups`;
const path = z.string().regex(/^\/[^\0]+$/, messages.notAPath);
const backupSchema = z.object({ directory: path.default(backups) });
const restoreSchema = z.object({ file: path });

export async function backup(
  _juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const asked = backupSchema.safeParse(parameters);
  if (!asked.success) return { kind: 'failed', message: messages.notAPath };
  const file = await save(machine, asked.data.directory);
  return file === undefined
    ? { kind: 'failed', message: messages.notConfigured }
    : { kind: 'done', results: { file } };
}

async function save(machine: Machine, directory: string): Promise<string | undefined> {
  const { environment } = readMemory(await machine.files.read(places.memoryFile));
  if (environment === undefined) return undefined;
  return await machine.archive.save(directory, environment.python, machine.now());
}

export async function restore(
  juju: Juju,
  machine: Machine,
  parameters: ActionParameters,
): Promise<ActionOutcome> {
  const asked = restoreSchema.safeParse(parameters);
  if (!asked.success) return { kind: 'failed', message: messages.notAPath };
  const { file } = asked.data;
  const before = await save(machine, backups);
  if (before === undefined) return { kind: 'failed', message: messages.notConfigured };
  await statusSet(juju.run, { status: 'maintenance', message: messages.restoring });
  const services = [RECONFIGURE_TIMER, RECONFIGURE, PROMOTION, MASTER];
  await stopServices(machine, await machine.services.states(services), services);
  const outcome = await machine.archive.restore(file);
  // In any case: what was running shall run again.
  const { status, message } = await reconcile(juju, machine);
  if (outcome.kind === 'refused') {
    return { kind: 'failed', message: messages.backupRefused(file, outcome.reason), results: { before } };
  }
  return { kind: 'done', results: { before, status, message } };
}
