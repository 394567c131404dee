import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Found, type FoundFile, type FoundService, planRemoval, planSetup, type Step } from './plan.ts';
import { removablePaths, type WorkerSettings, workerFiles } from './worker-files.ts';

const places = { worker: '/w', trust: '/t', metrics: '/m' };
const settings: WorkerSettings = {
  master: { host: 'master', port: 9989 },
  name: 'w1',
  password: 'secret',
  authority: 'PEM',
  admin: 'us',
  host: 'a machine',
};
const removable = removablePaths(places);

/** The state of a machine on which all of it was written at `changed`. */
function written(by: WorkerSettings, service: FoundService, changed = 1000): Found {
  const files = workerFiles(places, by).map(({ path, content, mode, owner }): [string, FoundFile] => [
    path,
    { content, mode, owner, changed },
  ]);
  return { files: new Map(files), service };
}

const told = (steps: readonly Step[]): string[] =>
  steps.map((step) => {
    if (step.kind === 'write') return `write ${step.file.path}`;
    return step.kind === 'remove' ? `remove ${step.path}` : step.kind;
  });

const setup = (by: WorkerSettings, found: Found, patience: 'now' | 'builds-end' = 'builds-end') =>
  told(planSetup(workerFiles(places, by), removable, found, patience));

const running: FoundService = { kind: 'running', since: 2000 };

test('a fresh machine gets every file, the one that lets the worker start last, and the worker starts', () => {
  assert.deepEqual(setup(settings, { files: new Map(), service: { kind: 'stopped' } }), [
    'write /t/master.pem',
    'write /w/info/admin',
    'write /w/info/host',
    'write /w/buildbot.tac',
    'start',
  ]);
});

test('where nothing changed nothing is done', () => {
  assert.deepEqual(setup(settings, written(settings, running)), []);
});

test('a new password drains the worker', () => {
  const found = written(settings, running);
  assert.deepEqual(setup({ ...settings, password: 'other' }, found), ['write /w/buildbot.tac', 'drain']);
  assert.deepEqual(setup({ ...settings, password: 'other' }, found, 'now'), [
    'write /w/buildbot.tac',
    'restart',
  ]);
});

test('words for the web page disturb no worker', () => {
  assert.deepEqual(setup({ ...settings, admin: 'them' }, written(settings, running)), [
    'write /w/info/admin',
  ]);
});

test('a worker that runs since before the files were written is drained, also when all of them are right', () => {
  assert.deepEqual(setup(settings, written(settings, { kind: 'running', since: 999 })), ['drain']);
});

test('without an authority the old one goes', () => {
  const { authority: _, ...plain } = settings;
  assert.deepEqual(setup(plain, written(settings, running)), [
    'write /w/buildbot.tac',
    'remove /t/master.pem',
    'drain',
  ]);
});

test('a file that others can read, or that is not its owner’s, is written anew', () => {
  for (const drift of [{ mode: 0o644 }, { owner: 'other' as const }]) {
    const found = written(settings, running);
    const tac = found.files.get('/w/buildbot.tac');
    assert.ok(tac);
    const files = new Map([...found.files, ['/w/buildbot.tac', { ...tac, ...drift }]]);
    assert.deepEqual(setup(settings, { ...found, files }), ['write /w/buildbot.tac', 'drain']);
  }
});

test('removal takes away first what lets the worker start again, then lets it finish', () => {
  const found = written(settings, running);
  const files = [
    'remove /w/buildbot.tac',
    'remove /w/info/admin',
    'remove /w/info/host',
    'remove /t/master.pem',
  ];
  assert.deepEqual(told(planRemoval(removable, found, 'builds-end')), [...files, 'drain']);
  assert.deepEqual(told(planRemoval(removable, found, 'now')), [...files, 'stop']);
  const none: Found = { files: new Map(), service: { kind: 'stopped' } };
  assert.deepEqual(planRemoval(removable, none, 'now'), []);
});

test('whatever part of it was done before an interruption, the next run ends in the same state', () => {
  const world = fc.record({
    before: fc.constantFrom(settings, { ...settings, password: 'old' }, { ...settings, admin: 'old' }),
    present: fc.subarray([...removable]),
    service: fc.constantFrom<FoundService>({ kind: 'stopped' }, { kind: 'running', since: 500 }, running),
  });
  fc.assert(
    fc.property(world, ({ before, present, service }) => {
      const all = written(before, service);
      const files = new Map([...all.files].filter(([path]) => present.includes(path)));
      const steps = planSetup(workerFiles(places, settings), removable, { files, service }, 'builds-end');
      const after = new Map(files);
      let started = service.kind === 'running' ? service.since : undefined;
      for (const step of steps) {
        if (step.kind === 'write') after.set(step.file.path, { ...step.file, changed: 3000 });
        else if (step.kind === 'remove') after.delete(step.path);
        else started = 4000;
      }
      assert.ok(started !== undefined);
      assert.deepEqual(setup(settings, { files: after, service: { kind: 'running', since: started } }), []);
    }),
  );
});
