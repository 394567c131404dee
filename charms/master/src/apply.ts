/**
 * Does what was planned, in an order in which every step may fail, be killed, or be done twice: what others rely on comes after
 * what it relies on, and what ran keeps running until the new is known to be good.
 */
import { dirname } from 'node:path';
import { applicationVersionSet, type Juju, type Status, setPorts } from '@lpbuildbot/juju';
import { applyCredentials } from './apply/credentials.ts';
import { type Installed, install } from './apply/install.ts';
import { applyMaster, type MasterOutcome } from './apply/master.ts';
import { applyMonitoring } from './apply/monitoring.ts';
import { applyPeople } from './apply/people.ts';
import { observeProgress } from './apply/progress.ts';
import { applyPromotion } from './apply/promotion.ts';
import { tellWebsites, tellWorkers } from './apply/relations.ts';
import { stopServices } from './apply/services.ts';
import { secureWorkerPort } from './apply/tls.ts';
import { type Credential, type Memory, printed } from './inputs/memory.ts';
import type { Inputs } from './inputs.ts';
import type { Machine } from './machine/machine.ts';
import { messages } from './messages.ts';
import {
  MASTER,
  MASTER_USER,
  PROMOTION,
  PROMOTION_USER,
  places,
  RECONFIGURE,
  RECONFIGURE_TIMER,
} from './places.ts';
import { planCredentials } from './plan/credentials.ts';
import { type Situation, statusOf } from './plan/status.ts';
import type { Plan, Serve } from './plan.ts';

export interface Wishes {
  /** Whose passwords are to be others, besides those whose time is up. */
  readonly rotate: Parameters<typeof planCredentials>[0]['asked'];
}

/** @returns what the status is then. */
export async function apply(
  juju: Juju,
  machine: Machine,
  inputs: Inputs,
  plan: Plan,
  wishes: Wishes,
): Promise<Status> {
  switch (plan.kind) {
    case 'remove':
      await removeAll(machine, inputs);
      return { status: 'maintenance', message: messages.stopped };
    case 'stand-by':
      await stopServices(machine, inputs.services, [RECONFIGURE_TIMER, RECONFIGURE, PROMOTION, MASTER]);
      return plan.status;
    case 'serve':
      return await serve(juju, machine, inputs, plan, wishes);
  }
}

async function serve(
  juju: Juju,
  machine: Machine,
  inputs: Inputs,
  plan: Serve,
  wishes: Wishes,
): Promise<Status> {
  const { run, context } = juju;
  const installed = await install(run, machine, inputs, context.charmDirectory);
  const tls = await secureWorkerPort(machine, inputs);
  const hashes = await applyPeople(machine, inputs, plan.secrets);
  const credentials = await applyCredentials(
    juju,
    machine,
    planCredentials({
      workers: inputs.workers,
      remembered: inputs.memory.credentials,
      event: inputs.event,
      now: inputs.now,
      asked: wishes.rotate,
    }),
  );
  const memory: Memory = { ...inputs.memory, ...installed.memory, ...hashes, credentials: [...credentials] };
  await remember(machine, memory);
  const master = await applyMaster({ run, machine, inputs, serve: plan, installed, tls, credentials });
  if (master.accepted !== undefined) {
    await machine.files.write(places.acceptedFile, { content: printed(master.accepted), mode: 0o600 });
  }
  const promotion = await applyPromotion(machine, inputs, plan, installed, master.accepted);
  const conflicts = await tellOthers(juju, inputs, plan, tls, credentials, master);
  await applyMonitoring(juju, machine, inputs, installed, promotion === 'off' ? 'off' : 'runs');
  await applyVersion(juju, machine, memory, installed);
  await removeOldPrograms(machine, installed);
  return statusOf(await situation(machine, inputs, plan, master, promotion, conflicts));
}

async function remember(machine: Machine, memory: Memory): Promise<void> {
  await machine.files.write(places.memoryFile, { content: printed(memory), mode: 0o600 });
}

