/**
 * What Juju says against a bundle before it deploys it (bundledata.go, verifyBundle), of the kinds of bundles that this project has; with
 * the charms at hand, also what only a controller would find out: options, endpoints and storage that a charm does not have.
 */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ApplicationSpec, Bundle } from './juju-bundle-schema.ts';
import { isOfType } from './pack-charm-yaml.ts';

/** What has to be known of a charm; by the path or name that the bundle has for it. */
export interface KnownCharm {
  /** Their types, as in charmcraft.yaml. */
  readonly options: Readonly<Record<string, string>>;
  readonly endpoints: readonly string[];
  readonly storage: readonly string[];
  readonly resources: readonly string[];
}

const constraints = [
  ...[
    'allocate-public-ip',
    'arch',
    'container',
    'cores',
    'cpu-power',
    'image-id',
    'instance-role',
    'instance-type',
  ],
  ...['mem', 'root-disk', 'root-disk-source', 'spaces', 'tags', 'virt-type', 'zones'],
];

/** All of them at once, in the order of the bundle. */
export function bundleProblems(
  bundle: Bundle,
  charms: ReadonlyMap<string, KnownCharm> = new Map(),
): string[] {
  const names = Object.keys(bundle.applications);
  return [
    ...(names.length === 0 ? ['at least one application must be specified'] : []),
    ...Object.entries(bundle.applications).flatMap(([name, application]) => [
      ...applicationProblems(name, application),
      ...placementProblems(bundle, name, application),
      ...charmProblems(name, application, charms.get(application.charm ?? '')),
    ]),
    ...baseProblems(bundle.defaultBase, `bundle declares an invalid base "${bundle.defaultBase}"`),
    ...relationProblems(bundle, charms),
    ...machineProblems(bundle),
  ];
}

function applicationProblems(name: string, application: ApplicationSpec): string[] {
  const { charm, channel, revision, base, num_units: units } = application;
  const local = charm?.startsWith('.') || isAbsolute(charm ?? '');
  return [
    ...(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/.test(name)
      ? []
      : [`invalid application name "${name}"`]),
    ...(charm ? [] : ['empty charm path']),
    ...(local && charm && !existsSync(charm)
      ? [`charm path in application "${name}" does not exist: ${charm}`]
      : []),
    ...(!local && revision != null && !channel
      ? [`application "${name}" with a revision requires a channel for future upgrades, please use channel`]
      : []),
    ...baseProblems(base, `application "${name}" declares an invalid base "${base}"`),
    ...constraintProblems(application.constraints, `application "${name}"`),
    ...Object.entries(application.storage ?? {}).flatMap(([storage, directive]) =>
      isStorageDirective(directive ?? '')
        ? []
        : [`invalid storage "${storage}" in application "${name}": ${directive}`],
    ),
    ...((units ?? 0) < 0 ? [`negative number of units specified on application "${name}"`] : []),
  ];
}

/** A base is `ubuntu@24.04`, and may have a risk behind it. */
export function baseProblems(base: string | null | undefined, sentence: string): string[] {
  return !base || /^[a-z]+@[0-9a-z.]+(\/[a-z]+)?$/.test(base) ? [] : [sentence];
}

