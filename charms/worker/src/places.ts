/** What the charm has on the machine, in one place: removal takes away exactly this, the packages, and what is ours in LXD. */

export const places = {
  /** Root's alone: it knows the state of the worker's login. Gone with the unit. */
  state: '/var/lib/lpbuildbot-charm',
  memory: '/var/lib/lpbuildbot-charm/memory.json',
  /** Which packages there were before ours, a line each. */
  packagesBefore: '/var/lib/lpbuildbot-charm/packages-before',
  /** How the last creation of images ended. */
  imagesResult: '/var/lib/lpbuildbot-charm/images-result',
  /** Empty after a reboot. */
  run: '/run/lpbuildbot-charm',
  imagesProgress: '/run/lpbuildbot-charm/images-progress',
  aptSource: '/etc/apt/sources.list.d/lpbuildbot.sources',
  aptKey: '/etc/apt/keyrings/lpbuildbot.asc',
  recipesDirectory: '/etc/lpbuildbot/images.d',
  recipes: '/etc/lpbuildbot/images.d/juju.yaml',
  refresh: '/etc/systemd/system/lpbuildbot-refresh-images.service.d/juju.conf',
  /** lpbuildbot-worker-setup's: the worker is set up when it is there. */
  workerSettings: '/var/lib/buildbot/slaves/buildbot.tac',
  dpkgStatus: '/var/lib/dpkg/status',
  osRelease: '/etc/os-release',
  routes: '/proc/net/route',
  snap: '/usr/bin/snap',
} as const;

export const units = {
  worker: 'buildslave.service',
  /** A transient one of the charm's own. */
  images: 'lpbuildbot-charm-images.service',
} as const;

export const packages = {
  helpers: 'lpbuildbot-worker',
  node: 'lpbuildbot-node',
} as const;

/** The package that the charm makes of its own Node.js: its version is lower than any repository's, which then replaces it. */
export const carriedNode = {
  version: `0~charm${process.versions.node}`,
  isOurs: (version: string | undefined): boolean => version?.startsWith('0~charm') ?? false,
} as const;

/** The worker's user; its package makes it and, as Debian's packages do, leaves it. */
export const workerUser = 'buildbot';

/** What LXD leaves behind when it is purged, as Debian's package and as a snap. */
export const lxdLeftovers = {
  mounts: ['/var/lib/lxd/shmounts', '/var/lib/lxd/devlxd'],
  directories: ['/var/lib/lxd', '/var/log/lxd'],
  snapHome: '/root/snap/lxd',
} as const;

/** A master on the same machine, which has the same user. */
export const masterDirectory = '/srv/buildbot';

/** How the commands name their images in LXD, and mark what else they make there. */
export const lxdNames = {
  aliasPrefix: 'lpbuildbot/',
  imageProperty: 'lpbuildbot.name',
  instanceKind: 'user.lpbuildbot.kind',
} as const;

/** Where Juju keeps a unit's agent, as long as the unit is there. */
export const agentDirectory = (unit: string): string => `/var/lib/juju/agents/unit-${unit.replace('/', '-')}`;
