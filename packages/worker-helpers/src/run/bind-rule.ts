/** Which directories may be bound into a container. Pure: what the paths really are is found out elsewhere. */
import type { Caller } from './identity.ts';
import { runMessages } from './messages.ts';

/** What is known of a directory that was opened, so that it can no longer be exchanged for another. */
export interface Opened {
  /** As it was given. */
  readonly given: string;
  /** Its real path, without symbolic links. */
  readonly path: string;
  readonly kind: 'directory' | 'other';
  readonly uid: number;
  readonly gid: number;
}

/** Of the worker itself, in its base directory: what it tells the master, what it logs. */
const ownOfWorker = new Set(['info']);

/** What is against binding it, as a sentence; undefined when nothing is. `base` is the directory below which the worker builds. */
export function bindProblem(caller: Caller, base: string, opened: Opened): string | undefined {
  // This comes first: about what lies elsewhere nothing is told.
  if (caller.kind === 'on-behalf' && !isBelow(base, opened.path))
    return runMessages.notBelow(opened.given, base);
  if (opened.kind !== 'directory') return runMessages.notADirectory(opened.given);
  if (opened.uid === 0 || opened.gid === 0) return runMessages.belongsToRoot(opened.given);
  if (caller.kind === 'on-behalf' && opened.uid !== caller.uid) return runMessages.notTheirs(opened.given);
  return undefined;
}

function isBelow(base: string, path: string): boolean {
  if (!path.startsWith(`${base}/`)) return false;
  const [first = ''] = path.slice(base.length + 1).split('/');
  return first !== '' && !first.startsWith('.') && !ownOfWorker.has(first);
}
