/** Ranges of ports as Juju writes them. Pure; parse and print are a pair. */

export type PortRange =
  | { readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number }
  | { readonly protocol: 'icmp' };

/** `80`, `80/tcp`, `8000-8010/udp`, `icmp`; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  if (text === 'icmp') return { protocol: 'icmp' };
  const [, first, last, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text) ?? [];
  if (first === undefined || (protocol !== 'tcp' && protocol !== 'udp')) return undefined;
  const from = Number(first);
  const to = last === undefined ? from : Number(last);
  return from <= to && to <= 65_535 ? { protocol, from, to } : undefined;
}

export function portRangeText(range: PortRange): string {
  if (range.protocol === 'icmp') return 'icmp';
  const { from, to, protocol } = range;
  return `${from === to ? from : `${from}-${to}`}/${protocol}`;
}

export function samePorts(one: PortRange, other: PortRange): boolean {
  return portRangeText(one) === portRangeText(other);
}

/** Juju takes no two ranges of one machine that have a port in common, but for the very same one. */
export function portsOverlap(one: PortRange, other: PortRange): boolean {
  if (one.protocol === 'icmp' || other.protocol === 'icmp') return one.protocol === other.protocol;
  return one.protocol === other.protocol && one.from <= other.to && other.from <= one.to;
}
