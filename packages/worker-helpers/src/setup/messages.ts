/** What lpbuildbot-worker-setup says to people. */
import { type MasterAddress, printMasterAddress } from './master-address.ts';
import { SERVICE, USER } from './places.ts';
import type { Step } from './plan.ts';

export const messages = {
  notAnAddress: 'it is not HOST:PORT (write an IPv6 address in brackets)',
  notAName: 'it is not a name of letters, digits, dots, dashes and underscores',
  needsRoot: 'this writes files of other users: run it as root (sudo).',
  noUser: `there is no user ${USER}: install the package buildbot-worker, which makes it.`,
  missing: (options: readonly string[]): string =>
    `${options.join(', ')} ${options.length === 1 ? 'is' : 'are'} missing: they are needed unless --remove is given.`,
  removeAlone: '--remove takes no other settings: leave them out.',
  unreadable: (file: string, why: string): string =>
    `${file} cannot be read (${why}): check its name and owner.`,
  unwritable: (path: string, why: string): string =>
    `${path} cannot be written (${why}): look at the disk and at who owns the directory, then run this again.`,
  emptyPassword: (file: string): string => `${file} is empty: write the worker's password into it.`,
  longPassword: (file: string): string => `${file} has several lines: it must hold the password alone.`,
  openPassword: (file: string): string =>
    `${file} can be read by other users: chmod 600 ${file}, and think about another password.`,
  notACertificate: (file: string): string =>
    `${file} holds no certificate in PEM format (-----BEGIN CERTIFICATE-----): give the authority that signed the master's.`,
  expired: (file: string, day: string): string =>
    `the certificate in ${file} expired on ${day}: the worker will refuse the master until there is a new one.`,
  failed: (what: string, output: string): string => `${what} failed: ${output.trim()}`,
  step: (step: Step): string => {
    switch (step.kind) {
      case 'write':
        return `wrote ${step.file.path}`;
      case 'remove':
        return `removed ${step.path}`;
      case 'start':
        return `started ${SERVICE}`;
      case 'drain':
        return `asked ${SERVICE} to finish its running builds and take no new ones`;
      case 'restart':
        return `restarted ${SERVICE}; the master gives its builds to others`;
      case 'stop':
        return `stopped ${SERVICE}; the master gives its builds to others`;
    }
  },
  unchanged: (name: string, master: MasterAddress): string =>
    `nothing to do: this is worker ${name} of ${printMasterAddress(master)}.`,
  joined: (name: string, master: MasterAddress): string =>
    `this is worker ${name} of ${printMasterAddress(master)}; lpbuildbot-doctor tells whether it gets there.`,
  notStarted: `no systemd manages ${SERVICE} here: start the worker yourself.`,
  draining: 'it starts with the new settings by itself as soon as its builds are done.',
  notSetUp: 'nothing to do: no worker is set up here.',
  left: 'no worker is set up here any more; checkouts and logs are kept.',
};
