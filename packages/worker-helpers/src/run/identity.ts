/**
 * For whom a container runs. The rights of the one who asks are settled here, because the program itself always runs as
 * root: LXD's socket is worth as much as root, so the user that builds run as does not have it.
 */

export type Caller =
  /** An ordinary user, who has to come back by way of sudo. */
  | { readonly kind: 'user' }
  /** Somebody for whom sudo started this: only images of ours, only directories of the worker. */
  | { readonly kind: 'on-behalf'; readonly uid: number }
  | { readonly kind: 'root' };

/** Who asks, by the user that this runs as and what sudo says in SUDO_UID (sudo(8)). */
export function callerOf(uid: number, sudoUid: string | undefined): Caller {
  if (uid !== 0) return { kind: 'user' };
  if (sudoUid === undefined || sudoUid === '0') return { kind: 'root' };
  // What cannot be read is not trusted: no user has the id -1, so nothing will be theirs.
  return { kind: 'on-behalf', uid: /^[0-9]+$/.test(sudoUid) ? Number(sudoUid) : -1 };
}

/** Whom the command's files belong to, in the container as on this machine. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** For commands that bind nothing: the first ordinary user, who exists in the container alone. */
export const NOBODY_HERE: Ids = { uid: 1000, gid: 1000 };
