/** The file of logins. That Buildbot takes what is written here is in test/web.test.ts and python/tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogins, hashPassword } from './logins.ts';

test('a stored password does not show it, and the same one is stored differently each time', async () => {
  const [one, two] = await Promise.all([hashPassword('open sesame'), hashPassword('open sesame')]);
  assert.match(one, /^scrypt\$16384\$8\$1\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(one, two);
});

test('one login a line, and no name that would break the line', () => {
  const logins = new Map([
    ['ann', 'hash-a'],
    ['ben@example.com', 'hash-b'],
  ]);
  assert.equal(formatLogins(logins), 'ann:hash-a\nben@example.com:hash-b\n');
  for (const name of ['', 'a:b', 'a\nroot', 'a\u007f']) {
    assert.throws(() => formatLogins(new Map([[name, 'x']])), RangeError);
  }
});
