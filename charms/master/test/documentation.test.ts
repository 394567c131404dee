/** The documentation and this charm say the same: every status, check, key of the secret, path, service and port. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unitNameSchema } from '@lpbuildbot/juju';
import { codeOf, readPage, tableIn } from '../../../test/support/markdown.ts';
import { onCall, type Said, statusMistakes } from '../../../test/support/on-call.ts';
import { messages } from '../src/messages.ts';
import { PROMOTION_PORT, places } from '../src/places.ts';
import { check } from '../src/tasks/check.ts';
import { pair, running } from './world.ts';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docs/reference/charm-master.md'), 'utf8');
const reference = readPage(text);
const [zero, one] = [unitNameSchema.parse('buildbot-master/0'), unitNameSchema.parse('buildbot-master/1')];
const address = 'git+ssh://example.com/project';

/** What `juju status` can show, by the message that says it, with the values of the examples in the page. */
const statuses: Partial<Readonly<Record<keyof typeof messages, readonly Said[]>>> = {
  settingWrong: [['blocked', messages.settingWrong('promotion', 'on')]],
  samePorts: [['blocked', messages.samePorts(8010)]],
  secretWrong: [['blocked', messages.secretWrong('ssh-key')]],
  secretUnknown: [['blocked', messages.secretUnknown('ssh-keys')]],
  halfMail: [['blocked', messages.halfMail('mail-server', 'mail-from')]],
  secretHalfLogin: [['blocked', messages.secretHalfLogin('mail-user', 'mail-password')]],
  webhookMissing: [['blocked', messages.webhookMissing('launchpad')]],
  mailMissing: [['blocked', messages.mailMissing('launchpad')]],
  secretDenied: [['blocked', messages.secretDenied('buildbot-master')]],
  secretMissing: [['blocked', messages.secretMissing]],
  sshKeyMissing: [['blocked', messages.sshKeyMissing(address)]],
  knownHostsMissing: [['blocked', messages.knownHostsMissing(address)]],
  noPipelines: [['blocked', messages.noPipelines]],
  twoSources: [['blocked', messages.twoSources]],
  noPipelineFiles: [['blocked', messages.noPipelineFiles]],
  pipelinesRefused: [
    [
      'blocked',
      messages.pipelinesRefused(
        'pipelines/launchpad.yaml:12:9: found the unknown key "stpes"; write steps',
        3,
      ),
    ],
  ],
  repositoryUnreadable: [['blocked', messages.repositoryUnreadable('Host key verification failed')]],
  buildbotRefused: [['blocked', messages.buildbotRefused('Buildbot refuses the configuration: …')]],
  otherUnitServes: [['blocked', messages.otherUnitServes(zero, one)]],
  noStorage: [['blocked', messages.noStorage(zero)]],
  storageLeaves: [['maintenance', messages.storageLeaves]],
  stopped: [['maintenance', messages.stopped]],
  diskFull: [['blocked', messages.diskFull]],
  spaceShort: [['blocked', messages.spaceShort(places.data)]],
  installing: [['maintenance', messages.installing]],
  aptWaits: [['maintenance', messages.aptWaits('unattended-upgr')]],
  environment: [['maintenance', messages.environment]],
  starting: [['maintenance', messages.starting]],
  restoring: [['maintenance', messages.restoring]],
  serviceDead: [
    ['blocked', messages.serviceDead('buildmaster')],
    ['blocked', messages.serviceDead('lpbuildbot-promotion')],
  ],
  portTaken: [['blocked', messages.portTaken([8010])]],
  noWorkers: [['blocked', messages.noWorkers('buildbot-master')]],
  workerSpeaksOther: [
    [
      'waiting',
      messages.workerSpeaksOther(
        'buildbot-worker/1',
        'version: the other charm speaks another version: upgrade both',
      ),
    ],
  ],
  buildbotSilent: [['waiting', messages.buildbotSilent]],
  promotionSilent: [['waiting', messages.promotionSilent]],
  noWorkerYet: [['waiting', messages.noWorkerYet]],
  noWorkerHas: [['waiting', messages.noWorkerHas(['focal', 'jammy'])]],
  promotionOff: [['active', `…; ${messages.promotionOff}`]],
  shadow: [
    [
      'active',
      [
        messages.workers(2, 2),
        [messages.moved('stable', '4 min'), messages.moved('db-stable', undefined), messages.more(3)].join(
          ', ',
        ),
        messages.trouble(2, 'conflict'),
        messages.trouble(1, 'held'),
        messages.shadow,
      ].join('; '),
    ],
  ],
};

