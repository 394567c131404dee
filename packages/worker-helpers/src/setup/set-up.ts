/** Brings a machine to the worker that somebody wants, or to none: observe, plan, take the steps. */
import type { Log } from '../command/log.ts';
import { ensureWorkerDirectory, type Machine, observe, take } from './machine.ts';
import { messages } from './messages.ts';
import { type Patience, planRemoval, planSetup } from './plan.ts';
import { removablePaths, type WorkerSettings, workerFiles } from './worker-files.ts';

export async function setUpWorker(
  machine: Machine,
  settings: WorkerSettings,
  patience: Patience,
  log: Log,
): Promise<void> {
  const { places } = machine;
  const found = await observe(machine);
  const steps = planSetup(workerFiles(places, settings), removablePaths(places), found, patience);
  if (steps.length === 0) return log.info(messages.unchanged(settings.name, settings.master));
  ensureWorkerDirectory(machine);
  for (const step of steps) {
    await take(step, machine);
    log.info(messages.step(step));
  }
  log.info(messages.joined(settings.name, settings.master));
  if (found.service.kind === 'absent') log.info(messages.notStarted);
  if (steps.some(({ kind }) => kind === 'drain')) log.info(messages.draining);
}

export async function removeWorker(machine: Machine, patience: Patience, log: Log): Promise<void> {
  // What was told of its images would grow old, and be alarmed on.
  const removable = [...removablePaths(machine.places), machine.places.metrics];
  const steps = planRemoval(removable, await observe(machine), patience);
  if (steps.length === 0) return log.info(messages.notSetUp);
  for (const step of steps) {
    await take(step, machine);
    log.info(messages.step(step));
  }
  log.info(messages.left);
}
