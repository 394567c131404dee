/** What lpbuildbot-doctor says to people: what was found, and what to do. */
import { count, size, span } from '../images/words.ts';
import type { SpaceFacts } from './facts.ts';
import type { Finding } from './judge.ts';

const age = (seconds: number): string => span(seconds * 1000);
const some = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
const freed = 'lpbuildbot-clean-containers and lpbuildbot-prune-images free some; then enlarge it';

export const messages = {
  needsRoot: 'only root sees all of it: run it as root (sudo).',
  lxdAnswers: (version: string): string => `LXD ${version} answers`,
  noPool: 'LXD has no storage pool: set it up with `lxd init`.',
  space: ({ name, free, total }: SpaceFacts): string => `${name}: ${size(free)} of ${size(total)} free`,
  nearlyFull: ({ name, free, total }: SpaceFacts): string =>
    `${name}: only ${size(free)} of ${size(total)} free; ${freed}.`,
  full: ({ name, free, total }: SpaceFacts): string =>
    `${name} is full (${size(free)} of ${size(total)} free), builds will fail: ${freed}.`,
  noNetwork:
    'containers get no network: the default profile has none. Add one with `lxc network create lxdbr0` and `lxc network attach-profile lxdbr0 default eth0`.',
  otherNetwork: (name: string): string => `containers are on ${name}, which LXD does not manage`,
  noSubnet: (name: string): string =>
    `${name} has no IPv4 subnet: give it a free one with \`lxc network set ${name} ipv4.address 10.99.0.1/24\`.`,
  noForwarding:
    'this machine forwards no packets, so containers reach nothing: sysctl -w net.ipv4.ip_forward=1, and see who set it to 0.',
  network: (name: string, address: string): string => `containers are on ${name} (${address})`,
  recipesWrong: (mistakes: number): string =>
    `the recipes have ${count(mistakes, 'mistake')}: lpbuildbot-create-image --all tells them.`,
  noRecipes:
    'there is no recipe in /etc/lpbuildbot/images.d: builds in containers have no image (man lpbuildbot-create-image).',
  noImage: (name: string): string =>
    `${name} has no image, its builds fail: lpbuildbot-create-image ${name}.`,
  changed: (name: string): string =>
    `${name}: the recipe has changed since the image was made: lpbuildbot-create-image ${name}, or wait for the night.`,
  old: (name: string, seconds: number): string =>
    `${name} is ${age(seconds)} old and was to be made anew: systemctl status lpbuildbot-refresh-images tells why it was not.`,
  image: (name: string, seconds: number): string => `${name} is ${age(seconds)} old`,
  notSetUp: 'this machine is no worker yet: lpbuildbot-worker-setup makes it one.',
  notRunning: (service: string): string =>
    service === 'absent'
      ? 'systemd does not know buildslave.service: install lpbuildbot-worker again.'
      : 'buildslave.service does not run: systemctl start buildslave, and journalctl -u buildslave tells why it stopped.',
  connected: (master: string): string => `connected to ${master}`,
  refused: (master: string): string =>
    `${master} refuses this worker's name or password: run lpbuildbot-worker-setup with those that the master has.`,
  unreachable: (master: string, why: string): string =>
    `${master} cannot be reached (${why}): is the master up, and does a firewall let port and address through?`,
  notConnected: (master: string): string =>
    `${master} can be reached and there is no connection: the end of /var/lib/buildbot/slaves/twistd.log tells why (with TLS, most often the certificate).`,
  timer: (name: string): string => `${name} runs`,
  timerOff: (name: string): string => `${name} is off: systemctl enable --now ${name}.`,
  timerFailed: (name: string, result: string): string =>
    `the last run of ${name} failed (${result}): journalctl -u ${name.replace(/\.timer$/, '')} tells why.`,
  apt: 'nothing to upgrade, no package half installed',
  upgrades: (names: readonly string[]): string =>
    `${count(names.length, 'upgrade')} waiting (${some(names)}): apt-get upgrade ends no build.`,
  unfinished: (names: readonly string[]): string =>
    `not installed completely: ${some(names)}: dpkg --configure -a, then apt-get -f install.`,
  locked: (pid: number, program: string): string => `${program} (process ${pid}) is at work`,
  lockedLong: (pid: number, program: string, seconds: number): string =>
    `${program} (process ${pid}) has held apt's lock for ${age(seconds)}: see what it waits for; no upgrade comes in until it ends.`,
  line: ({ check, verdict, sentence }: Finding): string =>
    `${verdict.padEnd(8)} ${check.padEnd(8)} ${sentence}`,
};
