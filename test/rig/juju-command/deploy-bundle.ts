/**
 * Deploys a bundle, as `juju deploy` does: what is there already is given what the bundle has now (settings, charm, missing units,
 * missing relations), and nothing is taken away from it. What a rig cannot do is refused before anything is done.
 */

import { bundleProblems, type KnownCharm } from '../../../scripts/lib/juju-bundle-problems.ts';
import { type ApplicationSpec, type Bundle, BundleError } from '../../../scripts/lib/juju-bundle-schema.ts';
import { charmAt } from '../core/charm-reader.ts';
import { addUnit, attachResource, config, deploy, integrate, refresh } from '../core/commands.ts';
import { endsToRelate, relationBetween, shown } from '../core/endpoints.ts';
import { type PackedCharm, type Setting, unitsOf } from '../core/world.ts';
import { Failure } from './console.ts';
import type { Ground } from './session.ts';
import { storageSizes } from './storage-sizes.ts';

/** `tell` gets a line for each change, in Juju's words. */
export async function deployBundle(
  ground: Ground,
  bundle: Bundle,
  tell: (line: string) => void,
): Promise<void> {
  const charms = await charmsOf(bundle);
  const problems = [...unsupported(bundle), ...bundleProblems(bundle, known(charms))];
  if (problems.length > 0) throw new BundleError(problems.join('\n'));
  const names = Object.keys(bundle.applications).toSorted();
  for (const name of names) {
    const charm = charms.get(bundle.applications[name]?.charm ?? '');
    if (charm === undefined) throw new Error(`${name} has no charm`);
    apply(ground, name, bundle.applications[name] ?? {}, charm, tell);
  }
  for (const [one = '', other = ''] of bundle.relations) {
    const [own, their] = endsToRelate(ground.world, one, other).map(shown);
    if (relationBetween(ground.world, `${own}`, `${their}`) !== undefined) continue;
    tell(`- add relation ${own} - ${their}`);
    integrate(ground.world, one, other);
  }
  for (const name of names) {
    const wanted = bundle.applications[name]?.num_units ?? 0;
    const missing = wanted - unitsOf(ground.world, name).length;
    for (let count = 0; count < missing; count += 1) {
      const unit = addUnit(ground.world, name, ground.addMachine());
      tell(`- add unit ${unit.name} to new machine ${unit.machine}`);
      ground.placed(unit);
    }
  }
}

async function charmsOf({ applications }: Bundle): Promise<Map<string, PackedCharm>> {
  const charms = new Map<string, PackedCharm>();
  for (const [name, { charm }] of Object.entries(applications)) {
    if (!charm || charms.has(charm)) continue;
    if (!charm.startsWith('/')) {
      throw new Failure(
        `the rig has no Charmhub: the charm of "${name}" has to be the path of a packed one, not "${charm}"`,
      );
    }
    charms.set(charm, await charmAt(charm));
  }
  return charms;
}

function known(charms: ReadonlyMap<string, PackedCharm>): Map<string, KnownCharm> {
  return new Map(
    [...charms].map(([path, { charmcraft, storage, resources }]) => [
      path,
      {
        options: Object.fromEntries(
          Object.entries(charmcraft.options).map(([name, { type }]) => [name, type]),
        ),
        endpoints: [...charmcraft.endpoints.keys()],
        storage: Object.keys(storage),
        resources: Object.keys(resources),
      },
    ]),
  );
}

function unsupported({ applications, machines, saas }: Bundle): string[] {
  const fields = ['to', 'bindings', 'devices', 'offers', 'exposed-endpoints', 'trust', 'plan'] as const;
  return [
    ...(Object.keys(machines).length + Object.keys(saas).length > 0
      ? ['the rig cannot follow machines and saas of a bundle']
      : []),
    ...Object.entries(applications).flatMap(([name, application]) =>
      fields
        .filter((field) => application[field])
        .map((field) => `the rig cannot follow "${field}" of application "${name}"`),
    ),
  ];
}

/** The application alone: its units come when the relations are there, so that their first hooks know of them. */
function apply(
  ground: Ground,
  name: string,
  application: ApplicationSpec,
  charm: PackedCharm,
  tell: (line: string) => void,
): void {
  const { world } = ground;
  const given = settingsOf(application);
  const resources = filesOf(name, application);
  tell(`- upload charm ${charm.path} for base debian@12/stable`);
  if (!world.applications.has(name)) {
    tell(`- deploy application ${name} on debian@12/stable`);
    const storage = storageSizes(Object.fromEntries(textsOf(application.storage)));
    deploy(world, charm, name, { config: given, resources, storage }, ground.now());
  } else {
    tell(`- upgrade ${name} from local charm ${charm.charmcraft.name} using ${charm.path}`);
    for (const [resource, file] of Object.entries(resources)) attachResource(world, name, resource, file);
    refresh(world, name, charm);
    if (Object.keys(given).length > 0) {
      tell(`- set application options for ${name}`);
      config(world, name, given, ground.now());
    }
  }
  const found = world.applications.get(name);
  if (application.expose && found !== undefined && !found.exposed) {
    tell(`- expose all endpoints of ${name} and allow access from CIDRs 0.0.0.0/0 and ::/0`);
    found.exposed = true;
  }
}

function textsOf(map: ApplicationSpec['storage']): [string, string][] {
  return Object.entries(map ?? {}).map(([key, value]) => [key, value ?? '']);
}

function settingsOf({ options }: ApplicationSpec): Record<string, Setting> {
  return Object.fromEntries(
    Object.entries(options ?? {}).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[key, value]]
        : [],
    ),
  );
}

function filesOf(name: string, { resources }: ApplicationSpec): Record<string, string> {
  return Object.fromEntries(
    Object.entries(resources ?? {}).map(([resource, value]) => {
      if (typeof value === 'string') return [resource, value];
      throw new Failure(`the rig has no Charmhub: resource "${resource}" of "${name}" has to be a file`);
    }),
  );
}
