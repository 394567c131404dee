/** The actions: what an operator asks for by hand. Those that change what is wished end with a whole look, as every hook does. */
import type { Action, ActionOutcome, Juju } from '@lpbuildbot/juju';
import * as z from 'zod';
import { makeImages, take, upgrade } from './apply.ts';
import { look } from './facts.ts';
import { type Inputs, observe, readWishes, type Wishes } from './inputs.ts';
import type { Machine } from './machine.ts';
import { note } from './memory.ts';
import { actions as sentences } from './messages.ts';
import { pendingUpgrade } from './plan.ts';

type Reconcile = (juju: Juju, wishes: Wishes) => Promise<Inputs>;

export function actionsOf(machine: Machine, reconcile: Reconcile): Readonly<Record<string, Action>> {
  return {
    'create-image': async (juju, parameters) => await createImage(machine, juju, parameters, reconcile),
    'list-images': async () =>
      await command(machine, ['lpbuildbot-list-images', '--json'], ({ stdout }) => ({
        images: stdout.trim(),
      })),
    'prune-images': async (_, parameters) =>
      await command(machine, ['lpbuildbot-prune-images', ...dryRun(parameters)]),
    'clean-containers': async (_, parameters) =>
      await command(machine, ['lpbuildbot-clean-containers', ...dryRun(parameters)]),
    'upgrade-helpers': async (juju) => await upgradeHelpers(machine, juju, reconcile),
    drain: async (juju) => await setDrained(machine, juju, reconcile, true),
    undrain: async (juju) => await setDrained(machine, juju, reconcile, false),
    doctor: async () => await doctor(machine),
  };
}

type Ran = Awaited<ReturnType<Machine['run']>>;

/** One of the helpers' commands, with all that it says as the result. */
async function command(
  machine: Machine,
  argv: readonly [string, ...string[]],
  results: (ran: Ran) => Record<string, string> = (ran) => ({ output: said(ran) }),
): Promise<ActionOutcome> {
  const ran = await machine.run(argv);
  if (ran.code === 127) return { kind: 'failed', message: sentences.notInstalled };
  if (ran.code !== 0) return { kind: 'failed', message: sentences.failed(argv[0], said(ran)) };
  return { kind: 'done', results: results(ran) };
}

function said({ stdout, stderr }: Ran): string {
  return [stdout.trim(), stderr.trim()].filter((text) => text !== '').join('\n');
}

function dryRun(parameters: unknown): string[] {
  const { 'dry-run': isDry } = z.object({ 'dry-run': z.boolean().default(false) }).parse(parameters);
  return isDry ? ['--dry-run'] : [];
}

const createSchema = z.object({ name: z.string().optional(), force: z.boolean().default(false) });

async function createImage(
  machine: Machine,
  juju: Juju,
  parameters: unknown,
  reconcile: Reconcile,
): Promise<ActionOutcome> {
  const { name, force } = createSchema.parse(parameters);
  const { helpers, imagesRun, imagesResult, memory } = await look(machine);
  if (helpers === undefined) return { kind: 'failed', message: sentences.notInstalled };
  const recipes = memory.recipes ?? { names: [], digest: '' };
  if (name !== undefined && !recipes.names.includes(name)) {
    return { kind: 'failed', message: sentences.noSuchImage(name, recipes.names) };
  }
  if (recipes.names.length === 0) return { kind: 'failed', message: sentences.noRecipes };
  if (imagesRun !== 'none') return { kind: 'failed', message: sentences.alreadyMaking(imagesRun) };
  const names = name === undefined ? recipes.names : [name];
  // One image alone does not settle what the others still need.
  const digest = name === undefined ? recipes.digest : (imagesResult?.digest ?? '');
  const started = await makeImages({ names, digest, force }, { machine, unit: juju.context.unit });
  if (started !== 'done') return { kind: 'failed', message: started.sentence };
  await reconcile(juju, await readWishes(juju.run, juju.context, machine));
  return { kind: 'done', results: { creating: names.join(', ') } };
}

async function upgradeHelpers(machine: Machine, juju: Juju, reconcile: Reconcile): Promise<ActionOutcome> {
  const wishes = await readWishes(juju.run, juju.context, machine);
  const { deb, settings, facts } = await observe(wishes, machine);
  if (facts.helpers === undefined) return { kind: 'failed', message: sentences.notInstalled };
  if (deb !== undefined) return { kind: 'failed', message: sentences.fromResource };
  if (settings.kind !== 'good' || settings.settings.source.kind === 'none') {
    return { kind: 'failed', message: sentences.noSource };
  }
  const hands = {
    machine,
    unit: juju.context.unit,
    charmDirectory: juju.context.charmDirectory,
    architecture: facts.architecture,
    tell: async () => undefined,
  };
  const looked = await take({ kind: 'look-for-upgrade' }, hands);
  if (looked !== 'done') return { kind: 'failed', message: looked.sentence };
  const from = facts.helpers;
  if (pendingUpgrade(await look(machine)) !== undefined) {
    const upgraded = await upgrade(machine);
    if (upgraded !== 'done') return { kind: 'failed', message: upgraded.sentence };
  }
  const { facts: after } = await reconcile(juju, wishes);
  return { kind: 'done', results: { from, to: after.helpers ?? '' } };
}

async function setDrained(
  machine: Machine,
  juju: Juju,
  reconcile: Reconcile,
  drained: boolean,
): Promise<ActionOutcome> {
  await note(machine, { drained });
  const { facts } = await reconcile(juju, await readWishes(juju.run, juju.context, machine));
  const builds = facts.lxd.kind === 'there' ? facts.lxd.builds : 0;
  return { kind: 'done', results: drained ? { 'running-builds': builds } : {} };
}

async function doctor(machine: Machine): Promise<ActionOutcome> {
  const ran = await machine.run(['lpbuildbot-doctor']);
  if (ran.code === 127) return { kind: 'failed', message: sentences.notInstalled };
  const results = { output: said(ran) };
  return ran.code === 0
    ? { kind: 'done', results }
    : { kind: 'failed', message: sentences.unhealthy, results };
}
