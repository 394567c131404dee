/** What lpbuildbot-run tells people. */
import type { Ids } from './identity.ts';

export const runMessages = {
  // About arguments; these follow "it".
  notAnImageName: 'it is not the name of an image: small letters, digits, dots and hyphens',
  notAVariable: "it is not NAME=VALUE, with a name of letters, digits and '_'",
  notCpus: 'it is not a number of processors: a whole number from 1',
  notMemory: "it is not an amount of memory: write for instance '512MiB' or '4GiB'",
  notADuration: "it is not a length of time: write for instance '90s', '30m' or '2h'",
  notANetwork: "it is not 'none'",

  cannotOpen: (given: string, code: string): string =>
    code === 'ENOENT'
      ? `there is no directory ${given} to bind.`
      : code === 'ENOTDIR'
        ? `${given} is not a directory: only directories can be bound.`
        : `the directory ${given} cannot be opened (${code}).`,
  notADirectory: (given: string): string => `${given} is not a directory: only directories can be bound.`,
  belongsToRoot: (given: string): string =>
    `${given} belongs to root (or to root's group): a command in a container never gets root's files. Give the directory to an ordinary user (chown).`,
  notBelow: (given: string, base: string): string =>
    `${given} is not a directory of a build: only those below ${base}/ can be bound.`,
  notTheirs: (given: string): string => `${given} belongs to another user: it cannot be bound.`,
  oddRepository: (path: string, code: string): string =>
    `${path} is not a git repository that can be kept from being written to (${code}): remove it.`,
  boundElse: 'a bound directory was exchanged for another one meanwhile: nothing was run.',

  noImage: (name: string): string =>
    `there is no image "${name}" on this machine: lpbuildbot-list-images shows those that there are, lpbuildbot-create-image ${name} makes it.`,
  nameTaken: (name: string): string =>
    `LXD has an instance named ${name} that this program did not make: rename or delete it.`,
  noAddress: (network: string): string =>
    `the network ${network} has no free address left: run fewer builds at once, or give it a larger subnet.`,
  preparing: 'preparing a container of this image (once; later ones are copies of it)',
  notPrepared: (code: number, errors: string): string =>
    `a container of this image could not be prepared (exit code ${code}): ${errors.trim().split('\n').at(-1) || 'it said nothing'}`,
  idsNotAllowed: ({ uid, gid }: Ids, words: string): string =>
    `LXD may not give a container the user ${uid} and the group ${gid} of this machine: add a line root:${uid}:1 to /etc/subuid and root:${gid}:1 to /etc/subgid, and restart LXD. (${words})`,
  noNetworkYet: 'the container has no network yet; the command is run all the same',

  waitingForLxd: 'LXD does not answer; waiting for it',
  again: (why: string): string => `trying again: ${why}`,
  timedOut: (seconds: number): string => `the command ran longer than ${seconds} s and was ended.`,
  lost: 'LXD was restarted (or broke off) while the command ran: how it ended is not known.',
  interrupted: 'ended before the command ran.',
  parentGone: 'the program that had started this one is gone: ending.',
  notHandedBack: (why: string): string =>
    `what root has made in the bound directories is still root's (${why}).`,
  noEnd: 'it came to no end',
  leftBehind: (name: string, why: string): string =>
    `the container ${name} could not be removed (${why}); lpbuildbot-clean-containers will remove it.`,

  notAllowed:
    'this user may not run it: only root and the user buildbot may, the latter through sudo (which does not work where a service has NoNewPrivileges).',
  noSudo: 'sudo is missing: install it (apt install sudo), or run this as root.',
} as const;
