/**
 * Which IPv4 subnet LXD's bridge gets. LXD tries to find one by itself and cannot everywhere (in some containers it finds
 * none at all), and a bridge on a subnet that the machine already reaches would cut the machine off from it.
 */

/** Kept small and out of the way: the ranges that home routers, clouds and Docker take first come last. */
const candidates: readonly string[] = [
  ...Array.from({ length: 56 }, (_, index) => `10.${200 + index}.83`),
  ...Array.from({ length: 15 }, (_, index) => `172.${31 - index}.83`),
  ...Array.from({ length: 100 }, (_, index) => `192.168.${240 - index}`),
];

/** The address of a bridge with its prefix length (`10.200.83.1/24`) that overlaps none of the taken subnets (`a.b.c.d/n`); undefined when none is left. */
export function chooseBridgeAddress(taken: readonly string[]): string | undefined {
  const ranges = taken.map(rangeOf).filter((range) => range !== undefined);
  const overlaps = (subnet: string): boolean => {
    const own = rangeOf(subnet);
    return own === undefined || ranges.some((range) => range.first <= own.last && own.first <= range.last);
  };
  const free = candidates.find((candidate) => !overlaps(`${candidate}.0/24`));
  return free === undefined ? undefined : `${free}.1/24`;
}

/** The subnets of a routing table in the format of /proc/net/route (proc_net(5): hexadecimal, in the byte order of the machine, here little-endian). The default route overlaps everything and is left out. */
export function routedSubnets(table: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && fields[7] !== '00000000')
    .map((fields) => `${addressOf(fields[1] ?? '')}/${prefixOf(fields[7] ?? '')}`);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(subnet: string): Range | undefined {
  const [address = '', prefix = '32'] = subnet.split('/');
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined;
  const number = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - Number(prefix));
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

const bytesOf = (hexadecimal: string): number[] =>
  (hexadecimal.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();

const addressOf = (hexadecimal: string): string => bytesOf(hexadecimal).join('.');

const prefixOf = (hexadecimal: string): number =>
  bytesOf(hexadecimal).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
