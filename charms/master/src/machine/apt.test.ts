import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptTrouble } from './apt.ts';

test('a lock that another process holds is told with its name', () => {
  const frontend =
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)\n' +
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n';
  assert.deepEqual(aptTrouble(frontend), { kind: 'locked', holder: 'unattended-upgr' });
  const lists =
    'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 12 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/\n';
  assert.deepEqual(aptTrouble(lists), { kind: 'locked', holder: 'apt-get' });
  const nameless = 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7\n';
  assert.deepEqual(aptTrouble(nameless), { kind: 'locked', holder: 'process 7' });
  const unknown =
    'E: Could not get lock /var/cache/apt/archives/lock - open (11: Resource temporarily unavailable)\n';
  assert.deepEqual(aptTrouble(unknown), { kind: 'locked', holder: 'another program' });
});

test('a dpkg that was killed is to be finished first', () => {
  const output =
    "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. \n";
  assert.deepEqual(aptTrouble(output), { kind: 'interrupted' });
});

test('what waiting does not mend is a failure', () => {
  assert.deepEqual(aptTrouble('E: Unable to locate package git\n'), { kind: 'failed' });
});
