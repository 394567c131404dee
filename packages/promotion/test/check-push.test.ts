/** `check-push`: the service's way to each kind of remote, tried to its end, without moving anything. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { type Credentials, transports } from '../../../test/support/git-servers.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { findSshd } from '../../../test/support/ssh-server.ts';

const targets = ['stable', 'db-devel', 'db-stable', 'master'];

function secretFile(credentials: Credentials): string | undefined {
  switch (credentials.kind) {
    case 'none':
      return undefined;
    case 'ssh':
      return credentials.keyFile;
    case 'https':
      return credentials.passwordFile;
    case 'github':
      return credentials.tokenFile;
  }
}

for (const transport of transports) {
  const missing = transport === 'ssh' && (await findSshd()) === undefined;
  describe(`check-push over ${transport}`, {
    skip: missing && 'sshd is missing: install openssh-server',
  }, () => {
    test('says of every branch that is moved that it may be, and moves none', async () => {
      await using stage = await PromotionStage.create({ transport });
      const before = await stage.remote.branches();
      const { code, text } = await stage.command('check-push');
      assert.equal(code, 0, text);
      const said = text.split('\n').map((line) => line.split(':')[0]);
      for (const target of targets) assert.ok(said.includes(target), text);
      assert.deepEqual(await stage.remote.branches(), before);
    });

    test('says why a branch cannot be pushed', async () => {
      await using stage = await PromotionStage.create({ transport });
      const file = secretFile(stage.server.credentials);
      if (file === undefined) await stage.server.set({ kind: 'down' });
      else await writeFile(file, 'wrong\n');
      const { code, text } = await stage.command('check-push');
      assert.equal(code, 1, text);
      assert.match(
        text,
        /Authentication failed|Permission denied|error in libcrypto|invalid format|does not accept the credentials|does not appear to be a git repository/,
      );
    });
  });
}

test('works beside the running service', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  assert.equal((await stage.command('check-push')).code, 0);
  const revision = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', revision);
});

test('a stable branch that is still to be made is tried by the one it is made from', async () => {
  await using stage = await PromotionStage.create();
  await stage.remote.deleteBranch('stable');
  const { code, text } = await stage.command('check-push');
  assert.equal(code, 0, text);
  assert.match(text, /^stable: may be pushed/m);
  assert.equal(await stage.remote.tip('stable'), undefined);
});

test('nothing is tried in shadow mode', async () => {
  await using stage = await PromotionStage.create({ mode: 'shadow' });
  const { code, text } = await stage.command('check-push');
  assert.deepEqual([code, text], [0, 'shadow mode: nothing is ever pushed.']);
});
