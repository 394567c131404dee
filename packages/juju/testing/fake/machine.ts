/** The machine and the model: network-get, unit-get, storage-*, resource-get, credential-get, goal-state, juju-reboot. */
import { atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted, sorted } from './format.ts';
import { type Hook, relationOf } from './hook.ts';
import type { FakeTools } from './tool.ts';

/** When everything has happened, as goal-state prints it. */
const since = '2026-01-01 00:00:00Z';

const networkFlags = [
  '--bind-address',
  '--egress-subnets',
  '--ingress-address',
  '--primary-address',
] as const;

export const machineTools: FakeTools = {
  'network-get': {
    flags: {
      ...formatFlags,
      '-r': 'value',
      '--relation': 'value',
      ...Object.fromEntries(networkFlags.map((flag) => [flag, 'switch'] as const)),
    },
    run: (hook, args) => {
      const [binding] = args.rest;
      if (args.flags.has('-r') || args.flags.has('--relation')) relationOf(hook, args.flags);
      if (binding === undefined) misuse('no arguments specified');
      if (binding === '') misuse('no binding name specified');
      atMost(args.rest, 1);
      const { charm, base } = hook;
      if (![...charm.endpoints.keys(), ...charm.extraBindings, 'juju-info'].includes(binding)) {
        refuse(`no network config found for binding ${quoted(binding)}`);
      }
      const { address, subnet, egress } = base.network;
      const values = {
        'bind-address': address,
        'egress-subnets': [egress],
        'ingress-address': address,
        'primary-address': address,
      };
      const wanted = Object.entries(values).filter(([name]) => isOn(args, `--${name}`));
      const [only] = wanted;
      if (only !== undefined)
        return formatted(args, wanted.length === 1 ? only[1] : Object.fromEntries(wanted));
      // YAML repeats some of it under the names of Juju 2.
      const old = <T extends object>(names: T): Partial<T> =>
        args.flags.get('--format') === 'json' ? {} : names;
      const mac = '00:00:5e:00:53:01';
      return formatted(args, {
        'bind-addresses': [
          {
            'mac-address': mac,
            'interface-name': 'eth0',
            addresses: [{ hostname: address, value: address, cidr: subnet, ...old({ address }) }],
            ...old({ macaddress: mac, interfacename: 'eth0' }),
          },
        ],
        'egress-subnets': [egress],
        'ingress-addresses': [address],
      });
    },
  },
  'unit-get': {
    flags: formatFlags,
    run: ({ base }, args) => {
      const [setting] = args.rest;
      if (setting === undefined) misuse('no setting specified');
      if (setting !== 'private-address' && setting !== 'public-address') {
        misuse(`unknown setting ${quoted(setting)}`);
      }
      atMost(args.rest, 1);
      return formatted(args, base.network.address);
    },
  },
  'storage-list': {
    flags: formatFlags,
    run: ({ base }, args) => {
      atMost(args.rest, 1);
      const [name] = args.rest;
      const ids = base.storage
        .map(({ id }) => id)
        .filter((id) => name === undefined || id.startsWith(`${name}/`));
      return formatted(args, ids);
    },
  },
  'storage-get': {
    flags: { ...formatFlags, '-s': 'value' },
    run: ({ base, charm, event }, args) => {
      const given = args.flags.get('-s');
      const id =
        given ?? (event.kind === 'storage' ? event.storage : misuse('no storage instance specified'));
      const wrong = (reason: string): never => misuse(`invalid value ${quoted(id)} for option -s: ${reason}`);
      if (!/^[a-z][a-z0-9-]*\/\d+$/.test(id)) wrong(`invalid storage ID ${quoted(id)}`);
      const found = base.storage.find((storage) => storage.id === id);
      if (found === undefined) return wrong(`storage instance ${quoted(id)} not found`);
      const [key] = args.rest;
      atMost(args.rest, 1);
      const kind = charm.storage[id.slice(0, id.lastIndexOf('/'))]?.type ?? 'filesystem';
      if (key === undefined) return formatted(args, { kind, location: found.location });
      if (key === 'kind') return formatted(args, kind);
      return key === 'location'
        ? formatted(args, found.location)
        : refuse(`invalid storage attribute ${quoted(key)}`);
    },
  },
  'storage-add': {
    flags: {},
    run: (hook, { rest }) => {
      if (rest.length === 0) misuse('storage add requires a storage directive');
      for (const [name, count] of rest.map(storageDirective)) {
        hook.later.storage.set(name, (hook.later.storage.get(name) ?? 0) + count);
      }
      return '';
    },
  },
  'resource-get': {
    flags: {},
    run: ({ base, charm }, { rest }) => {
      const [name] = rest;
      if (name === undefined) misuse('missing required resource name');
      atMost(rest, 1);
      const path = base.resources[name];
      if (path !== undefined) return path;
      const why = charm.resources.includes(name)
        ? `resource ${quoted(name)} not found`
        : `getting UUID of resource ${name} for application ${base.model.uuid}: resource not found`;
      const unit = `unit-${base.unit.replace('/', '-')}`;
      const url = `https://192.0.2.1:17070/model/${base.model.uuid}/units/${unit}/resources/${name}`;
      return refuse(`could not download resource: HTTP request failed: Get ${url}: ${why}`);
    },
  },
  'credential-get': {
    flags: formatFlags,
    run: ({ base }, args) => {
      atMost(args.rest, 0);
      return formatted(args, base.cloud ?? refuse('cannot access cloud credentials: permission denied'));
    },
  },
  'goal-state': {
    flags: formatFlags,
    run: (hook, args) => {
      atMost(args.rest, 0);
      return formatted(args, goalsOf(hook), 'smart');
    },
  },
  'juju-reboot': {
    flags: { '--now': 'switch' },
    run: (hook, args) => {
      atMost(args.rest, 0);
      if (isOn(args, '--now')) hook.surroundings.kill();
      else hook.later.reboot = 'after-hook';
      return '';
    },
  },
};

function storageDirective(text: string): [string, number] {
  const [name = '', value = '1'] = text.split('=', 2);
  if (!/^-?\d+$/.test(value)) misuse(`only count can be specified for ${quoted(name)}`);
  if (Number(value) < 1) {
    misuse(
      `cannot parse directive for storage ${quoted(name)}: parsing storage count: count must be greater than zero, got ${quoted(value)}`,
    );
  }
  return [name, Number(value)];
}

/** Peer relations are not listed; their units are the application's own. */
function goalsOf({ base, charm, now }: Hook): unknown {
  const units = { ...base.otherUnits, [base.unit]: now.status.status };
  const relations = Map.groupBy(
    base.relations.filter(({ endpoint }) => charm.endpoints.get(endpoint) !== 'peer'),
    ({ endpoint }) => endpoint,
  );
  const goals = (statuses: readonly (readonly [string, string])[]) =>
    sorted(Object.fromEntries(statuses.map(([name, status]) => [name, { status, since }])));
  return {
    units: goals(Object.entries(units)),
    relations: sorted(
      Object.fromEntries(
        [...relations].map(([endpoint, members]) => [
          endpoint,
          goals(
            members.flatMap(({ remoteApplication, remoteUnits }) => [
              [remoteApplication, 'joined'] as const,
              ...Object.keys(remoteUnits).map((unit) => [unit, 'active'] as const),
            ]),
          ),
        ]),
      ),
    ),
  };
}
