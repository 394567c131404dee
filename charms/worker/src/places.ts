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

/** How the commands name their images in LXD, and mark what else they make there. */
export const lxdNames = {
  aliasPrefix: 'lpbuildbot/',
  imageProperty: 'lpbuildbot.name',
  instanceKind: 'user.lpbuildbot.kind',
} as const;

/** Where Juju keeps a unit's agent, as long as the unit is there. */
export const agentDirectory = (unit: string): string => `/var/lib/juju/agents/unit-${unit.replace('/', '-')}`;
