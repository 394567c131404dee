/** Every sentence that this charm says to people, in one place. */
import type { UnitName } from '@lpbuildbot/juju';

const shortest = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text);
const oneLine = (text: string): string => shortest(text.replace(/\s*\n\s*/g, '; ').trim());

const wanted: Readonly<Record<string, string>> = {
  'config-repository': 'the address of a git repository: https, ssh, git, or a path',
  'config-branch': 'the name of a branch',
  secrets: 'the URI of a secret',
  promotion: 'active, shadow or off',
  'mail-server': 'an address such as smtp://mail.example.com or smtps://mail.example.com:465',
  'mail-from': 'a mail address alone, such as lpbuildbot@example.com',
  'web-url': 'an address such as https://buildbot.example.com/',
  'web-port': 'a port from 1024 to 65535',
  'worker-port': 'a port from 1024 to 65535',
  title: 'one line of at most 100 characters',
  'log-retention': 'a number of days from 1 to 36500',
};

const secretForms: Readonly<Record<string, string>> = {
  'ssh-key': 'a private key in PEM or OpenSSH form',
  'known-hosts': 'lines as ssh-keyscan prints them',
  'git-password': 'one word, or NAME:PASSWORD',
  'github-token': 'one word',
  'mattermost-webhook': 'an address',
  'webhook-secret': 'lines of 16 characters or more',
  'mail-user': 'one word',
  'mail-password': 'one line',
  'web-users': 'lines NAME:PASSWORD, and none for admin',
};

export const messages = {
  settingWrong: (name: string, value: unknown) =>
    oneLine(`${name} is ${JSON.stringify(value)}; set it to ${wanted[name] ?? 'something else'}`),
  halfMail: (given: string, missing: string) => `${given} is set and ${missing} is not; set both of them`,
  samePorts: (port: number) => `web-port and worker-port are both ${port}; set one of them to another port`,
  secretWrong: (key: string) =>
    `the key ${key} of the secret is not ${secretForms[key] ?? 'PASSWORD images=NAME,… capacity=NUMBER arch=NAME'}`,
  secretUnknown: (key: string) =>
    `the secret has a key ${key}; the keys are ${Object.keys(secretForms).join(', ')}, worker-NAME`,
  secretHalfLogin: (given: string, missing: string) =>
    `the secret has a key ${given} and no ${missing}; they belong together`,
  secretDenied: (application: string) => `may not read the secret; run juju grant-secret NAME ${application}`,
  secretMissing: 'there is no such secret as the setting secrets names; set it to another one',
  sshKeyMissing: (address: string) =>
    oneLine(`${address} needs a key: add ssh-key to the secret (setting secrets)`),
  knownHostsMissing: (address: string) =>
    oneLine(`${address} needs the server's keys: add known-hosts to the secret (see ssh-keyscan)`),
  webhookMissing: (project: string) =>
    oneLine(
      `${project} wants its news in Mattermost: add mattermost-webhook to the secret (setting secrets)`,
    ),
  mailMissing: (project: string) =>
    oneLine(`${project} wants mail of conflicts: set mail-server and mail-from`),

  noPipelines: 'no pipelines; set config-repository, or pipelines',
  twoSources: 'both config-repository and pipelines are set; reset one of them',
  noPipelineFiles: 'config-repository has no file pipelines/*.yaml',
  pipelinesRefused: (first: string, count: number) =>
    oneLine(count > 1 ? `${first} (and ${count - 1} more; run check-config)` : first),
  repositoryUnreadable: (reason: string) => oneLine(`config-repository cannot be read: ${reason}`),
  buildbotRefused: (reason: string) => oneLine(reason),

  otherUnitServes: (unit: UnitName, self: UnitName) =>
    `${unit} is the master, and there is one only; run juju remove-unit ${self}`,
  noStorage: (unit: UnitName) => `no storage; run juju attach-storage ${unit} data/NUMBER`,
  storageLeaves: 'stopped: the storage is being detached',
  stopped: 'stopped',
  diskFull: 'no space left on the disk; free some, or lower log-retention',
  spaceShort: (path: string) => `no space left on ${path}; free some, or lower log-retention`,

  installing: 'installing packages',
  aptWaits: (holder: string) => `waiting for apt, which ${holder} uses`,
  aptFailed: (packages: readonly string[], output: string) =>
    `apt cannot install ${packages.join(', ')}: ${output}`,
  environment: 'installing Buildbot',
  starting: 'starting Buildbot',
  restoring: 'restoring a backup',

  serviceDead: (unit: string) => `${unit} does not run; see journalctl -u ${unit}`,
  portTaken: (ports: readonly number[]) =>
    `port ${ports.join(' and ')} is open for another unit of this machine; set another one`,
  noWorkers: (application: string) =>
    `no workers; run juju integrate ${application}:workers lpbuildbot-worker`,
  workerSpeaksOther: (unit: string, problem: string) => oneLine(`${unit} cannot be used: ${problem}`),
  noWorkerYet: 'no worker is ready yet',
  noWorkerHas: (images: readonly string[]) => `no worker has ${images.join(', ')}`,
  workers: (connected: number, all: number) => `${connected} of ${all} worker${all === 1 ? '' : 's'}`,
  moved: (branch: string, ago: string | undefined) =>
    ago === undefined ? `${branch} not yet` : `${branch} ${ago}`,
  more: (count: number) => `${count} more`,
  trouble: (count: number, word: string) => `${count} ${word}${word === 'conflict' && count > 1 ? 's' : ''}`,
  promotionOff: 'promotion off',
  shadow: 'shadow',
  promotionSilent: 'promotion does not answer',

  noBuilder: (name: string, known: readonly string[]) =>
    `there is no builder ${name}; there are ${known.join(', ')}`,
  notItsWorker: (worker: string, known: readonly string[]) =>
    `${worker} is no worker of this builder; it has ${known.length === 0 ? 'none' : known.join(', ')}`,
  buildbotSilent: 'Buildbot does not answer',
  forceRefused: (status: number, text: string) => oneLine(`Buildbot does not take it (${status}): ${text}`),
  notConfigured: 'there is no master yet; see juju status',
  promotionIsOff: 'promotion is off; set promotion to active or shadow',
  dash: 'must not begin with a dash',
  branchMissing: 'give branch, too',
  promotionRefused: (text: string | undefined) =>
    text === undefined ? messages.promotionSilent : oneLine(text),
  configGood: (projects: number, builders: number) =>
    `good: ${projects} project${projects === 1 ? '' : 's'}, ${builders} builder${builders === 1 ? '' : 's'}`,
  configSame: 'good, and in use already',
  oneSource: 'give branch or pipelines, not both',
  noRepository: 'there is no config-repository to read a branch of',
  notAName: 'a name has no colon, no control characters, and is not admin',
  noSuchWorker: (unit: string) => `there is no worker ${unit}`,
  rotated: (count: number) => `${count} new password${count === 1 ? '' : 's'}`,
  backupRefused: (file: string, reason: string) => oneLine(`${file} cannot be restored: ${reason}`),
  notAPath: 'give an absolute path',
  checkUnknown: 'give "unit NAME" or "branches"',
  checkBranchesMove: (count: number) => `${count} pairs of branches`,
  checkStands: (ago: string) => `waits, last moved ${ago} ago`,
};
