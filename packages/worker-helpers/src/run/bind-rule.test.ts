import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindProblem, type Opened } from './bind-rule.ts';
import { type Caller, callerOf } from './identity.ts';

const base = '/var/lib/buildbot/slaves';
const build: Opened = { given: '.', path: `${base}/lp-focal/build`, kind: 'directory', uid: 998, gid: 997 };
const worker: Caller = { kind: 'on-behalf', uid: 998 };

const refused = (caller: Caller, changes: Partial<Opened>): string | undefined =>
  bindProblem(caller, base, { ...build, ...changes });

test("a build's directory may be bound, and whatever lies in it", () => {
  assert.equal(refused(worker, {}), undefined);
  assert.equal(refused(worker, { path: `${base}/lp-focal` }), undefined);
  assert.equal(refused(worker, { path: `${base}/lp-focal/build/src/.git` }), undefined);
});

test('whoever comes by way of sudo gets nothing else of this machine', () => {
  for (const path of [
    '/',
    '/etc',
    '/var/lib/buildbot',
    base,
    `${base}x/build`,
    `${base}/info`,
    `${base}/.ssh`,
  ]) {
    assert.match(refused(worker, { path }) ?? '', /not a directory of a build/, path);
  }
});

test('nor what belongs to another user, or the file with the password', () => {
  assert.match(refused(worker, { uid: 1000 }) ?? '', /another user/);
  assert.match(refused(worker, { path: `${base}/buildbot.tac`, kind: 'other' }) ?? '', /not a directory/);
});

test("root's files never go into a container, not even when root asks", () => {
  for (const caller of [worker, { kind: 'root' }] as const) {
    assert.match(refused(caller, { uid: 0 }) ?? '', /belongs to root/);
    assert.match(refused(caller, { gid: 0 }) ?? '', /belongs to root/);
  }
});

test('root may bind any other directory', () => {
  assert.equal(refused({ kind: 'root' }, { path: '/srv/anything', uid: 33, gid: 33 }), undefined);
});

test('what sudo says of who asks is trusted only as far as it can be read', () => {
  assert.deepEqual(callerOf(1000, undefined), { kind: 'user' });
  assert.deepEqual(callerOf(0, undefined), { kind: 'root' });
  assert.deepEqual(callerOf(0, '998'), { kind: 'on-behalf', uid: 998 });
  const unreadable = callerOf(0, '0x0');
  assert.match(bindProblem(unreadable, base, build) ?? '', /another user/);
});
