/**
 * The address of a container, given to it from outside before its first process starts. Waiting for a system to boot and
 * to ask a DHCP server would cost more than all the rest, and a command that does not wait would fail at random.
 */
import type { Network } from '../lxd/index.ts';

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

/** The addresses that instances of these names have: those that `nameWithAddress` gave them. */
export function addressesIn(names: readonly string[]): string[] {
  return names
    .map((name) => /^lpbuildbot-run-((?:[0-9]+-){4})/.exec(name)?.[1] ?? '')
    .map((text) => text.slice(0, -1).replaceAll('-', '.'))
    .filter((text) => numberOf(text) !== undefined);
}

/** The name of a container with that address, which a look at the names alone then tells. */
export const nameWithAddress = (address: string, unique: string): string =>
  `lpbuildbot-run-${address.replaceAll('.', '-')}-${unique}`;

function numberOf(address: string): number | undefined {
  const parts = address.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256);
  return valid ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

const textOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
