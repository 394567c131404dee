import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNosuid } from './nosuid.ts';

const line = (point: string, options: string): string =>
  `36 35 98:0 / ${point} ${options} shared:1 - ext4 /dev/vda rw,nosuid`;

const builds = '/var/lib/buildbot/slaves';

test('what counts is the mount that the directory is on, and not the one around it', () => {
  const table = [line('/', 'rw,relatime'), line(builds, 'rw,nosuid,nodev')].join('\n');
  assert.equal(isNosuid(table, `${builds}/devel/build`), true);
  assert.equal(isNosuid(table, builds), true);
  assert.equal(isNosuid(table, '/var/lib/buildbot'), false);
  assert.equal(isNosuid(table, `${builds}-of-others`), false);
  const inside = [table, line(`${builds}/devel`, 'rw')].join('\n');
  assert.equal(isNosuid(inside, `${builds}/devel/build`), false);
});

test('the order of the table says what is on top only where two are mounted at one point', () => {
  const twice = [line('/', 'rw'), line(builds, 'rw,nosuid'), line(builds, 'rw')].join('\n');
  assert.equal(isNosuid(twice, builds), false);
  const later = [line(builds, 'rw,nosuid'), line('/', 'rw')].join('\n');
  assert.equal(isNosuid(later, builds), true);
});

test('a file system without nosuid of its own, mounted so, is; one with it that is mounted without is not', () => {
  assert.equal(isNosuid(line('/', 'rw,nosuid'), '/srv'), true);
  assert.equal(isNosuid(line('/', 'rw'), '/srv'), false);
});

test('spaces in paths are octal, and a table that says nothing promises nothing', () => {
  assert.equal(isNosuid(line('/srv/a\\040b', 'nosuid,rw'), '/srv/a b/build'), true);
  assert.equal(isNosuid('', '/srv'), false);
});
