/** `juju deploy` of a charm. */
import { existsSync } from 'node:fs';
import { charmAt } from '../core/charm-reader.ts';
import { deploy as deployCharm } from '../core/commands.ts';
import { placeUnits } from './application-commands.ts';
import { settings } from './config-command.ts';
import { type Caller, Failure, pathOf } from './console.ts';
import type { CommandLine } from './flags.ts';
import { type Command, inform, noMore, pair, pairs, type Session } from './session.ts';

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
    base: { not: 'value' },
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
    await deployOne(session, line, caller, { path: localPath(what, caller), name });
  },
};

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

/** `disk=rootfs,512M`: the rig has one pool, and one of each. */
function storageSizes(directives: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(directives).flatMap(([name, directive]) => {
      const parts = directive.split(',');
      const size = parts.find((part) => /^\d+[MGTP](?:i?B)?$/.test(part));
      if (parts.some((part) => /^\d+$/.test(part) && part !== '1')) {
        throw new Failure(`the rig has one storage of each name: ${name}=${directive}`);
      }
      return size === undefined ? [] : [[name, size.replace(/i?B$/, '')]];
    }),
  );
}
