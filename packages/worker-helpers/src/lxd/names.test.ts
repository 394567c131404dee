import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSpareOf, kindOf, newInstanceName, newSpareName, preparedName } from './names.ts';

const ids = { uid: 998, gid: 997 };
const prepared = preparedName('0123456789abcdef', { way: 'raw.idmap', ids });

const kind = (name: string, value: string): string | undefined =>
  kindOf({ name, config: { 'user.lpbuildbot.kind': value } });

test('an instance is ours when its name and its key say the same', () => {
  assert.equal(kind(newInstanceName('build'), 'build'), 'build');
  assert.equal(kind(prepared, 'prepared'), 'prepared');
  assert.equal(kind('lpbuildbot-run-10-7-0-9-ab', 'run'), 'run');
  assert.equal(kind(prepared, 'run'), undefined);
  assert.equal(kind('web', 'run'), undefined);
});

test('a spare one counts as prepared, and as a run once it has become one', () => {
  assert.equal(kind(newSpareName(prepared), 'prepared'), 'prepared');
  assert.equal(kind(newSpareName(prepared), 'run'), 'run');
});

test("a spare one is not taken for that of another owner's files", () => {
  assert.ok(isSpareOf(prepared, newSpareName(prepared)));
  assert.ok(!isSpareOf(preparedName('0123456789abcdef'), newSpareName(prepared)));
  const shifted = preparedName('0123456789abcdef', { way: 'shift', ids });
  assert.ok(!isSpareOf(prepared, newSpareName(shifted)) && !isSpareOf(shifted, newSpareName(prepared)));
  assert.equal(kind(newSpareName(shifted), 'run'), 'run');
  assert.ok(!isSpareOf(prepared, prepared));
});
