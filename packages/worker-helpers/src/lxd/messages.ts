/** What people are told about LXD. */
import type { LxdProblem } from './problem.ts';

export const lxdMessages = {
  problem: (problem: LxdProblem): string => {
    switch (problem.kind) {
      case 'not-installed':
        return 'LXD is not installed on this machine: install it (Debian: apt install lxd; Ubuntu: snap install lxd), set it up with `lxd init`, then run this again.';
      case 'unreachable':
        return `LXD does not answer on ${problem.socket} (${problem.why}): start it (systemctl start lxd, or snap start lxd), then run this again.`;
      case 'no-permission':
        return `this user may not talk to LXD (${problem.socket}): run this as root.`;
      case 'disk-full':
        return `LXD's storage is full (${problem.why}): free some with lpbuildbot-clean-containers and lpbuildbot-prune-images, or enlarge the pool.`;
      case 'not-found':
        return `LXD has no such thing as ${problem.what} (it says: ${problem.why}).`;
      case 'exists':
        return `LXD has that already (it says: ${problem.why}).`;
      case 'changed':
        return `somebody else has changed it meanwhile (LXD says: ${problem.why}).`;
      case 'no-shift':
      case 'other':
        return `LXD refused: ${problem.why}`;
    }
  },
  lostOperation: 'LXD no longer knows what it was doing; it was probably restarted',
  operationCancelled: 'it was cancelled',
  badAnswer: (what: string, why: string): string => `its answer to ${what} makes no sense (${why})`,
};
