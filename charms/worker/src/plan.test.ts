/** The decisions by themselves: what follows from what, without a machine and without Juju. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relationIdSchema, unitNameSchema } from '@lpbuildbot/juju';
import fc from 'fast-check';
import type { Facts } from './facts.ts';
import type { Inputs } from './inputs.ts';
import type { Master } from './master.ts';
import { digestOf, plan } from './plan.ts';
import { report } from './report.ts';
import { readSettings } from './settings.ts';

const recipes = 'images: { focal: {} }\n';
const config = { images: recipes, 'max-builds': 1, upgrade: 'auto', 'image-refresh': '7d' };
const login = { address: '192.0.2.1:9989', ca: 'CA', name: 'buildbot-worker-0', password: 'p' };
const relation = relationIdSchema.parse('master:1');
const masterUnit = unitNameSchema.parse('buildbot-master/0');
const ready: Master = { kind: 'ready', relation, unit: masterUnit, login };

const refresh = `# Written by the charm lpbuildbot-worker from its setting image-refresh.
[Service]
ExecStart=
ExecStart=/usr/bin/lpbuildbot-create-image --all --max-age 7d
ExecStart=/usr/bin/lpbuildbot-prune-images
`;

/** A worker that has everything. */
const facts: Facts = {
  distribution: 'ubuntu',
  codename: 'noble',
  architecture: 'amd64',
  helpers: '1.4.0',
  node: '1.4.0',
  lxd: { kind: 'there', setUp: 'whole', images: ['focal'], builds: 0 },
  worker: 'running',
  imagesRun: 'none',
  imagesResult: { digest: digestOf(recipes), at: 0, failures: [] },
  aptSource: undefined,
  aptKey: undefined,
  recipes,
  refresh,
  settingsWritten: 7,
  hasSnap: true,
  holder: undefined,
  memory: {
    unit: 'buildbot-worker/0',
    joined: { digest: digestOf(JSON.stringify(login)), modified: 7 },
    recipes: { digest: digestOf(recipes), names: ['focal'] },
  },
  now: 0,
};

function inputs(change: Partial<Facts> = {}, wishes: Partial<Inputs> = {}): Inputs {
  const settings = readSettings(config);
  const rest = {
    unit: 'buildbot-worker/0',
    phase: 'staying',
    settings,
    master: ready,
    deb: undefined,
  } as const;
  return { ...rest, facts: { ...facts, ...change }, ...wishes };
}

const kinds = (given: Inputs): string[] => plan(given).map(({ kind }) => kind);
const shown = (given: Inputs): string => {
  const { status } = report(given, []);
  return `${status.status}: ${status.message}`;
};
const memory = (change: Facts['memory']): Partial<Facts> => ({ memory: { ...facts.memory, ...change } });

test('a worker that has everything is left alone', () => {
  assert.deepEqual(plan(inputs()), []);
  assert.equal(shown(inputs()), 'active: focal; idle; helpers 1.4.0');
});