/** They are parts of the active status above. */
const parts: readonly (keyof typeof messages)[] = ['workers', 'moved', 'more', 'trouble'];

/** They are answers of actions and of the checks, or stand in `juju debug-log`. */
const others: readonly (keyof typeof messages)[] = [
  ...([
    'aptFailed',
    'noBuilder',
    'notItsWorker',
    'forceRefused',
    'notConfigured',
    'promotionIsOff',
    'dash',
  ] as const),
  ...([
    'branchMissing',
    'promotionRefused',
    'configGood',
    'configSame',
    'oneSource',
    'noRepository',
  ] as const),
  ...(['notAName', 'noSuchWorker', 'rotated', 'backupRefused', 'notAPath'] as const),
  ...(['checkUnknown', 'checkBranchesMove', 'checkStands'] as const),
];

test('whoever is on call finds every status of the master, and none that is never said', () => {
  const known = [...Object.keys(statuses), ...parts, ...others];
  const unknown = Object.keys(messages).filter((key) => !known.includes(key));
  assert.deepEqual(unknown, [], 'is it a status? then docs/on-call.md needs a row for it');
  assert.deepEqual(statusMistakes('The status of the master', Object.values(statuses).flat()), []);
});

test('whoever is on call finds what each check says', async () => {
  const world = await running();
  const { machine } = world;
  const now = machine.time;
  const id = 'launchpad: master -> stable';
  const said: string[] = [];
  const ask = async (what: string, ...words: string[]): Promise<void> => {
    await check(machine.machine(), words, (line) => said.push(`check_lpbuildbot_${what} ${line}`));
  };
  const show = (...pairs: object[]): void => {
    machine.pairs = pairs;
  };
  show(pair('conflict', { pair: { id: 'launchpad: stable -> db-devel' } }));
  await ask('branches', 'branches');
  show(pair('held', { pair: { id }, hold: {} }));
  await ask('branches', 'branches');
  show(pair('waiting', { pair: { id }, lastMove: { at: now - 26 * 3_600_000 } }));
  await ask('branches', 'branches');
  show(...Array.from({ length: 4 }, () => pair('up-to-date')));
  await ask('branches', 'branches');
  machine.silent = true;
  await ask('branches', 'branches');
  for (const [what, unit] of [
    ['master', 'buildmaster.service'],
    ['promotion', 'lpbuildbot-promotion.service'],
  ] as const) {
    machine.units.set(unit, { active: 'failed', pid: undefined, enabled: 'enabled' });
    await ask(what, 'unit', unit);
  }
  const rows = tableIn(onCall, 'Checks of Nagios').rows.map(({ cells: [name = '', line = ''] }) =>
    [codeOf(name)[0], codeOf(line)[0]].join(' '),
  );
  assert.deepEqual(rows.toSorted(), said.toSorted());
});

test('every key of the secret is described, and no other', () => {
  const [, keys = ''] = /the keys are (.*)$/.exec(messages.secretUnknown('')) ?? [];
  const rows = tableIn(reference, 'The secret').rows.flatMap(({ cells }) => codeOf(cells[0] ?? ''));
  assert.deepEqual(rows.toSorted(), keys.split(', ').toSorted());
});

test('every path that operators may meet is described, with the services and the port', () => {
  const shown = [
    ...[places.buildbot, places.promotionState, places.authority, places.people, places.wantedFile],
    ...[places.promotionConfig, places.promotion, places.master, places.programs, places.memory],
    ...[`127.0.0.1:${PROMOTION_PORT}`, places.command.replace(/\/[^/]*$/, ''), places.nrpeChecks],
    ...globSync('*.{service,timer}', { cwd: join(root, 'charms/master/systemd') }),
  ];
  assert.deepEqual(
    shown.filter((word) => !text.includes(word)),
    [],
    'docs/reference/charm-master.md says nothing of these',
  );
});
