/** A build's own container and the one that it is copied from, as LXD is told to make them. Pure. */
import {
  type Instance,
  instanceKeys,
  type Mapping,
  type NewInstance,
  newInstanceName,
  newSpareName,
  preparedName,
} from '../lxd/index.ts';
import type { Bind } from './binds.ts';
import { hardwareAddress, type Nic, nicNames } from './network.ts';
import { HOSTNAME, START_HOOK } from './prepare-script.ts';

/** Who the user of a prepared container is. */
export interface Login {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

const loginKey = 'user.lpbuildbot.login';
const rightsKey = 'user.lpbuildbot.rights';

/** What the script that prepares a container has found out, as the container keeps it; undefined when it printed something else. */
export function foundConfig(printed: string): Record<string, string> | undefined {
  const [login = '', rights = '', ...rest] = printed.trimEnd().split('\n');
  const whole =
    parseLogin(login) !== undefined && (rights === 'root' || rights === 'user') && rest.length === 0;
  return whole ? { [loginKey]: login, [rightsKey]: rights } : undefined;
}

/** Whether a build may have been root in a copy of it. */
export const mayBecomeRoot = (prepared: Instance): boolean => prepared.config[rightsKey] !== 'user';

/** The user in a line of `login:home:shell`. */
export function parseLogin(text: string | undefined): Login | undefined {
  const [name, home, shell, ...rest] = (text ?? '').trim().split(':');
  const whole = name && home && shell && rest.length === 0;
  return whole ? { name, home, shell } : undefined;
}

export const loginOf = (prepared: Instance): Login | undefined => parseLogin(prepared.config[loginKey]);

/** What neither a profile nor an image may settle otherwise. */
const safety = {
  // A container's root must never be this machine's, whatever the default profile says.
  'security.privileged': 'false',
  'security.devlxd': 'false',
  'boot.autostart': 'false',
};

/** The container that is started once, so that its files get their owners, and then only copied. */
export function newPrepared(
  fingerprint: string,
  mapping: Mapping | undefined,
  owner: string,
  environment: Readonly<Record<string, string>>,
): NewInstance {
  return {
    name: preparedName(fingerprint, mapping),
    config: {
      ...safety,
      [instanceKeys.kind]: 'prepared',
      [instanceKeys.owner]: owner,
      [instanceKeys.image]: fingerprint,
      // Settled here: to change it later would mean that every file's owner is changed once more.
      ...(mapping?.way === 'raw.idmap' ? { 'raw.idmap': idmap(mapping.ids) } : {}),
      ...Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [`environment.${name}`, value]),
      ),
    },
    source: { type: 'image', fingerprint },
  };
}

const idmap = ({ uid, gid }: Mapping['ids']): string => `uid ${uid} ${uid}\ngid ${gid} ${gid}`;

/** What a container gets for a network. */
export type ContainerNetwork =
  | { readonly kind: 'none' }
  /** Whatever the profile and the image make of it. */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'given';
      readonly nic: Nic;
      readonly address: string;
      readonly prefix: number;
      readonly gateway: string;
    };

export interface Wish {
  readonly owner: string;
  readonly binds: readonly Pick<Bind, 'path' | 'access'>[];
  readonly way: Mapping['way'];
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  readonly network: ContainerNetwork;
}

type Devices = Record<string, Record<string, string>>;

/** A copy that is made before anybody wants it, with its address. It counts as prepared until then. */
export function newSpare(prepared: Instance, owner: string, network: ContainerNetwork): NewInstance {
  return {
    name: newSpareName(prepared.name),
    ephemeral: true,
    ...(prepared.profiles === null ? {} : { profiles: prepared.profiles }),
    config: {
      ...safety,
      [instanceKeys.kind]: 'prepared',
      [instanceKeys.owner]: owner,
      // Only once it is whole.
      [instanceKeys.ready]: 'false',
    },
    devices: nicDevices(prepared, network),
    source: { type: 'copy', source: prepared.name, instance_only: true },
  };
}

/** A fresh copy of the prepared container, which LXD deletes as soon as it stops. */
export function newContainer(prepared: Instance, wish: Wish): NewInstance {
  const { network } = wish;
  const raw = [
    ...(prepared.expanded_config['raw.lxc'] === undefined ? [] : [prepared.expanded_config['raw.lxc']]),
    `lxc.uts.name=${HOSTNAME}`,
    // The loopback is up from the start with an interface that LXC itself sets up; else the hook sees to it.
    ...(network.kind === 'given'
      ? [
          `lxc.net.0.ipv4.address=${network.address}/${network.prefix}`,
          `lxc.net.0.ipv4.gateway=${network.gateway}`,
        ]
      : [`lxc.hook.start=${START_HOOK}`]),
  ];
  return {
    name: newInstanceName('run'),
    ephemeral: true,
    ...(prepared.profiles === null ? {} : { profiles: prepared.profiles }),
    config: {
      ...safety,
      [instanceKeys.kind]: 'run',
      [instanceKeys.owner]: wish.owner,
      'raw.lxc': raw.join('\n'),
      ...(wish.cpus === undefined ? {} : { 'limits.cpu': String(wish.cpus) }),
      ...(wish.memory === undefined ? {} : { 'limits.memory': wish.memory }),
    },
    devices: { ...bindDevices(wish), ...nicDevices(prepared, network) },
    source: { type: 'copy', source: prepared.name, instance_only: true },
  };
}

/** LXD mounts them in the order of their paths, so that one inside of another lies over it. */
function bindDevices({ binds, way }: Wish): Devices {
  return Object.fromEntries(
    binds.map(({ path, access }, index) => [
      `lpbuildbot-bind-${index}`,
      {
        type: 'disk',
        source: path,
        path,
        ...(access === 'read-only' && { readonly: 'true' }),
        ...(way === 'shift' && { shift: 'true' }),
      },
    ]),
  );
}

function nicDevices(prepared: Instance, network: ContainerNetwork): Devices {
  if (network.kind === 'own') return {};
  if (network.kind === 'none') {
    return Object.fromEntries(nicNames(prepared.expanded_devices).map((name) => [name, { type: 'none' }]));
  }
  const { nic, address } = network;
  // LXD keeps that address for it, so that DHCP gives it to nobody else.
  const settings = { ...nic.settings, 'ipv4.address': address, hwaddr: hardwareAddress(address) };
  return { [nic.device]: settings };
}
