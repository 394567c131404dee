/** `juju deploy` of a charm or of a bundle. */
import { existsSync, statSync } from 'node:fs';
import { readBundle } from '../../../scripts/lib/juju-bundle.ts';
import { baseProblems, constraintProblems } from '../../../scripts/lib/juju-bundle-problems.ts';
import { BundleError } from '../../../scripts/lib/juju-bundle-schema.ts';
import { charmAt } from '../core/charm-reader.ts';
import { deploy as deployCharm } from '../core/commands.ts';
import { placeUnits } from './application-commands.ts';
import { settings } from './config-command.ts';
import { type Caller, Failure, pathOf } from './console.ts';
import { deployBundle } from './deploy-bundle.ts';
import type { CommandLine } from './flags.ts';
import { type Command, inform, noMore, pair, pairs, type Session } from './session.ts';
import { storageSizes } from './storage-sizes.ts';

export const deploy: Command = {
  about: 'the model',
  options: {
    'num-units': 'value',
    n: { same: 'num-units' },
    to: 'value',
    config: 'values',
    resource: 'values',
    storage: 'values',
    constraints: 'values',
    overlay: 'values',
    trust: { not: 'switch' },
    channel: { not: 'value' },
    base: 'value',
    revision: { not: 'value' },
    'dry-run': { not: 'switch' },
    force: { not: 'switch' },
    device: { not: 'values' },
    bind: { not: 'value' },
    'attach-storage': { not: 'value' },
    'map-machines': { not: 'value' },
  },
  async run(session, line, caller) {
    const [what, name, ...more] = line.words;
    if (what === undefined) throw new Failure('no charm or bundle specified', 2);
    noMore(more);
    const path = localPath(what, caller);
    if (isBundle(path)) await deployAll(session, line, caller, { path, name });
    else await deployOne(session, line, caller, { path, name });
  },
};

function isBundle(path: string): boolean {
  return /\.ya?ml$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const ofCharms = ['num-units', 'to', 'config', 'resource', 'storage', 'constraints', 'base'];

async function deployAll(
  session: Session,
  line: CommandLine,
  caller: Caller,
  what: { readonly path: string; readonly name: string | undefined },
): Promise<void> {
  const given = ofCharms.filter((option) => line.has(option)).map((option) => `--${option}`);
  if (given.length > 0) {
    throw new Failure(`options provided but not supported when deploying a bundle: ${given.join(', ')}`);
  }
  if (what.name !== undefined) throw new Failure('application name cannot be given for a bundle', 2);
  try {
    const overlays = line.all('overlay').map((path) => pathOf(caller, path));
    const bundle = readBundle(what.path, overlays);
    caller.out('Executing changes:\n');
    await deployBundle(session.ground, bundle, (change) => caller.out(`${change}\n`));
  } catch (error) {
    if (error instanceof BundleError) throw new Failure(`cannot deploy bundle: ${error.message}`);
    throw error;
  }
  inform(line, caller, 'Deploy of bundle completed.');
}

/** What is local begins with `.` or `/`, as the client wants it. */
function localPath(what: string, caller: Caller): string {
  const path = pathOf(caller, what);
  if (/^(?:\.{0,2}\/|~)/.test(what)) return path;
  if (existsSync(path)) {
    throw new Failure(
      `The charm or bundle "${what}" is ambiguous.\nTo deploy a local charm or bundle, run \`juju deploy ./${what}\`.\nTo deploy a charm or bundle from CharmHub, run \`juju deploy ch:${what}\`.`,
    );
  }
  throw new Failure(`the rig has no Charmhub: "${what}" has to be the path of a packed charm or a bundle`);
}

async function deployOne(
  session: Session,
  line: CommandLine,
  caller: Caller,
  what: { readonly path: string; readonly name: string | undefined },
): Promise<void> {
  const { ground } = session;
  const { world } = ground;
  if (line.has('overlay'))
    throw new Failure('options provided but not supported when deploying a charm: --overlay');
  const count = Number(line.text('num-units') ?? '1');
  if (!Number.isInteger(count) || count < 0) throw new Failure('--num-units must be a positive integer', 2);
  checkMachine(line);
  const charm = await charmAt(what.path);
  const own = charm.charmcraft.name;
  const name = what.name ?? own;
  const resources = line.all('resource').map(pair);
  for (const [resource] of resources) {
    if (charm.resources[resource] === undefined) throw new Failure(`unrecognized resource "${resource}"`);
  }
  const options = {
    config: await settings(pairs(line.all('config')), caller),
    resources: Object.fromEntries(resources.map(([key, file]) => [key, pathOf(caller, file)])),
    storage: storageSizes(pairs(line.all('storage'))),
  };
  inform(line, caller, `Located local charm "${own}", revision 0`);
  deployCharm(world, charm, name, options, ground.now());
  inform(line, caller, `Deploying "${name}" from local charm "${own}", revision 0 on debian@12/stable`);
  placeUnits(session, name, count, line.text('to'));
}

/** What chooses a machine is checked, and no more: a rig has one kind of them. */
function checkMachine(line: CommandLine): void {
  const base = line.text('base');
  const problems = [
    ...line.all('constraints').flatMap((text) => constraintProblems(text, 'the command')),
    ...baseProblems(base, `invalid base "${base}"`),
  ];
  if (problems.length > 0) throw new Failure(problems.join('\n'));
}
