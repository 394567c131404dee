import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newestRelease, withRelease } from './pack-changelog.ts';

const changelog = readFileSync(join(import.meta.dirname, '../../debian/changelog'), 'utf8');

test("the newest release is read from the project's own changelog", () => {
  const release = newestRelease(changelog);
  assert.match(release?.version ?? '', /^\d+\.\d+\.\d+$/);
  assert.match(release?.date ?? '', /^\d{4}-\d\d-\d\d$/);
});

test('a release on top is the newest, and the old ones stay', () => {
  const longer = withRelease(changelog, '9.9.9');
  assert.deepEqual(newestRelease(longer), { version: '9.9.9', date: newestRelease(changelog)?.date });
  assert.ok(longer.endsWith(changelog));
});

test('what is no changelog has no release', () => {
  assert.equal(newestRelease('lpbuildbot-worker (1.0) unstable\n\n  * no end\n'), undefined);
});
