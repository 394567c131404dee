/** Where everything lies on the machine. Operators know these paths; what is theirs to look at stands in the reference. */

/** The storage `data`: what must survive the machine. */
const data = '/srv/buildbot';
const settings = '/etc/lpbuildbot';
/** What the charm itself remembers; only root reads it. */
const memory = '/var/lib/lpbuildbot/master';

export const places = {
  data,
  /** Buildbot's base directory. */
  buildbot: `${data}/lpbuildbot`,
  promotionState: `${data}/promotion`,
  authority: `${data}/authority`,
  authorityKey: `${data}/authority/ca.key`,
  authorityCertificate: `${data}/authority/ca.pem`,
  /** Logins made by the charm and by the action add-web-user. */
  people: `${data}/web-users.json`,
  /** What Buildbot was given last: it lies with what it is about. */
  wantedFile: `${data}/configured.json`,

  settings,
  master: `${settings}/master`,
  logins: `${settings}/master/logins`,
  webhookSecret: `${settings}/master/webhook-secret`,
  tlsKey: `${settings}/master/tls.key`,
  tlsCertificate: `${settings}/master/tls.pem`,
  masterSshConfig: `${settings}/master/ssh_config`,
  masterSshKey: `${settings}/master/ssh-key`,
  masterKnownHosts: `${settings}/master/known-hosts`,
  masterFingerprint: `${settings}/master/fingerprint`,
  promotionConfig: `${settings}/promotion.yaml`,
  promotion: `${settings}/promotion`,
  promotionPipelines: `${settings}/promotion/pipelines`,
  promotionFingerprint: `${settings}/promotion/fingerprint`,

  memory,
  memoryFile: `${memory}/memory.json`,
  acceptedFile: `${memory}/accepted.json`,
  /** What Buildbot will be given in a moment. */
  pendingFile: `${memory}/pending.json`,

  /** Programs, each in a directory named for its content, and Python environments. */
  programs: '/opt/lpbuildbot',
  environments: '/opt/lpbuildbot/python',
  command: '/usr/local/bin/lpbuildbot-promotion',
  units: '/etc/systemd/system',

  /** systemd copies the fingerprint of what a service reads at its start to here when it starts it. */
  masterStarted: '/run/buildmaster/fingerprint',
  promotionStarted: '/run/lpbuildbot-promotion/fingerprint',

  nrpeChecks: '/etc/nagios/nrpe.d',
} as const;

export const MASTER = 'buildmaster.service';
export const PROMOTION = 'lpbuildbot-promotion.service';
/** Configures Buildbot a moment after the last of several workers has come. */
export const RECONFIGURE = 'lpbuildbot-reconfigure.service';
export const RECONFIGURE_TIMER = 'lpbuildbot-reconfigure.timer';

export const MASTER_USER = 'buildmaster';
export const PROMOTION_USER = 'lpbuildbot-promotion';
export const PROMOTION_PORT = 8011;

/** Of Debian and Ubuntu, besides what every machine has. */
export const PACKAGES = [
  'ca-certificates',
  'git',
  'openssh-client',
  'openssl',
  'python3',
  'python3-venv',
] as const;
