import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirementsOf } from './pack-charm-wheels.ts';

const lock = `# Made from requirements.in.
alembic==1.20.1 \\
    --hash=sha256:99
greenlet==3.2.0 ; platform_machine == "x86_64" \\
    --hash=sha256:11 \\
    --hash=sha256:22
zope-interface==8.0
`;

test('a machine gets the packages for it, without the marker, with their hashes', () => {
  assert.equal(
    requirementsOf(lock, 'x86_64').replaceAll(/ +/g, ' '),
    `alembic==1.20.1 \\
 --hash=sha256:99
greenlet==3.2.0 \\
 --hash=sha256:11 \\
 --hash=sha256:22
zope-interface==8.0
`,
  );
  assert.doesNotMatch(requirementsOf(lock, 'aarch64'), /greenlet/);
});

test("the project's own lock keeps every package of a machine, and every hash of it", () => {
  const lockFile = join(import.meta.dirname, '../../packages/buildbot/python/requirements.txt');
  const whole = readFileSync(lockFile, 'utf8').replaceAll(/^#.*\n/gm, '');
  const entries = whole.split(/\n(?=\S)/).filter((entry) => !/ ; (?!.*x86_64)/.test(entry));
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => /==|--hash/.test(word));
  const wanted = entries.flatMap((entry) => words(entry.replace(/ ; [^\\\n]*/, '')));
  assert.ok(wanted.length > 60);
  assert.deepEqual(words(requirementsOf(whole, 'x86_64')), wanted);
});
