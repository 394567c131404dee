/** What can go wrong with a remote, by kind: for the counts that people alarm on. */
import { blamesMirror, MirrorError } from './git/mirror.ts';
import { GitError } from './git/run.ts';
import { RemoteError } from './remote.ts';
import { isErrno } from './state/files.ts';

export const failureKinds = [
  /** A remote repository could not be read, or did not answer in time. */
  'remote_unreachable',
  /** GitHub says that its limit for this account is reached. */
  'rate_limited',
  /** A server declined a push. */
  'push_refused',
  /** A push met a branch that somebody else had moved. */
  'push_stale',
  /** A push ended without an answer. */
  'push_unclear',
  /** Our own copy of a repository was damaged, or lacked what had been fetched. */
  'copy_damaged',
  /** Something could not be written: the disk is full, or may not be written to. */
  'disk',
  /** Buildbot could not be asked. */
  'buildbot_unreachable',
  /** GitHub did not take a status or an issue. */
  'github_report',
  /** A mistake in this program. */
  'unexpected',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** The connection ended before the remote said whether it moved the branch. */
export class PushUnclear extends Error {
  override readonly name = 'PushUnclear';
}

const DISK = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'];

/** What kind of failure of a look, or of a push, this is. */
export function kindOf(error: unknown): FailureKind {
  if (isErrno(error) && DISK.includes(error.code ?? '')) return 'disk';
  if (error instanceof PushUnclear) return 'push_unclear';
  if (error instanceof MirrorError) return 'copy_damaged';
  if (error instanceof RemoteError)
    return error.retryAt === undefined ? 'remote_unreachable' : 'rate_limited';
  if (!(error instanceof GitError) || error.why === 'not-started') return 'unexpected';
  if (/No space left on device|Disk quota exceeded|Read-only file system/i.test(error.stderr)) return 'disk';
  return blamesMirror(error) ? 'copy_damaged' : 'remote_unreachable';
}
