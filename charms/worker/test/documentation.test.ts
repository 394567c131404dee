/** The documentation and this charm say the same: every status, path and unit. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { text as onCall, type Said, statusMistakes } from '../../../test/support/on-call.ts';
import { announcement, expected, settingWrong, status, steps } from '../src/messages.ts';
import { places, units } from '../src/places.ts';
import type { Step } from '../src/plan.ts';

const root = join(import.meta.dirname, '../../..');
const reference = readFileSync(join(root, 'docs/reference/charm-worker.md'), 'utf8');
const why = 'no space left on device';
const otherVersion = 'version: the other charm speaks another version: upgrade both';
const run = { image: 'jammy', index: 2, total: 3 };

/** What `juju status` can show, by the message that says it, with the values of the examples in the page. */
const statuses: Readonly<Record<keyof typeof status, readonly Said[]>> = {
  machineTaken: [['blocked', status.machineTaken('buildbot-worker/0')]],
  settingsWrong: [['blocked', status.settingsWrong([settingWrong('max-builds', expected.maxBuilds)])]],
  noPackage: [['blocked', status.noPackage]],
  notInstalled: [['waiting', status.notInstalled]],
  lxdUnreachable: [['blocked', status.lxdUnreachable('connection refused')]],
  recipesRefused: [
    ['blocked', status.recipesRefused('juju.yaml:2:3: found the unknown key "bse"; write base')],
  ],
  noMaster: [['blocked', status.noMaster]],
  strangeMaster: [['blocked', status.strangeMaster('buildbot-master/0', otherVersion)]],
  workerDown: [['blocked', status.workerDown]],
  imageFailed: [['blocked', status.imageFailed('jammy', why, 1)]],
  silentMaster: [['waiting', status.silentMaster]],
  noCredentials: [['waiting', status.noCredentials('buildbot-master/0', 'buildbot-worker/0')]],
  draining: [
    ['maintenance', status.draining(2)],
    ['maintenance', status.draining(0)],
  ],
  drained: [['maintenance', status.drained]],
  makingImage: [
    ['maintenance', status.makingImage(run)],
    ['maintenance', status.makingImage({ ...run, image: '' })],
  ],
  leaving: [
    ['maintenance', status.leaving(1)],
    ['maintenance', status.leaving(0)],
  ],
  left: [['maintenance', status.left]],
  active: [
    ['active', status.active(['focal', 'jammy'], 1, '1.4.0', undefined, false)],
    ['active', status.active([], 0, '1.4.0', undefined, false)],
    ['active', status.active(['focal'], 0, '1.4.0', '1.5.0', false)],
    ['active', status.active(['focal'], 0, '1.4.0', '1.5.0', true)],
  ],
};

const failures: Readonly<Record<keyof typeof steps, readonly Said[]>> = {
  installFailed: [
    ['blocked', steps.installFailed('LXD', why)],
    ['blocked', steps.installFailed('lpbuildbot-worker', why)],
  ],
  listsFailed: [['blocked', steps.listsFailed(why)]],
  aptBusy: [['waiting', steps.aptBusy]],
  lxdSetUpFailed: [['blocked', steps.lxdSetUpFailed(why)]],
  noSubnet: [['blocked', steps.noSubnet]],
  joinFailed: [['blocked', steps.joinFailed(why)]],
  leaveFailed: [['blocked', steps.leaveFailed(why)]],
  refreshFailed: [['blocked', steps.refreshFailed(why)]],
  imagesFailed: [['blocked', steps.imagesFailed(why)]],
  // Nobody comes after the hook "remove": it fails, and is run again.
  purgeFailed: [],
};

const install = { kind: 'install', packages: [], deb: undefined, lists: 'keep' } as const;
const slow: readonly Step[] = [
  { ...install, lxd: 'with' },
  { ...install, lxd: 'without' },
  { kind: 'install-snap' },
  { kind: 'set-up-lxd', size: '' },
  { kind: 'upgrade', to: '1.5.0' },
  { kind: 'purge' },
];

test('whoever is on call finds every status of a worker, and none that is never said', () => {
  const announced = slow.map((step): Said => ['maintenance', announcement(step) ?? '']);
  const said = [...Object.values(statuses).flat(), ...Object.values(failures).flat(), ...announced];
  assert.deepEqual(statusMistakes('The status of a worker', said), []);
  assert.ok(onCall.includes(`\`${steps.purgeFailed('lpbuildbot-worker', '…')}\``), 'a removal that fails');
});

test('the files and units are where it says', () => {
  const shown = [
    places.recipes,
    places.aptSource,
    places.aptKey,
    `${places.state}/`,
    ...Object.values(units),
  ];
  assert.deepEqual(
    shown.filter((word) => !reference.includes(word)),
    [],
  );
});
