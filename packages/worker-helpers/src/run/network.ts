/**
 * The address of a container, given to it from outside before its first process starts. Waiting for a system to boot and
 * to ask a DHCP server would cost more than all the rest, and a command that does not wait would fail at random.
 */
import type { Instance, Network } from '../lxd/index.ts';

export interface Nic {
  readonly device: string;
  /** The managed network that it is on. */
  readonly network: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What a container gets that is alone on a bridge of LXD. */
export interface Subnet {
  /** The address of the bridge, which is gateway and name server. */
  readonly gateway: string;
  readonly prefix: number;
}

type Devices = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function nicNames(devices: Devices): string[] {
  return Object.entries(devices)
    .filter(([, { type }]) => type === 'nic')
    .map(([name]) => name);
}

/** The only network device of a container that is on a managed network; undefined when there are others. */
export function onlyNic(devices: Devices): Nic | undefined {
  const [device, ...others] = nicNames(devices);
  const settings = device === undefined ? undefined : devices[device];
  const network = settings?.network;
  if (device === undefined || settings === undefined || network === undefined || others.length > 0)
    return undefined;
  return { device, network, settings };
}

/** The subnet whose addresses can be given out: that of a bridge on which LXD itself serves DHCP and names. */
export function subnetOf(network: Network | undefined): Subnet | undefined {
  const config = network?.config ?? {};
  const [gateway = '', prefix = ''] = (config['ipv4.address'] ?? '').split('/');
  const served = config['ipv4.dhcp'] !== 'false' && config['dns.mode'] !== 'none';
  if (network?.managed !== true || network.type !== 'bridge' || !served || numberOf(gateway) === undefined)
    return undefined;
  const bits = Number(prefix);
  return Number.isInteger(bits) && bits >= 8 && bits <= 29 ? { gateway, prefix: bits } : undefined;
}

/** Any address of the subnet that is not taken; undefined when none is left. `random` gives a number below its argument. */
export function freeAddress(
  { gateway, prefix }: Subnet,
  taken: readonly string[],
  random: (below: number) => number = (below) => Math.floor(Math.random() * below),
): string | undefined {
  const size = 2 ** (32 - prefix);
  const first = Math.floor((numberOf(gateway) ?? 0) / size) * size;
  const used = new Set([gateway, ...taken].map(numberOf));
  // The first is the network's own, the last its broadcast address.
  const count = size - 2;
  const start = random(count);
  for (let step = 0; step < count; step += 1) {
    const candidate = first + 1 + ((start + step) % count);
    if (!used.has(candidate)) return textOf(candidate);
  }
  return undefined;
}

/** A hardware address that follows from the address, so that no neighbour remembers another one from the container before. */
export function hardwareAddress(address: string): string {
  const parts = address
    .split('.')
    .slice(1)
    .map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['00', '16', '3e', ...parts].join(':');
}

/** The addresses that LXD keeps for these instances, running or not. */
export const keptAddresses = (instances: readonly Pick<Instance, 'expanded_devices'>[]): string[] =>
  instances
    .flatMap(({ expanded_devices }) => Object.values(expanded_devices))
    .flatMap(({ 'ipv4.address': address }) => (address === undefined ? [] : [address]));

/** The address that LXD keeps for the instance on that device; undefined when it is none of the subnet (any more). */
export function keptAddress(
  { devices }: Pick<Instance, 'devices'>,
  { device }: Nic,
  { gateway, prefix }: Subnet,
): string | undefined {
  const address = devices[device]?.['ipv4.address'];
  const number = numberOf(address ?? '');
  const own = numberOf(gateway);
  if (number === undefined || own === undefined || number === own) return undefined;
  const size = 2 ** (32 - prefix);
  return Math.floor(number / size) === Math.floor(own / size) ? address : undefined;
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256);
  return valid ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

const textOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
