/** Keys and passwords reach the remote and nothing else: no process list, no log, no page, no file of the service. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Credentials } from '../../../test/support/git-servers.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { filesWithSecrets, watchSecrets } from '../../../test/support/secret-watch.ts';
import { findSshd } from '../../../test/support/ssh-server.ts';

/** What an operator who looks for a mistake might have switched on. */
const talkative = {
  GIT_TRACE: '1',
  GIT_TRACE_CURL: '1',
  GIT_CURL_VERBOSE: '1',
  GIT_TRACE_PACKET: '1',
  NODE_DEBUG: 'http',
};

/** The file with what nobody else may know. */
function secretFile(credentials: Credentials): string {
  switch (credentials.kind) {
    case 'none':
      return '';
    case 'ssh':
      return credentials.keyFile;
    case 'https':
      return credentials.passwordFile;
    case 'github':
      return credentials.tokenFile;
  }
}

/** Everything that anybody can read of the service without being its user. */
async function everythingSaid(stage: PromotionStage): Promise<string> {
  const pages = ['healthz', 'api/state', 'api/status.txt', 'api/explain.txt?branch=stable', 'metrics'];
  const texts = await Promise.all(pages.map((page) => stage.get(page)));
  const audit = await readFile(stage.auditFile, 'utf8').catch(() => '');
  return [stage.log, audit, ...texts].join('\n');
}

const gitPush = /^git --git-dir \S+ push /;
const remoteHttps = /^(\S*\/)?git(-| )remote-https /;

for (const [transport, pusher, helper] of [
  ['ssh', gitPush, /^(\/\S+\/)?ssh /],
  ['https', gitPush, remoteHttps],
  // Branches are moved by the API; git fetches.
  ['github', /^git --git-dir \S+ fetch /, remoteHttps],
] as const) {
  const missing = transport === 'ssh' && (await findSshd()) === undefined;
  describe(`credentials for ${transport}`, {
    skip: missing && 'sshd is missing: install openssh-server',
  }, () => {
    test('show nowhere while branches are read, moved, merged and refused', async () => {
      await using stage = await PromotionStage.create({ transport });
      await stage.startListening({ env: talkative });
      const token = (await readFile(join(stage.state, 'token'), 'utf8')).trim();
      const secrets = [...stage.server.secrets, token];
      // So slow that no process is too short-lived to be seen.
      await stage.server.set({ kind: 'slow', milliseconds: 15 });

      const { sightings, processes } = await watchSecrets(secrets, async () => {
        const one = await stage.commit('master', 'One', 'success');
        await stage.arrives('stable', one);
        await stage.tells('the merge', ({ event }) => event === 'merged');
        await stage.remote.refusePushes('frozen');
        await stage.commit('master', 'Two', 'success');
        await stage.tells('the refusal', ({ event }) => event === 'refused');
        assert.equal((await stage.command('hold', 'stable', '--why', 'freeze')).code, 0);
        await stage.command('merge', 'db-stable', 'master');
        await stage.command('status');
      });

      assert.deepEqual(
        sightings.map(({ where, process, secret }) => ({ where, process, secret })),
        [],
      );
      assert.ok(
        processes.some((called) => pusher.test(called)),
        'the watch saw no git at work',
      );
      assert.ok(
        processes.some((called) => helper.test(called)),
        `the watch did not see git talk to the remote:\n${processes.join('\n')}`,
      );
      const said = await everythingSaid(stage);
      for (const secret of secrets) assert.equal(said.includes(secret), false);
      assert.deepEqual(await filesWithSecrets(stage.state, secrets, [join(stage.state, 'token')]), []);
    });

    test('that are wrong are complained of without being named', async () => {
      await using stage = await PromotionStage.create({ transport });
      const { credentials } = stage.server;
      const wrong = randomBytes(16).toString('hex');
      const file = secretFile(credentials);
      const right = await readFile(file);
      await writeFile(file, `${wrong}\n`);
      await stage.start({ env: talkative });
      await stage.commit('master', 'One', 'success');
      const { trouble } = await stage.says(
        'master',
        'stable',
        'in trouble',
        (pair) => pair.trouble !== undefined,
      );
      assert.match(
        trouble?.reason ?? '',
        /Authentication failed|Permission denied|error in libcrypto|invalid format|does not accept the credentials/,
      );
      assert.equal((await everythingSaid(stage)).includes(wrong), false);

      // Mended under the running service: it reads the file each time.
      await writeFile(file, right);
      await stage.says('master', 'stable', 'well', ({ trouble: still, verdict }) => {
        return still === undefined && verdict?.kind === 'up-to-date';
      });
    });
  });
}

test('a secret file that is missing is one clear sentence that names the file', async () => {
  await using stage = await PromotionStage.create({
    git: { 'https-password-file': '/nonexistent/password' },
  });
  const { code, text } = await stage.command('run');
  assert.equal(code, 2);
  assert.match(text, /https-password-file.*\/nonexistent\/password/);
  assert.doesNotMatch(text, /\n {4}at /);
});
