import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts, LxdFacts, WorkerFacts } from './facts.ts';
import { exitCodeOf, judge } from './judge.ts';
import { messages } from './messages.ts';

const GIB = 2 ** 30;
const DAY = 86_400;

const lxd: Extract<LxdFacts, { kind: 'answers' }> = {
  kind: 'answers',
  version: '5.0.2',
  pools: [{ name: 'default', total: 100 * GIB, free: 60 * GIB }],
  network: { kind: 'managed', name: 'lxdbr0', address: '10.1.0.1/24', forwarding: 'on' },
  images: [{ name: 'focal', ageSeconds: 3600, recipe: 'current' }],
};
const worker: Extract<WorkerFacts, { kind: 'set-up' }> = {
  kind: 'set-up',
  service: 'running',
  connection: 'established',
  refused: 'no',
  master: { text: 'master:9989', reachable: 'yes' },
};
const healthy: Facts = {
  lxd,
  directory: { name: '/var/lib/buildbot', total: 100 * GIB, free: 60 * GIB },
  recipes: { kind: 'read', images: [{ name: 'focal', maxAgeSeconds: 7 * DAY }] },
  worker,
  timers: [{ name: 'lpbuildbot-clean-containers.timer', state: 'active', result: 'success' }],
  apt: { upgrades: [], unfinished: [], lock: { kind: 'free' } },
};

const lines = (changes: Partial<Facts>): string[] => judge({ ...healthy, ...changes }).map(messages.line);

test('a healthy worker has a line for everything, and nobody has to do anything', () => {
  assert.deepEqual(lines({}), [
    'ok       lxd      LXD 5.0.2 answers',
    'ok       storage  default: 64.4 GB of 107.4 GB free',
    'ok       storage  /var/lib/buildbot: 64.4 GB of 107.4 GB free',
    'ok       network  containers are on lxdbr0 (10.1.0.1/24)',
    'ok       images   focal is 60 min old',
    'ok       worker   connected to master:9989',
    'ok       timers   lpbuildbot-clean-containers.timer runs',
    'ok       apt      nothing to upgrade, no package half installed',
  ]);
  assert.equal(exitCodeOf(judge(healthy)), 0);
});

