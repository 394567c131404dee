/**
 * Which IPv4 subnet LXD's bridge gets. LXD tries to find one by itself and in some containers finds none, and a bridge on a subnet
 * that the machine already reaches would cut the machine off from it. Pure.
 */

/** Kept small and out of the way: the ranges that home routers, clouds and Docker take first come last. */
const candidates: readonly string[] = [
  ...Array.from({ length: 56 }, (_, index) => `10.${200 + index}.83`),
  ...Array.from({ length: 15 }, (_, index) => `172.${31 - index}.83`),
  ...Array.from({ length: 100 }, (_, index) => `192.168.${240 - index}`),
];

interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * The address of a bridge with its prefix length (`10.200.83.1/24`) that overlaps nothing in a routing table in the format of /proc/net/route
 * (proc_net(5): hexadecimal, little-endian). The default route overlaps everything and is left out. Nothing when no subnet is left.
 */
export function freeSubnet(routes: string): string | undefined {
  const taken = routedRanges(routes);
  const free = candidates.find((candidate) => {
    const first = candidate.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) * 256;
    return !taken.some((range) => range.first <= first + 255 && first <= range.last);
  });
  return free === undefined ? undefined : `${free}.1/24`;
}

function routedRanges(routes: string): Range[] {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && fields[7] !== '00000000')
    .map(([, destination = '', , , , , , mask = '']) => {
      const size = 2 ** 32 - numberOf(mask);
      return { first: numberOf(destination), last: numberOf(destination) + size - 1 };
    });
}

function numberOf(hexadecimal: string): number {
  const bytes = (hexadecimal.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
