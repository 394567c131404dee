/** The ports that `juju expose` opens. */
import * as z from 'zod';
import { type PortRange, parsePortRange, portRangeText, portsOverlap, samePorts } from './port-range.ts';
import type { Runner } from './runner.ts';
import { askTool, callJson, callTool } from './tool.ts';

export interface OpenedPort {
  readonly range: PortRange;
  /** `all`, or the endpoints that it is open for. */
  readonly endpoints: 'all' | readonly string[];
}

/** `open-port`, for all endpoints. `conflict`: another range of this machine overlaps, this unit's or another's. */
export async function openPort(run: Runner, range: PortRange): Promise<'opened' | 'conflict'> {
  const answer = await askTool(run, { tool: 'open-port', args: [portRangeText(range)] }, ['conflict']);
  return answer.kind === 'refused' ? answer.refusal : 'opened';
}

/** `close-port`, for the endpoints that `openedPorts` names. Closing what is not open is no error. */
export async function closePort(run: Runner, { range, endpoints }: OpenedPort): Promise<void> {
  const where = endpoints === 'all' ? [] : ['--endpoints', endpoints.join(',')];
  await callTool(run, { tool: 'close-port', args: [...where, portRangeText(range)] });
}

const openedSchema = z.array(
  z.string().transform((text, context): OpenedPort => {
    const [, port = '', names = ''] = /^(\S+) \((.+)\)$/.exec(text) ?? [];
    const range = parsePortRange(port);
    if (range === undefined) {
      context.addIssue({ code: 'custom', message: 'not a range of ports' });
      return z.NEVER;
    }
    return { range, endpoints: names === '*' ? 'all' : names.split(', ') };
  }),
);

/** `opened-ports`: with what this hook has opened and closed itself. */
export async function openedPorts(run: Runner): Promise<readonly OpenedPort[]> {
  const args = ['--format', 'json', '--endpoints'];
  return await callJson(run, openedSchema, { tool: 'opened-ports', args });
}

export interface PortChanges {
  readonly opened: readonly PortRange[];
  readonly closed: readonly PortRange[];
  /** Desired, and in the way is one that was closed here: Juju lets go of it when the hook ends, so the next hook opens these. */
  readonly deferred: readonly PortRange[];
  /** Desired, and held by somebody else on this machine. */
  readonly conflicts: readonly PortRange[];
}

/** Makes exactly these ports open, for all endpoints. */
export async function setPorts(run: Runner, desired: readonly PortRange[]): Promise<PortChanges> {
  const current = await openedPorts(run);
  const surplus = current.filter(({ range }) => !desired.some((wanted) => samePorts(wanted, range)));
  for (const port of surplus) await closePort(run, port);
  const closed = surplus.map(({ range }) => range);
  const missing = desired.filter(
    (wanted) => !current.some(({ range, endpoints }) => endpoints === 'all' && samePorts(wanted, range)),
  );
  const opened: PortRange[] = [];
  const refused: PortRange[] = [];
  for (const range of missing) {
    const outcome = await openPort(run, range);
    (outcome === 'opened' ? opened : refused).push(range);
  }
  const waits = (range: PortRange): boolean => closed.some((other) => portsOverlap(range, other));
  return {
    opened,
    closed,
    deferred: refused.filter(waits),
    conflicts: refused.filter((range) => !waits(range)),
  };
}
