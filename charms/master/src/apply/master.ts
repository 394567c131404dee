/** Buildbot: its files, its configuration, and its service. */
import { type Runner, statusSet } from '@lpbuildbot/juju';
import { type Accepted, type Credential, printed, type Wanted } from '../inputs/memory.ts';
import type { Inputs } from '../inputs.ts';
import type { Machine } from '../machine/machine.ts';
import { messages } from '../messages.ts';
import { MASTER, places, RECONFIGURE, RECONFIGURE_TIMER } from '../places.ts';
import { mayWait, workersOf } from '../plan/buildbot.ts';
import { mark, masterKeys, unitText, webhookFile } from '../plan/files.ts';
import type { Serve } from '../plan.ts';
import { applyFiles, writeUnit } from './files.ts';
import type { Installed } from './install.ts';
import { runService } from './services.ts';
import type { Tls } from './tls.ts';

/** An upgrade of its database takes its time. */
const START_SECONDS = 300;

export interface MasterOutcome {
  readonly kind: 'serving' | 'failed' | 'not-configured';
  /** What it runs by. */
  readonly accepted: Accepted | undefined;
  readonly workers: readonly { readonly name: string; readonly images: readonly string[] }[];
  readonly complaint: string | undefined;
}

interface World {
  readonly run: Runner;
  readonly machine: Machine;
  readonly inputs: Inputs;
  readonly serve: Serve;
  readonly installed: Installed;
  readonly tls: Tls | undefined;
  readonly credentials: readonly Credential[];
}

export async function applyMaster(world: World): Promise<MasterOutcome> {
  const { machine, inputs, serve, tls, credentials, installed } = world;
  const { site, attempts } = serve;
  const secrets = serve.secrets === 'kept' ? undefined : serve.secrets;
  const workers = workersOf(inputs, credentials, secrets);
  if (site === undefined || tls === undefined || attempts.length === 0) {
    return { kind: 'not-configured', accepted: undefined, workers, complaint: undefined };
  }
  if (secrets !== undefined) {
    await applyFiles(machine, [...masterKeys(secrets, attempts[0]), ...webhookFile(secrets)]);
  }
  const wanted = (accepted: Accepted): Wanted => ({
    python: installed.python,
    directory: places.buildbot,
    pipeline: accepted.compiled,
    site,
    workers,
  });
  const unit = unitText(
    inputs.templates.get(MASTER) ?? '',
    { PYTHON: installed.python, FOREGROUND: installed.programs['python/foreground.py'] },
    inputs.proxy,
  );
  const fingerprint = mark(unit, installed.code, tls.certificate);
  const configured = await configure(world, attempts, wanted, fingerprint);
  if (configured.accepted === undefined) {
    const state = inputs.services.get(MASTER)?.active === 'active' ? 'serving' : 'not-configured';
    return { kind: state, accepted: undefined, workers, complaint: configured.complaint };
  }
  await writeUnit(machine, MASTER, unit);
  const started = await runService(machine, {
    name: MASTER,
    fingerprintFile: places.masterFingerprint,
    fingerprint,
    started: configured.restart === 'needed' ? undefined : inputs.started.master,
    state: inputs.services.get(MASTER),
  });
  if (started === 'started') {
    await statusSet(world.run, { status: 'maintenance', message: messages.starting });
    const serving = await machine.buildbot.untilServing(site.web.port, START_SECONDS);
    if (serving === 'failed') return { kind: 'failed', ...configured, workers };
  }
  return { kind: 'serving', ...configured, workers };
}

interface Configured {
  readonly accepted: Accepted | undefined;
  readonly restart: 'needed' | 'not-needed';
  readonly complaint: string | undefined;
}

/** Offers Buildbot what is new, and what it had when it refuses that: workers that came or went count in any case. */
async function configure(
  { machine, inputs }: World,
  attempts: readonly Accepted[],
  wanted: (accepted: Accepted) => Wanted,
  fingerprint: string,
): Promise<Configured> {
  const [first] = attempts;
  const master = inputs.services.get(MASTER);
  // One that is started anew, or not yet up, need not be told.
  const running =
    master?.active === 'active' && inputs.started.master === fingerprint ? master.pid : undefined;
  if (first !== undefined && running !== undefined && first.key === inputs.accepted?.key) {
    const next = wanted(first);
    const done: Configured = { accepted: first, restart: 'not-needed', complaint: undefined };
    if (inputs.pending === undefined && printed(next) === printed(inputs.wanted)) return done;
    if (mayWait(inputs.event, inputs.pending ?? inputs.wanted, next)) {
      await configureSoon(machine, inputs, next);
      return done;
    }
  }
  await stopWaiting(machine, inputs);
  let complaint: string | undefined;
  for (const accepted of attempts) {
    const configuration = wanted(accepted);
    const outcome = await machine.buildbot.configure({
      ...configuration,
      ...(running === undefined ? {} : { running }),
    });
    if (outcome.kind === 'refused') {
      complaint ??= messages.buildbotRefused(outcome.reason);
      continue;
    }
    await machine.files.write(places.wantedFile, { content: printed(configuration), mode: 0o600 });
    await machine.files.remove(places.pendingFile);
    const restart = outcome.kind === 'applied' ? outcome.restart : 'not-needed';
    return { accepted, restart, complaint };
  }
  return { accepted: undefined, restart: 'not-needed', complaint };
}

async function configureSoon(machine: Machine, inputs: Inputs, next: Wanted): Promise<void> {
  const change = await machine.files.write(places.pendingFile, { content: printed(next), mode: 0o600 });
  const values = {
    NODE: inputs.carried.get('lib/node')?.path ?? '',
    CHARM: inputs.carried.get('lib/charm.mjs')?.path ?? '',
  };
  for (const name of [RECONFIGURE, RECONFIGURE_TIMER]) {
    await writeUnit(machine, name, unitText(inputs.templates.get(name) ?? '', values, inputs.proxy));
  }
  const waits = [RECONFIGURE_TIMER, RECONFIGURE].some((name) => isBusy(inputs, name));
  // Each worker that comes begins the wait anew.
  if (change === 'changed' || !waits) await machine.services.restart(RECONFIGURE_TIMER);
}

function isBusy({ services }: Inputs, name: string): boolean {
  return ['active', 'activating'].includes(services.get(name)?.active ?? 'inactive');
}

/**
 * Two at a time would put each other's files away. What was only waiting when the hook looked may have begun since, so both are stopped
 * when there was anything to wait for.
 */
async function stopWaiting(machine: Machine, inputs: Inputs): Promise<void> {
  const both = [RECONFIGURE_TIMER, RECONFIGURE];
  if (inputs.pending === undefined && !both.some((name) => isBusy(inputs, name))) return;
  const there: string[] = [];
  for (const name of both) {
    if ((await machine.files.read(`${places.units}/${name}`)) !== undefined) there.push(name);
  }
  if (there.length > 0) await machine.services.stop(there);
}