const situations: readonly (readonly [string, Inputs, readonly string[]])[] = [
  ['a machine that nobody has claimed', inputs(memory({ unit: undefined })), ['claim']],
  ['a machine of another unit', inputs({ holder: 'buildbot-worker/7' }), []],
  [
    'an LXD without storage or bridge',
    inputs({ lxd: { kind: 'there', setUp: 'bare', images: [], builds: 0 } }),
    ['set-up-lxd'],
  ],
  ['no LXD on Ubuntu', inputs({ lxd: { kind: 'absent' } }), ['install-snap']],
  ['no LXD on Debian', inputs({ lxd: { kind: 'absent' }, distribution: 'debian' }), ['install']],
  ['an LXD that does not answer', inputs({ lxd: { kind: 'unreachable', why: 'x' } }), []],
  ['no commands, and nowhere to take them from', inputs({ helpers: undefined, lxd: { kind: 'absent' } }), []],
  ['a package of the operator’s', inputs({}, { deb: { path: '/d', mark: 'new' } }), ['install']],
  ['the same package again', inputs(memory({ deb: 'old' }), { deb: { path: '/d', mark: 'old' } }), []],
  ['a worker that stopped', inputs({ worker: 'stopped' }), ['join']],
  ['settings that somebody has changed by hand', inputs({ settingsWritten: 8 }), ['join']],
  ['settings that somebody has deleted', inputs({ settingsWritten: undefined }), ['join']],
  ['no master any more', inputs({}, { master: { kind: 'none' } }), ['leave']],
  [
    'no master yet',
    inputs({ settingsWritten: undefined, ...memory({ joined: undefined }) }, { master: { kind: 'none' } }),
    [],
  ],
  [
    'a worker that was set up without Juju',
    inputs(memory({ joined: undefined }), { master: { kind: 'none' } }),
    [],
  ],
  ['an operator who drains', inputs(memory({ drained: true })), ['leave']],
  ['a changed recipe', inputs({ recipes: 'images: {}\n' }), ['check-recipes']],
  [
    'an image that is gone',
    inputs({ lxd: { kind: 'there', setUp: 'whole', images: [], builds: 0 } }),
    ['make-images'],
  ],
  [
    'images that are being made',
    inputs({ imagesResult: undefined, imagesRun: { image: 'focal', index: 1, total: 1 } }),
    [],
  ],
  ['another age of images', inputs({ refresh: undefined }), ['set-refresh']],
  ['a unit that leaves', inputs({}, { phase: 'leaving' }), ['leave']],
  [
    'a unit that has left',
    inputs({ settingsWritten: undefined, worker: 'stopped' }, { phase: 'leaving' }),
    [],
  ],
  ['a unit that is removed', inputs({}, { phase: 'removing' }), ['purge']],
];
for (const [name, given, steps] of situations) {
  test(`${name}: ${steps.length === 0 ? 'nothing is done' : steps.join(', ')}`, () =>
    assert.deepEqual(kinds(given), steps));
}

const sentences: readonly (readonly [string, Inputs])[] = [
  [
    'waiting: for lpbuildbot-worker to be installed',
    inputs({ helpers: undefined }, { deb: { path: '/d', mark: 'm' } }),
  ],
  ['maintenance: creating images', inputs({ imagesRun: { image: '', index: 0, total: 0 } })],
  ['maintenance: draining', inputs(memory({ drained: true }))],
  ['active: focal; idle; helpers 1.4.0 (1.5.0 is next)', inputs(memory({ candidate: '1.5.0' }))],
  [
    'blocked: image a could not be made (and 1 more): why; tried again within the hour, or by the action create-image',
    inputs({
      imagesResult: {
        digest: '',
        at: 0,
        failures: [
          { image: 'a', why: 'why' },
          { image: 'b', why: '' },
        ],
      },
    }),
  ],
];
for (const [sentence, given] of sentences) test(sentence, () => assert.equal(shown(given), sentence));

test('what programs say becomes one line that fits a status', () => {
  const [, tail = ''] = shown(
    inputs({ lxd: { kind: 'unreachable', why: `a\n\n b\n${'x'.repeat(500)}` } }),
  ).split('(');
  assert.match(tail, /^a; b; x+…\): look at its log/);
  assert.ok(tail.length < 260);
});

test('whatever is wrong, the password is in no status and the master is told nothing half', () => {
  const wrong = fc.record({
    helpers: fc.option(fc.constant('1.4.0'), { nil: undefined }),
    worker: fc.constantFrom('absent' as const, 'running' as const, 'stopped' as const, 'failed' as const),
    settingsWritten: fc.option(fc.nat(9), { nil: undefined }),
    lxd: fc.constantFrom<Facts['lxd']>(
      { kind: 'absent' },
      { kind: 'unreachable', why: 'x' },
      { kind: 'there', setUp: 'bare', images: [], builds: 0 },
      facts.lxd,
    ),
  });
  const secret = { ...login, password: 'hunter2' };
  fc.assert(
    fc.property(wrong, fc.constantFrom('staying' as const, 'leaving' as const), (change, phase) => {
      const { status, offer } = report(inputs(change, { phase, master: { ...ready, login: secret } }), []);
      assert.doesNotMatch(status.message, /hunter2/);
      assert.ok(offer === undefined || offer.helpers === '1.4.0');
      assert.ok(status.message.length > 0);
    }),
  );
});
