/** lpbuildbot-run with an image in which builds can become root: what root leaves in the build's directory must not be in anybody's way. */
import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { OWNER, RunWorld } from './run-world.ts';

const WITH_SUDO = 'trial-sudo';
const recipe = `,
  packages: [sudo],
  commands: ["echo 'ALL ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/all"] `;

let world: RunWorld;

before(async () => {
  world = await RunWorld.open();
  await world.ensureImage(WITH_SUDO, recipe);
});
after(() => world[Symbol.asyncDispose]());

const sh = async (script: string) =>
  await world.command(
    'lpbuildbot-run',
    '--image',
    WITH_SUDO,
    '--bind',
    world.bound,
    '--',
    'sh',
    '-c',
    script,
  );

it("gives what root has made to the directory's owner, and keeps the command's exit code", async () => {
  await mkdir(join(world.bound, '.git'));
  // Root's of this machine, whose it stays.
  await writeFile(join(world.bound, 'ours'), '');
  const script = [
    'sudo mkdir -p deep/er',
    'sudo touch deep/er/file "a name"',
    'sudo chmod 700 deep/er',
    'sudo ln -s /etc/passwd link',
    'sudo chgrp root .',
    'stat -c %U deep/er/file link 2>/dev/null || sudo stat -c %U deep/er/file',
    'exit 3',
  ].join('; ');
  const { code, out, err } = await sh(script);
  assert.equal(code, 3, err);
  assert.match(out, /^root$/m);
  const made = await readdir(world.bound, { recursive: true });
  assert.deepEqual(made.toSorted(), ['.git', 'a name', 'deep', 'deep/er', 'deep/er/file', 'link', 'ours']);
  for (const name of ['.', ...made]) {
    const { uid, gid } = await lstat(join(world.bound, name));
    const owner = name === 'ours' || name === '.git' ? 0 : OWNER;
    assert.deepEqual([name, uid, gid], [name, owner, owner]);
  }
  assert.doesNotMatch(err, /still root's/);
});

it("finds root's own files there again, as its own", async () => {
  const { code, err } = await sh('test -O deep/er/file && rm -r deep link "a name"');
  assert.equal(code, 0, err);
});
