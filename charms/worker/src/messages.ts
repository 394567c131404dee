/** Every sentence of this charm for people: statuses, results of actions, mistakes in settings. */
import type { ImagesRun } from './facts.ts';
import type { Step } from './plan.ts';

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

const more = (others: number): string => (others === 0 ? '' : ` (and ${others} more)`);

/** What programs say may have several lines; a status has one, and not a long one. */
function oneLine(text: string): string {
  const line = text
    .trim()
    .split(/\s*\n\s*/)
    .join('; ');
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

export const settingWrong = (name: string, expected: string): string => `setting ${name}: ${expected}`;

export const expected = {
  source: 'write "ppa:OWNER/NAME", or "URI SUITE COMPONENT…" as in sources.list',
  key: 'write the whole key as text, from -----BEGIN PGP PUBLIC KEY BLOCK----- to its END line',
  keyToo: 'set it too: apt takes nothing from package-source that it cannot check',
  maxBuilds: 'write a number from 1 to 1000',
  upgrade: 'write "auto" or "manual"',
  refresh: 'write "never", or an age such as "12h" or "7d"',
  storageSize: 'write a size such as "100GiB", or nothing',
};

export const status = {
  machineTaken: (unit: string): string =>
    `this machine is ${unit}'s already: remove one of the two units (a machine can be one worker)`,
  settingsWrong: ([first = '', ...others]: readonly string[]): string => `${first}${more(others.length)}`,
  noPackage: 'attach the resource worker-deb, or set package-source and package-key',
  notInstalled: 'for lpbuildbot-worker to be installed',
  lxdUnreachable: (why: string): string =>
    `LXD does not answer (${oneLine(why)}): look at its log on the machine`,
  recipesRefused: (why: string): string => `setting images: ${oneLine(why)}`,
  noMaster: 'integrate this application with lpbuildbot-master',
  strangeMaster: (unit: string, problem: string): string =>
    `${unit} says what this charm does not understand (${oneLine(problem)}): upgrade both charms`,
  workerDown: 'buildslave.service does not stay up: see journalctl -u buildslave, and the action doctor',
  imageFailed: (image: string, why: string, others: number): string =>
    `image ${image} could not be made${more(others)}: ${oneLine(why)}; tried again within the hour, or by the action create-image`,
  silentMaster: "for the master's address",
  noCredentials: (master: string, unit: string): string => `for ${master} to give ${unit} its credentials`,
  draining: (builds: number): string =>
    builds === 0 ? 'draining' : `draining: finishing ${count(builds, 'build')}`,
  drained: 'drained: takes no builds until the action undrain',
  makingImage: ({ image, index, total }: ImagesRun): string =>
    image === '' ? 'creating images' : `creating image ${image} (${index} of ${total})`,
  leaving: (builds: number): string =>
    builds === 0 ? 'leaving the master' : `finishing ${count(builds, 'build')} before leaving the master`,
  left: 'left the master',
  active: (
    images: readonly string[],
    builds: number,
    helpers: string,
    pending: string | undefined,
    isManual: boolean,
  ): string => {
    const work = builds === 0 ? 'idle' : count(builds, 'build');
    const upgrade =
      pending === undefined
        ? ''
        : isManual
          ? ` (${pending} is there: run upgrade-helpers)`
          : ` (${pending} is next)`;
    return `${images.length === 0 ? 'no images' : images.join(', ')}; ${work}; helpers ${helpers}${upgrade}`;
  },
};

/** What `juju status` shows while a step takes its time; nothing for what is done at once. */
export function announcement(step: Step): string | undefined {
  switch (step.kind) {
    case 'install':
      return step.lxd === 'with' ? 'installing LXD and lpbuildbot-worker' : 'installing lpbuildbot-worker';
    case 'install-snap':
      return 'installing LXD';
    case 'set-up-lxd':
      return 'setting up LXD';
    case 'upgrade':
      return `upgrading the helpers to ${step.to}`;
    case 'purge':
      return 'removing lpbuildbot-worker and its images';
    default:
      return undefined;
  }
}

export const steps = {
  installFailed: (what: string, why: string): string => `${what} could not be installed: ${oneLine(why)}`,
  listsFailed: (why: string): string =>
    `apt-get update failed: ${oneLine(why)}; check package-source and package-key`,
  aptBusy: 'for another program to end its work with apt; tried again in a few minutes',
  lxdSetUpFailed: (why: string): string => `LXD could not be set up: ${oneLine(why)}`,
  noSubnet:
    'no private IPv4 subnet is left for LXD: make a bridge by hand (lxc network create lxdbr0 ipv4.address=ADDRESS/24), and give it to the default profile',
  joinFailed: (why: string): string => `the worker could not be set up: ${oneLine(why)}`,
  leaveFailed: (why: string): string => `the worker could not be taken down: ${oneLine(why)}`,
  refreshFailed: (why: string): string => `the refreshing of images could not be set: ${oneLine(why)}`,
  imagesFailed: (why: string): string => `the creation of images could not be started: ${oneLine(why)}`,
  purgeFailed: (what: string, why: string): string => `${what} could not be removed: ${oneLine(why)}`,
};

export const actions = {
  notInstalled: 'lpbuildbot-worker is not installed yet: see the status of the unit',
  noSuchImage: (name: string, names: readonly string[]): string =>
    names.length === 0
      ? `there is no recipe for ${name}: the setting images is empty`
      : `there is no recipe for ${name}: there are ${names.join(', ')}`,
  noRecipes: 'there is nothing to make: the setting images is empty, or was refused',
  alreadyMaking: (run: ImagesRun): string => `${status.makingImage(run)} already: wait for its end`,
  failed: (command: string, why: string): string => `${command}: ${oneLine(why)}`,
  fromResource:
    'lpbuildbot-worker comes from the resource worker-deb here: juju attach-resource brings another one',
  noSource: 'there is nowhere to upgrade from: set package-source and package-key',
  unhealthy: 'something is wrong with this worker: see the output',
};
