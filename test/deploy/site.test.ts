/** A site's life: deployed, at work, changed while it works, broken and mended, and taken down. The cases build on one another. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../support/wait.ts';
import { charm, newerWorkerPackage } from './cases.ts';
import { deploySite } from './deploy-site.ts';
import { type ModelStatus, settled, unitsIn } from './model.ts';
import { newKey, type Site, SUCCESS } from './site.ts';

let site: Site;

before(async () => {
  site = await deploySite();
});

after(async () => {
  await site?.destroy();
});

function says(status: ModelStatus, unit: string, workload: string, message: RegExp): boolean {
  const [application = ''] = unit.split('/');
  const shown = unitsIn(status, application).find(([name]) => name === unit)?.[1]['workload-status'];
  return shown?.current === workload && message.test(shown.message);
}

/** Waits until the unit shows that; gives up early when it shows an error. */
async function shows(unit: string, workload: string, message: RegExp, seconds = 180): Promise<void> {
  await site.model.waitFor(
    `${unit} says ${workload}, ${message.source}`,
    (status) => says(status, unit, workload, message),
    seconds,
  );
}

test('the bundle with its local overlay becomes a master and two workers, all active', async () => {
  await site.active(2);
});

test('a commit is built in a container on a worker, and promoted over ssh', async () => {
  const revision = await site.commit(
    'Work',
    'test "$(cat /proc/1/comm)" = systemd && test ! -e /srv/buildbot',
  );
  await site.reaches('stable', revision);
  const [build] = await site.builds();
  assert.equal(build?.results, SUCCESS);
});

test('a commit that fails is not promoted, and the next good one is', async () => {
  const before = await site.branch('stable');
  await site.commit('Break', 'false');
  await site.built('Break');
  assert.equal(await site.branch('stable'), before);
  await site.reaches('stable', await site.commit('Mend'));
});

test('bad pipelines are told, what runs goes on, and good ones are taken again', async () => {
  await site.model.config('buildbot-master', { pipelines: site.pipeline('builderz: {}\n') });
  await shows(site.master, 'blocked', /builderz/);
  await site.reaches('stable', await site.commit('Under a bad configuration'));
  await site.model.config('buildbot-master', { pipelines: site.pipeline() });
  await site.active(2);
});

test('both charms are upgraded while a build runs, which is not disturbed', async () => {
  const { revision, unit } = await site.slowCommit('Upgrade meanwhile');
  const builds = (await site.builds()).length;
  await site.model.refresh('buildbot-master', charm('master'));
  await site.model.refresh('buildbot-worker', charm('worker'));
  await site.model.waitFor('both upgraded', (status) =>
    ['buildbot-master', 'buildbot-worker'].every((name) => status.applications[name]?.['charm-rev'] === 1),
  );
  await site.active(2);
  await site.finish(unit);
  await site.reaches('stable', revision);
  assert.equal((await site.builds()).length, builds, 'it was built once');
});

test('the push key and the passwords of the workers are rotated', async () => {
  const key = await newKey(`${site.directory}/other-key`);
  await site.model.config('forge', { key: key.public });
  await site.model.waitFor('the new key is in force', (status) => settled(status, 'forge', 1));
  await site.model.updateSecret('site', { ...site.secret, 'ssh-key': key.private });
  await site.run(site.master, 'rotate-worker-passwords');
  await site.reaches('stable', await site.commit('With a new key'));
  await site.active(2);
});

test('a hook that is killed midway is run again, and nobody notices', async () => {
  const [unit = ''] = await site.workers();
  const kill = site.model.ssh(
    unit,
    "for try in $(seq 600); do pkill -9 -f '[l]ib/charm.mjs' && exit 0; sleep 0.05; done; exit 1",
  );
  await site.model.config('buildbot-worker', { 'max-builds': 2 });
  assert.equal((await kill).code, 0, 'a hook was killed');
  const seen = new Set<string>();
  await site.model.waitFor('the hook is run again', (status) => {
    seen.add(
      unitsIn(status, 'buildbot-worker').find(([name]) => name === unit)?.[1]['workload-status'].current ??
        '',
    );
    return settled(status, 'buildbot-worker', 2);
  });
  assert.ok(!seen.has('error'));
  await site.reaches('stable', await site.commit('After a kill'));
});

test("apt's lock is waited for, and the package is upgraded once it is free", async () => {
  const [unit = ''] = await site.workers();
  const holder = site.model.ssh(
    unit,
    `python3 -c 'import fcntl, os, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
while not os.path.exists("/run/free-the-lock"): time.sleep(0.1)'`,
  );
  const { file, version } = await newerWorkerPackage(site.directory);
  await site.model.attachResource('buildbot-worker', 'worker-deb', file);
  const others = (await site.workers()).filter((name) => name !== unit);
  for (const other of others) await shows(other, 'active', new RegExp(`helpers ${version}`));
  const status = await site.model.status();
  assert.ok(!says(status, unit, 'error', /./), 'it waits');
  assert.ok(!says(status, unit, 'active', new RegExp(`helpers ${version}`)), 'it has not got it');
  await site.model.ssh(unit, 'touch /run/free-the-lock');
  await holder;
  await shows(unit, 'active', new RegExp(`helpers ${version}`));
});