/** @returns ports that could not be opened. */
async function tellOthers(
  juju: Juju,
  inputs: Inputs,
  { site }: Serve,
  tls: Awaited<ReturnType<typeof secureWorkerPort>>,
  credentials: readonly Credential[],
  master: MasterOutcome,
): Promise<readonly number[]> {
  if (site === undefined) return [];
  await tellWorkers(juju, inputs, site.workers.port, tls, credentials);
  await tellWebsites(juju, inputs, site.web.port);
  const ports = master.kind === 'not-configured' ? [] : [site.web.port, site.workers.port];
  const { conflicts } = await setPorts(
    juju.run,
    ports.map((port) => ({ protocol: 'tcp', from: port, to: port })),
  );
  return conflicts.flatMap((range) => (range.protocol === 'icmp' ? [] : [range.from]));
}

async function situation(
  machine: Machine,
  inputs: Inputs,
  plan: Serve,
  master: MasterOutcome,
  promotion: Situation['promotion'],
  conflicts: readonly number[],
): Promise<Situation> {
  const { site, complaints } = plan;
  const has = new Set(master.workers.flatMap(({ images }) => images));
  const looks = master.kind === 'serving' && site !== undefined;
  return {
    inputs,
    complaints: [
      ...complaints,
      ...(master.complaint === undefined ? [] : [master.complaint]),
      ...(conflicts.length === 0 ? [] : [messages.portTaken(conflicts)]),
    ],
    master: master.kind,
    promotion,
    workers: master.workers.map(({ name }) => name),
    missingImages: (master.accepted?.facts.images ?? []).filter((image) => !has.has(image)),
    progress: looks
      ? await observeProgress(machine, site.web.port, promotion === 'off' ? 'off' : 'runs')
      : { connected: undefined, pairs: undefined },
  };
}

/** Buildbot's, as the wheels have it. */
async function applyVersion(
  { run, context }: Juju,
  machine: Machine,
  memory: Memory,
  installed: Installed,
): Promise<void> {
  const lock = installed.memory.digests['python/requirements.txt']?.digest ?? '';
  if (memory.version === lock) return;
  const text = await machine.files.read(`${context.charmDirectory}/python/requirements.txt`);
  const [, version] = /^buildbot==(\S+)/m.exec(text ?? '') ?? [];
  if (version !== undefined) await applicationVersionSet(run, version);
  await remember(machine, { ...memory, version: lock });
}

/** What a unit still names stays, also while a refused configuration keeps an old unit. */
async function removeOldPrograms(machine: Machine, { programs }: Installed): Promise<void> {
  const kept = new Set([places.environments, ...Object.values(programs).map((path) => dirname(path))]);
  const old = (await machine.files.list(places.programs))
    .map((name) => `${places.programs}/${name}`)
    .filter((path) => !kept.has(path));
  if (old.length === 0) return;
  const units = await Promise.all(
    [MASTER, PROMOTION].map((name) => machine.files.read(`${places.units}/${name}`)),
  );
  for (const path of old) {
    if (!units.some((text) => text?.includes(`${path}/`))) await machine.files.remove(path);
  }
}

/** The storage's content stays: it is the operator's. */
async function removeAll(machine: Machine, inputs: Inputs): Promise<void> {
  await stopServices(machine, inputs.services, [RECONFIGURE_TIMER, RECONFIGURE, PROMOTION, MASTER]);
  const checks = (await machine.files.list(places.nrpeChecks)).filter((name) =>
    name.startsWith('check_lpbuildbot_'),
  );
  for (const path of [
    ...[MASTER, PROMOTION, RECONFIGURE, RECONFIGURE_TIMER].map((name) => `${places.units}/${name}`),
    ...checks.map((name) => `${places.nrpeChecks}/${name}`),
    places.command,
    places.master,
    places.promotion,
    places.promotionConfig,
    places.programs,
    places.memory,
  ]) {
    await machine.files.remove(path);
  }
  // A worker's package on the same machine has files there too.
  for (const path of [places.settings, dirname(places.memory)]) {
    if ((await machine.files.list(path)).length === 0) await machine.files.remove(path);
  }
  await machine.services.reload();
  for (const name of [MASTER_USER, PROMOTION_USER]) await machine.accounts.remove(name);
}