const cases: readonly {
  readonly name: string;
  readonly changes: Partial<Facts>;
  readonly told: readonly RegExp[];
}[] = [
  {
    name: 'LXD does not answer: nothing is said of what only LXD knows',
    changes: { lxd: { kind: 'unreachable', reason: 'LXD is not installed: install it.' } },
    told: [/^problem {2}lxd {6}LXD is not installed/],
  },
  {
    name: 'a pool is full',
    changes: { lxd: { ...lxd, pools: [{ name: 'default', total: 100 * GIB, free: GIB }] } },
    told: [/^problem {2}storage {2}default is full/],
  },
  {
    name: 'there is no pool',
    changes: { lxd: { ...lxd, pools: [] } },
    told: [/^problem {2}storage {2}LXD has no storage pool/],
  },
  {
    name: "the builds' directory is nearly full",
    changes: { directory: { name: '/var/lib/buildbot', total: 100 * GIB, free: 5 * GIB } },
    told: [/^warning {2}storage {2}\/var\/lib\/buildbot: only 5\.4 GB/],
  },
  {
    name: 'containers have no network',
    changes: { lxd: { ...lxd, network: { kind: 'none' } } },
    told: [/^problem {2}network {2}containers get no network/],
  },
  {
    name: 'the bridge has no subnet',
    changes: {
      lxd: { ...lxd, network: { kind: 'managed', name: 'lxdbr0', address: 'none', forwarding: 'on' } },
    },
    told: [/^problem {2}network {2}lxdbr0 has no IPv4 subnet/],
  },
  {
    name: 'the machine does not forward',
    changes: {
      lxd: { ...lxd, network: { kind: 'managed', name: 'b', address: '10.1.0.1/24', forwarding: 'off' } },
    },
    told: [/^problem {2}network {2}this machine forwards no packets/],
  },
  {
    name: 'an image is missing',
    changes: { lxd: { ...lxd, images: [] } },
    told: [/^problem {2}images {3}focal has no image, its builds fail: lpbuildbot-create-image focal/],
  },
  {
    name: 'an image is too old',
    changes: { lxd: { ...lxd, images: [{ name: 'focal', ageSeconds: 10 * DAY, recipe: 'current' }] } },
    told: [/^warning {2}images {3}focal is 10 days old and was to be made anew/],
  },
  {
    name: 'a recipe has changed',
    changes: { lxd: { ...lxd, images: [{ name: 'focal', ageSeconds: 1, recipe: 'changed' }] } },
    told: [/^warning {2}images {3}focal: the recipe has changed/],
  },
  {
    name: 'recipes are wrong',
    changes: { recipes: { kind: 'wrong', mistakes: 2 } },
    told: [/^problem {2}images {3}the recipes have 2 mistakes/],
  },
  {
    name: 'there are no recipes',
    changes: { recipes: { kind: 'read', images: [] } },
    told: [/^warning {2}images {3}there is no recipe/],
  },
  {
    name: 'no worker is set up',
    changes: { worker: { kind: 'not-set-up' } },
    told: [/^warning {2}worker {3}this machine is no worker yet/],
  },
  {
    name: 'the worker does not run',
    changes: { worker: { ...worker, service: 'stopped', connection: 'none' } },
    told: [/^problem {2}worker {3}buildslave.service does not run/],
  },
  {
    name: 'the master refuses the password, though it has just taken the connection',
    changes: { worker: { ...worker, refused: 'login' } },
    told: [/^problem {2}worker {3}master:9989 refuses this worker's name or password/],
  },
  {
    name: 'the master is away',
    changes: {
      worker: { ...worker, connection: 'none', master: { text: 'master:9989', reachable: 'ECONNREFUSED' } },
    },
    told: [/^problem {2}worker {3}master:9989 cannot be reached \(ECONNREFUSED\)/],
  },
  {
    name: 'the master can be reached and the worker does not get in',
    changes: { worker: { ...worker, connection: 'none' } },
    told: [/^problem {2}worker {3}master:9989 can be reached and there is no connection/],
  },
  {
    name: 'a timer is off, and the last run of another failed',
    changes: {
      timers: [
        { name: 'a.timer', state: 'inactive', result: 'success' },
        { name: 'b.timer', state: 'active', result: 'exit-code' },
      ],
    },
    told: [
      /^warning {2}timers {3}a.timer is off/,
      /^problem {2}timers {3}the last run of b.timer failed \(exit-code\): journalctl -u b tells/,
    ],
  },
  {
    name: 'dpkg was interrupted, and upgrades wait',
    changes: { apt: { upgrades: ['git', 'lpbuildbot-worker'], unfinished: ['git'], lock: { kind: 'free' } } },
    told: [
      /^problem {2}apt {6}not installed completely: git/,
      /^warning {2}apt {6}2 upgrades waiting \(git, lpbuildbot-worker\)/,
    ],
  },
  {
    name: 'apt hangs',
    changes: {
      apt: {
        upgrades: [],
        unfinished: [],
        lock: { kind: 'held', pid: 7, program: 'apt-get', seconds: 7200 },
      },
    },
    told: [/^problem {2}apt {6}apt-get \(process 7\) has held apt's lock for 2 h/],
  },
];

for (const { name, changes, told } of cases) {
  test(`it tells what to do when ${name}`, () => {
    const findings = judge({ ...healthy, ...changes });
    const remarks = findings.filter(({ verdict }) => verdict !== 'ok').map(messages.line);
    assert.equal(remarks.length, told.length, remarks.join('\n'));
    for (const [index, pattern] of told.entries()) assert.match(remarks[index] ?? '', pattern);
    assert.equal(exitCodeOf(findings), told.some(({ source }) => source.startsWith('^problem')) ? 1 : 0);
  });
}

test('an apt that has just begun is left to its work, whatever it has not finished yet', () => {
  const lock = { kind: 'held', pid: 7, program: 'dpkg', seconds: 5 } as const;
  const findings = judge({ ...healthy, apt: { upgrades: ['git'], unfinished: ['git'], lock } });
  assert.deepEqual(findings.at(-1), { check: 'apt', verdict: 'ok', sentence: 'dpkg (process 7) is at work' });
});
