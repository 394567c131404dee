/** `juju status` as a table: what cmd/juju/status/output_tabular.go makes of the status, and held against what Juju 4.0.14 printed. */
import type { FullStatus, RelationShown, UnitShown } from '../core/status-shape.ts';
import { naturally, type Row, row, table } from './go-text.ts';

export interface Sections {
  readonly relations: readonly RelationShown[] | undefined;
  readonly storage: 'shown' | 'hidden';
}

const longestMessage = 120;
const longestVersion = 15;

export function statusTable(status: FullStatus, sections: Sections): string {
  const { machines, applications } = status;
  return [
    modelTable(status),
    ...(Object.keys(applications).length === 0 ? [] : [applicationTable(status), unitTable(status)]),
    ...(Object.keys(machines).length === 0 ? [] : [machineTable(status)]),
    ...((sections.relations ?? []).length === 0 ? [] : [relationTable(sections.relations ?? [])]),
    ...(sections.storage === 'shown' && Object.keys(status.storage.storage ?? {}).length > 0
      ? [storageTable(status)]
      : []),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function modelTable({ model, controller }: FullStatus): string {
  return table([
    row('Model', 'Controller', 'Cloud/Region', 'Version', 'Timestamp'),
    row(model.name, model.controller, `${model.cloud}/${model.region}`, model.version, controller.timestamp),
  ]);
}

function applicationTable({ applications }: FullStatus): string {
  const rows = byName(applications).map(([name, application]) => {
    const { current, message = '' } = application['application-status'];
    const revision = String(application['charm-rev']);
    const exposed = application.exposed ? 'yes' : 'no';
    return row(
      ...[name, version(application.version ?? ''), current, scale(Object.values(application.units ?? {}))],
      ...[application['charm-name'], '', revision, exposed, short(message)],
    );
  });
  const head = row('App', 'Version', 'Status', 'Scale', 'Charm', 'Channel', 'Rev', 'Exposed', 'Message');
  return table([head, ...rows], [3, 6]);
}

function version(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > longestVersion ? `${line.slice(0, longestVersion - 3)}...` : line;
}

function short(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage - 3)}...` : message;
}

/** How many units are there to work, of how many. */
function scale(units: readonly UnitShown[]): string {
  const there = units.filter(
    (unit) =>
      unit['workload-status'].current !== 'terminated' &&
      ['executing', 'idle', 'running'].includes(unit['juju-status'].current),
  ).length;
  return there === units.length ? String(there) : `${there}/${units.length}`;
}

function unitTable({ applications }: FullStatus): string {
  const units = byName(
    Object.fromEntries(Object.values(applications).flatMap((each) => Object.entries(each.units ?? {}))),
  );
  if (units.length === 0) return '';
  const rows = units.map(([name, unit]) => {
    const { 'workload-status': workload, 'juju-status': agent } = unit;
    return row(
      ...[`${name}${unit.leader ? '*' : ''}`, workload.current, agent.current, unit.machine ?? ''],
      ...[unit['public-address'] ?? '', ports(unit['open-ports'] ?? []), short(message(unit))],
    );
  });
  return table([row('Unit', 'Workload', 'Agent', 'Machine', 'Public address', 'Ports', 'Message'), ...rows]);
}

function message({ 'workload-status': workload, 'juju-status': agent }: UnitShown): string {
  const said =
    agent.current === 'allocating' && !workload.message ? (agent.message ?? '') : (workload.message ?? '');
  const [, hook, action] = /^running (?:(.*) hook|action (.*))$/.exec(agent.message ?? '') ?? [];
  const doing = agent.current === 'executing' ? (hook ?? action) : undefined;
  return doing === undefined ? said : `(${doing}) ${said}`;
}

/** `0,80,5000-5001/tcp 53/udp`: neighbours together, protocols apart. */
function ports(open: readonly string[]): string {
  const groups = Map.groupBy(open, (port) => port.slice(port.indexOf('/')));
  return [...groups]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([protocol, members]) => {
      const numbers = members
        .map((port) => port.slice(0, port.indexOf('/')))
        .toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1));
      return `${joined(numbers).join(',')}${protocol}`;
    })
    .join(' ');
}

/** Of one protocol. A range that a unit opened as one (`9000-9001`) stays as it is. */
function joined(numbers: readonly string[]): string[] {
  const runs: string[][] = [];
  for (const text of numbers) {
    const run = runs.find((each) => Number(text) > 1 && each.at(-1) === String(Number(text) - 1));
    if (run === undefined) runs.push([text]);
    else run.push(text);
  }
  return runs.map((run) => (run.length === 1 ? (run[0] ?? '') : `${run[0]}-${run.at(-1)}`));
}

function machineTable({ machines }: FullStatus): string {
  const rows = byName(machines).map(([id, machine]): Row => {
    const [, zone = ''] = /availability-zone=(\S+)/.exec(machine.hardware ?? '') ?? [];
    const base = `${machine.base.name}@${machine.base.channel}`;
    return row(
      ...[id, machine['juju-status'].current, machine['dns-name'] ?? '', machine['instance-id']],
      ...[base, zone, machine['machine-status'].message ?? ''],
    );
  });
  return table([row('Machine', 'State', 'Address', 'Inst id', 'Base', 'AZ', 'Message'), ...rows]);
}

function relationTable(relations: readonly RelationShown[]): string {
  const rows = relations
    .toSorted((one, other) =>
      one.provider === other.provider
        ? one.requirer < other.requirer
          ? -1
          : 1
        : one.provider < other.provider
          ? -1
          : 1,
    )
    .map(({ provider, requirer, interface: name, type, status }): Row => {
      const cells = [provider, requirer, name, type, ...(status === 'joined' ? [] : [status])];
      return { cells, rest: '' };
    });
  return table([row('Integration provider', 'Requirer', 'Interface', 'Type', 'Message'), ...rows]);
}

function storageTable({ storage }: FullStatus): string {
  const rows = storageRows(storage).map(({ unit, id, kind, pool, mount, size, status }) =>
    row(unit, id, kind, pool, mount, size, status, ''),
  );
  const head = row('Storage Unit', 'Storage ID', 'Type', 'Pool', 'Mountpoint', 'Size', 'Status', 'Message');
  return table([head, ...rows]);
}

interface StorageRow {
  readonly unit: string;
  readonly id: string;
  readonly kind: string;
  readonly pool: string;
  readonly mount: string;
  readonly size: string;
  readonly status: string;
}

/** By unit, those of none first. */
export function storageRows(storage: FullStatus['storage']): StorageRow[] {
  return Object.entries(storage.storage ?? {})
    .flatMap(([id, { kind, status, attachments }]) => {
      const units = Object.keys(attachments?.units ?? {});
      const filesystem = Object.values(storage.filesystems ?? {}).find((each) => each.storage === id);
      const [place] = Object.values(filesystem?.attachments?.machines ?? {});
      return (units.length === 0 ? [''] : units).map((unit) => ({
        unit,
        id,
        kind,
        pool: filesystem?.pool ?? '',
        mount: place?.['mount-point'] ?? '',
        size: humanized(filesystem?.size ?? 0),
        status: status.current,
      }));
    })
    .toSorted((one, other) => compare(one.unit, other.unit) || compare(one.id, other.id));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** MiB as go-humanize writes bytes: one digit behind the point below ten. */
function humanized(mebibytes: number): string {
  if (mebibytes === 0) return '';
  const units = ['MiB', 'GiB', 'TiB'];
  const power = Math.min(2, Math.floor(Math.log2(mebibytes) / 10));
  const value = mebibytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[power]}`;
}

function byName<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).toSorted(([one], [other]) => naturally(one, other));
}