/** `cores=4 mem=8G`: words of a key that Juju knows and a value of its kind. */
export function constraintProblems(text: string | null | undefined, where: string): string[] {
  return (text ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((constraint) => {
      const [key = '', value] = constraint.split('=');
      const fine = constraints.includes(key) && value !== undefined && isValue(key, value);
      return fine ? [] : [`invalid constraints "${text}" in ${where}: ${constraint}`];
    });
}

function isValue(key: string, value: string): boolean {
  if (key === 'cores' || key === 'cpu-power') return /^\d+$/.test(value);
  if (key === 'mem' || key === 'root-disk') return /^\d+(\.\d+)?[MGTP]?$/.test(value);
  return value !== '';
}

/** Pool, count and size, in any order, each once: `20G`, `rootfs,512M`, `2,lxd`. */
function isStorageDirective(text: string): boolean {
  const kinds = text.split(',').map((part) => {
    if (/^\d+$/.test(part)) return 'count';
    if (/^\d+(\.\d+)?[MGTP]i?B?$/.test(part)) return 'size';
    return /^[a-zA-Z]+[-?a-zA-Z0-9]*$/.test(part) ? 'pool' : `wrong ${part}`;
  });
  return kinds.every((kind) => !kind.startsWith('wrong')) && new Set(kinds).size === kinds.length;
}

function placementProblems(
  { machines, applications }: Bundle,
  name: string,
  application: ApplicationSpec,
): string[] {
  const to = application.to ?? [];
  return [
    ...(to.length > (application.num_units ?? 0)
      ? [`too many units specified in unit placement for application "${name}"`]
      : []),
    ...to.flatMap((placement) => {
      const [, , target = ''] = /^(?:(lxd):)?(.*)$/.exec(placement) ?? [];
      if (target === 'new' || Object.hasOwn(machines, target)) return [];
      if (/^\d+$/.test(target))
        return [`placement "${placement}" refers to a machine not defined in this bundle`];
      return Object.hasOwn(applications, target.split('/')[0] ?? '')
        ? []
        : [`placement "${placement}" refers to an application not defined in this bundle`];
    }),
  ];
}

function charmProblems(name: string, application: ApplicationSpec, charm: KnownCharm | undefined): string[] {
  if (charm === undefined) return [];
  const unknown = (what: string, given: object | null | undefined, known: readonly string[]): string[] =>
    Object.keys(given ?? {})
      .filter((key) => !known.includes(key))
      .map((key) => `application "${name}": ${what} "${key}" not found in charm "${application.charm}"`);
  return [
    ...Object.entries(application.options ?? {}).flatMap(([option, value]) => {
      const type = charm.options[option];
      if (type === undefined || value === null || isOfType(type, value)) return [];
      return [`application "${name}": option "${option}" expected ${type}, got ${JSON.stringify(value)}`];
    }),
    ...unknown('configuration option', application.options, Object.keys(charm.options)),
    ...unknown('storage', application.storage, charm.storage),
    ...unknown('resource', application.resources, charm.resources),
  ];
}

function relationProblems(bundle: Bundle, charms: ReadonlyMap<string, KnownCharm>): string[] {
  const seen = new Set<string>();
  return bundle.relations.flatMap((relation) => {
    const shown = JSON.stringify(relation);
    if (relation.length !== 2) return [`relation ${shown} has ${relation.length} endpoint(s), not 2`];
    const key = relation.toSorted().join(' ');
    const again = seen.has(key) ? [`relation ${shown} is defined more than once`] : [];
    seen.add(key);
    const names = relation.map((end) => end.split(':')[0]);
    return [
      ...again,
      ...(names[0] === names[1] ? [`relation ${shown} relates an application to itself`] : []),
      ...relation.flatMap((end) => endProblems(bundle, charms, shown, end)),
    ];
  });
}

function endProblems(
  { applications, saas }: Bundle,
  charms: ReadonlyMap<string, KnownCharm>,
  relation: string,
  end: string,
): string[] {
  const [name = '', endpoint] = end.split(':');
  const application = applications[name];
  if (application === undefined) {
    return Object.hasOwn(saas, name)
      ? []
      : [`relation ${relation} refers to application "${name}" not defined in this bundle`];
  }
  const charm = charms.get(application.charm ?? '');
  if (charm === undefined || endpoint === undefined || charm.endpoints.includes(endpoint)) return [];
  return [
    `charm "${application.charm}" used by application "${name}" does not define relation "${endpoint}"`,
  ];
}

function machineProblems({ machines, applications }: Bundle): string[] {
  const used = new Set(
    Object.values(applications).flatMap(({ to }) =>
      (to ?? []).map((placement) => placement.replace(/^lxd:/, '')),
    ),
  );
  return Object.entries(machines).flatMap(([id, machine]) => [
    ...(/^(0|[1-9]\d*)$/.test(id) ? [] : [`invalid machine id "${id}" found in machines`]),
    ...constraintProblems(machine?.constraints, `machine "${id}"`),
    ...(used.has(id) ? [] : [`machine "${id}" is not referred to by a placement directive`]),
  ]);
}
