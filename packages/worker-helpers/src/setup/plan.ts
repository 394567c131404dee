/** What has to be done so that a worker is set up, or no longer is: a pure function of what was found. */
import type { WorkerFile } from './worker-files.ts';

export interface FoundFile {
  readonly content: string;
  readonly mode: number;
  readonly owner: 'worker' | 'root' | 'other';
  /** Since the epoch, in milliseconds. */
  readonly changed: number;
}

/** The state of the service that runs the worker. */
export type FoundService =
  | { readonly kind: 'running'; readonly since: number }
  | { readonly kind: 'stopped' }
  /** There is no systemd here, or it has no such unit. */
  | { readonly kind: 'absent' };

export interface Found {
  readonly files: ReadonlyMap<string, FoundFile>;
  readonly service: FoundService;
}

export type Step =
  | { readonly kind: 'write'; readonly file: WorkerFile }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'start' }
  /** The worker ends once its builds are done; systemd starts it anew while there is a buildbot.tac. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'stop' };

export type Patience = 'builds-end' | 'now';

export function planSetup(
  wanted: readonly WorkerFile[],
  removable: readonly string[],
  found: Found,
  patience: Patience,
): Step[] {
  const writes = wanted.filter((file) => !isAsWanted(file, found.files.get(file.path)));
  const kept = new Set(wanted.map(({ path }) => path));
  const removed = removable.filter((path) => !kept.has(path) && found.files.has(path));
  return [
    // The file that lets the worker start is the last of `wanted`: whatever it needs is there by then.
    ...writes.map((file): Step => ({ kind: 'write', file })),
    ...removed.map((path): Step => ({ kind: 'remove', path })),
    ...serviceSteps(wanted, writes, found, patience),
  ];
}

export function planRemoval(removable: readonly string[], found: Found, patience: Patience): Step[] {
  const removed = removable.filter((path) => found.files.has(path));
  const running = found.service.kind === 'running';
  return [
    ...removed.map((path): Step => ({ kind: 'remove', path })),
    ...(running ? [{ kind: patience === 'now' ? 'stop' : 'drain' } as const] : []),
  ];
}

/** A worker that started before its files were last written does not know them, whoever wrote them and was interrupted. */
function serviceSteps(
  wanted: readonly WorkerFile[],
  writes: readonly WorkerFile[],
  { files, service }: Found,
  patience: Patience,
): Step[] {
  if (service.kind === 'absent') return [];
  if (service.kind === 'stopped') return [{ kind: 'start' }];
  const stale = wanted
    .filter(({ takenAt }) => takenAt === 'start')
    .some((file) => writes.includes(file) || (files.get(file.path)?.changed ?? 0) > service.since);
  if (!stale) return [];
  return [{ kind: patience === 'now' ? 'restart' : 'drain' }];
}

function isAsWanted(file: WorkerFile, found: FoundFile | undefined): boolean {
  return (
    found !== undefined &&
    found.content === file.content &&
    found.mode === file.mode &&
    found.owner === file.owner
  );
}
