/** The formats that the doctor reads: each text is as the program or the kernel wrote it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdersIn, unfinishedIn, upgradesIn } from './observe-apt.ts';
import { establishedIn, refusalIn } from './observe-worker.ts';

test("apt's simulation names the upgrades", () => {
  const text = `Inst git [1:2.39.5-0+deb12u2] (1:2.39.5-0+deb12u3 Debian-Security:12/oldstable-security [amd64])
Inst lpbuildbot-worker [0.1.0] (0.2.0 lpbuildbot:stable [all])
Conf git (1:2.39.5-0+deb12u3 Debian-Security:12/oldstable-security [amd64])
`;
  assert.deepEqual(upgradesIn(text), ['git', 'lpbuildbot-worker']);
});

test('packages that dpkg has not finished are told, installed and removed ones are not', () => {
  assert.deepEqual(unfinishedIn('installed a\nhalf-configured b\nconfig-files c\nunpacked d\n'), ['b', 'd']);
});

test("the holder of a file's lock is found by the file's number", () => {
  const locks = `1: POSIX  ADVISORY  WRITE 8123 fe:00:263177 0 EOF
1: -> POSIX  ADVISORY  WRITE 9000 fe:00:263177 0 EOF
2: FLOCK  ADVISORY  WRITE 77 00:19:1034 0 EOF
`;
  assert.deepEqual(holdersIn(locks, 263177), [8123]);
  assert.deepEqual(holdersIn(locks, 1), []);
});

test('only an established connection to the port counts', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F4A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5001 1 0000000000000000 100 0 0 10 0
   1: 0A53C80A:B5D2 0153C80A:2705 01 00000000:00000000 02:000003E8 00000000   997        0 5002 2 0000000000000000 20 4 30 10 -1
   2: 0A53C80A:B5D4 0153C80A:2705 02 00000000:00000000 02:000003E8 00000000   997        0 5003 2 0000000000000000 20 4 30 10 -1
`;
  assert.deepEqual(establishedIn(table, 9989), ['5002']);
  assert.deepEqual(establishedIn(table, 80), []);
});

test('a refused login counts until the next connection', () => {
  const refused =
    '2026-11-23 07:00:00+0000 [Broker,client] unauthorized login; check worker name and password\n';
  const connected = '2026-11-23 07:00:01+0000 [Broker,client] Connected to buildmaster; worker is ready\n';
  assert.equal(refusalIn(connected + refused), 'login');
  assert.equal(refusalIn(refused + connected), 'no');
  assert.equal(refusalIn(''), 'no');
});