test('a full disk is told, loses nothing, and is over when there is space again', async () => {
  await site.model.ssh(
    site.master,
    'fallocate -l "$(df --output=avail -B1 /srv/buildbot | tail -1)" /srv/buildbot/fill; head -c 1M /dev/zero >> /srv/buildbot/fill',
  );
  const revision = await site.commit('On a full disk');
  await shows(site.master, 'blocked', /no space left/);
  await site.model.ssh(site.master, 'rm /srv/buildbot/fill');
  await site.active(2);
  await site.reaches('stable', revision);
});

test('machines are rebooted while a build runs: it is built again, and promoted', async () => {
  const { revision, unit } = await site.slowCommit('Through reboots');
  await site.model.ssh(unit, 'systemctl reboot');
  await site.finishUntil('stable', revision);
  await site.model.ssh(site.master, 'systemctl reboot');
  await site.model.waitFor('the master is away', (status) => !settled(status, 'buildbot-master', 1));
  await site.active(2);
  await site.reaches('stable', await site.commit('After reboots'));
});

test('a worker that is added under load takes part', async () => {
  const { revision, unit } = await site.slowCommit('Add one');
  await site.model.addUnit('buildbot-worker');
  await site.active(3, 900);
  await site.finish(unit);
  await site.reaches('stable', revision);
  const [one = '', two = '', added = ''] = await site.workers();
  for (const other of [one, two]) await site.run(other, 'drain');
  const { revision: next, unit: builder } = await site.slowCommit('On the new one');
  assert.equal(builder, added);
  await site.finish(builder);
  await site.reaches('stable', next);
  for (const other of [one, two]) await site.run(other, 'undrain');
});

test('a worker that is removed finishes its build, and leaves nothing on its machine', async () => {
  const [leaving = '', ...others] = await site.workersFromWitness();
  for (const other of others) await site.run(other, 'drain');
  const { revision, unit } = await site.slowCommit('Remove one');
  assert.equal(unit, leaving);
  const builds = (await site.builds()).length;
  await site.model.removeUnit(leaving);
  await site.model.waitFor('it leaves', (status) => !says(status, leaving, 'active', /./));
  assert.equal((await site.builds())[0]?.complete, false, 'the build goes on');
  await site.finish(leaving);
  await site.reaches('stable', revision);
  await site.model.waitFor('it is gone', (status) => unitsIn(status, 'buildbot-worker').length === 2);
  assert.equal((await site.builds()).length, builds, 'it was built once');
  for (const other of others) await site.run(other, 'undrain');
  await site.active(2);
  const there = new Set(site.before);
  assert.deepEqual(
    (await site.traces()).filter((trace) => !there.has(trace)),
    [],
  );
});

test('the master is lost with its machine: a backup on a new unit goes on where it was', async () => {
  const { model } = site;
  const workers = (await site.workers()).length;
  await site.run(site.master, 'hold', { branch: 'stable', why: 'until the new master is there' });
  const before = await site.branch('stable');
  const revision = await site.commit('Green, and held');
  await site.built('Green, and held');
  const builds = await site.builds();
  const backup = await site.fetchBackup();
  const lost = unitsIn(await model.status(), 'buildbot-master')[0]?.[1].machine ?? '';
  // Nothing is promoted by what does not know yet that it is held.
  await model.config('buildbot-master', { promotion: 'off' });
  await site.active(workers);
  await model.ssh(site.master, 'systemctl poweroff --force --force').catch(() => {});
  await model.removeMachine(lost);
  for (const worker of await site.workers()) await shows(worker, 'waiting', /./);
  await model.addUnit('buildbot-master');
  const status = await model.waitFor('a new master', (now) => settled(now, 'buildbot-master', 1), 600);
  site.master = unitsIn(status, 'buildbot-master')[0]?.[0] ?? '';
  await site.restoreBackup(backup);
  await site.active(workers);
  assert.deepEqual(await site.builds(), builds, 'it knows its builds');
  await model.config('buildbot-master', { promotion: 'active' });
  await site.active(workers);
  await waitUntil('the branch to be held', async () => {
    const { results } = await model.run(site.master, 'explain', { branch: 'stable' });
    return /until the new master is there/.test(JSON.stringify(results));
  });
  assert.equal(await site.branch('stable'), before);
  await site.run(site.master, 'resume', { branch: 'stable' });
  await site.reaches('stable', revision);
  assert.equal((await site.builds()).length, builds.length, 'nothing was built again');
  await site.reaches('stable', await site.commit('On the new master'));
});

test('the master goes with everything that it had, and the workers say what they miss', async () => {
  await site.model.removeApplication('buildbot-master');
  await site.model.waitFor(
    'the master is gone',
    (status) => status.applications['buildbot-master'] === undefined,
  );
  const status = await site.model.waitFor('the workers wait', (now) =>
    unitsIn(now, 'buildbot-worker').every(([unit]) => says(now, unit, 'blocked', /integrate/)),
  );
  assert.equal(unitsIn(status, 'buildbot-worker').length, 2);
});
