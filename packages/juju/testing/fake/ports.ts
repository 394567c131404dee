/** Ports: open-port, close-port, opened-ports. */
import type { OpenedPortState } from '../state.ts';
import { type Arguments, atMost, isOn, misuse, quoted, refuse } from './flags.ts';
import { formatFlags, formatted } from './format.ts';
import type { Hook } from './hook.ts';
import type { FakeTools } from './tool.ts';

const portFlags = { '--endpoints': 'value', '--format': 'value' } as const;

export const portTools: FakeTools = {
  'open-port': {
    flags: portFlags,
    run: (hook, args) => {
      const port = portOf(args);
      refuseConflict(hook, 'open', port);
      const open = hook.later.ports.find((opened) => opened.port === port);
      for (const endpoint of endpointsOf(args)) hook.later.narrowed.get(port)?.delete(endpoint);
      replace(hook, port, opened(open, endpointsOf(args)));
      return '';
    },
  },
  'close-port': {
    flags: portFlags,
    run: (hook, args) => {
      const port = portOf(args);
      refuseConflict(hook, 'close', port);
      const open = hook.later.ports.find((opened) => opened.port === port);
      const closing = endpointsOf(args);
      if (open === undefined) return '';
      if (closing.length === 0) replace(hook, port, undefined);
      else if (open.endpoints === 'all') {
        // Seen only in the next hook: then it is open for every endpoint but these.
        const narrowed = hook.later.narrowed.get(port) ?? new Set();
        hook.later.narrowed.set(port, new Set([...narrowed, ...closing]));
      } else {
        const left = open.endpoints.filter((endpoint) => !closing.includes(endpoint));
        replace(hook, port, left.length === 0 ? undefined : left);
      }
      return '';
    },
  },
  'opened-ports': {
    flags: { ...formatFlags, '--endpoints': 'switch' },
    run: (hook, args) => {
      atMost(args.rest, 0);
      const ports = hook.later.ports.toSorted(byProtocolAndNumber);
      const listed = ports.map(({ port, endpoints }) => {
        const names = endpoints === 'all' ? '*' : endpoints.join(', ');
        return isOn(args, '--endpoints') ? `${port} (${names})` : port;
      });
      return formatted(args, listed);
    },
  },
};

function endpointsOf({ flags }: Arguments): string[] {
  const given = flags.get('--endpoints') ?? '';
  return given === '' ? [] : given.split(',').map((name) => name.trim());
}

function opened(before: OpenedPortState | undefined, added: readonly string[]): OpenedPortState['endpoints'] {
  if (added.length === 0 || before?.endpoints === 'all') return 'all';
  return [...new Set([...(before?.endpoints ?? []), ...added])].sort();
}

function replace(hook: Hook, port: string, endpoints: OpenedPortState['endpoints'] | undefined): void {
  const others = hook.later.ports.filter((open) => open.port !== port);
  hook.later.ports = endpoints === undefined ? others : [...others, { port, endpoints }];
}

function portOf({ rest }: Arguments): string {
  const [given] = rest;
  if (given === undefined) misuse('no port or range specified');
  const port = parsePort(given.toLowerCase());
  atMost(rest, 1);
  return port;
}

/** As Juju's network.ParsePortRange, with its complaints. */
function parsePort(text: string): string {
  const slash = text.indexOf('/');
  const range = slash < 0 ? text : text.slice(0, slash);
  const protocol = slash < 0 ? 'tcp' : text.slice(slash + 1);
  if (range === 'icmp') return 'icmp';
  const numbers = range.split('-', 2).map(portNumber);
  const [from = 0, to = from] = numbers;
  if (protocol === 'icmp') misuse(`protocol "icmp" doesn't support any ports; got ${quoted(range)}`);
  if (protocol !== 'tcp' && protocol !== 'udp') {
    misuse(`invalid protocol ${quoted(protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (from > to) misuse(`invalid port range ${from}-${to}/${protocol}`);
  if (from > 65_535 || to > 65_535)
    misuse(`port range bounds must be between 0 and 65535, got ${from}-${to}`);
  return `${from === to ? from : `${from}-${to}`}/${protocol}`;
}

function portNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  return misuse(`invalid port ${quoted(text)}: strconv.Atoi: parsing ${quoted(text)}: invalid syntax`);
}

function parts(port: string): { readonly protocol: string; readonly from: number; readonly to: number } {
  const [, from = '0', to = from, protocol = 'icmp'] = /^(\d+)(?:-(\d+))?\/(.+)$/.exec(port) ?? [];
  return { protocol, from: Number(from), to: Number(to) };
}

function byProtocolAndNumber(one: OpenedPortState, other: OpenedPortState): number {
  const [a, b] = [parts(one.port), parts(other.port)];
  return a.protocol === b.protocol ? a.from - b.from : a.protocol < b.protocol ? -1 : 1;
}

/**
 * The same range again is no conflict for this unit; for another unit of the machine it is. A range that this hook has closed is
 * still in the way, as Juju's own recorder has it (uniter/runner/context/ports.go).
 */
function refuseConflict({ base, later }: Hook, verb: 'open' | 'close', port: string): void {
  const wanted = parts(port);
  const overlaps = (held: string): boolean => {
    const { protocol, from, to } = parts(held);
    return protocol === wanted.protocol && from <= wanted.to && wanted.from <= to;
  };
  const before = base.openedPorts.map((open) => open.port);
  const pending =
    verb === 'open' ? later.ports.map((open) => open.port).filter((held) => !before.includes(held)) : [];
  const own = (ports: readonly string[], note: string) =>
    ports.filter((held) => held !== port).map((held) => ({ unit: base.unit, port: held, note }));
  const others = Object.entries(base.portsOfOthers).flatMap(([unit, ports]) =>
    ports.map((held) => ({ unit, port: held, note: '' })),
  );
  const conflict = [...own(pending, ' requested earlier'), ...own(before, ''), ...others].find((held) =>
    overlaps(held.port),
  );
  if (conflict === undefined) return;
  const reason = `port range conflicts with ${conflict.port} (unit ${quoted(conflict.unit)})${conflict.note}`;
  refuse(`cannot ${verb} ${port} (unit ${quoted(base.unit)}): ${reason}`);
}
