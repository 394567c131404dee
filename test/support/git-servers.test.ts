import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Fault } from './fault-proxy.ts';
import type { BareRepository } from './git-repository.ts';
import { type Credentials, type GitServer, serveGit, transports } from './git-servers.ts';
import { GitWorld } from './git-world.ts';
import { Child } from './processes.ts';
import { findSshd } from './ssh-server.ts';
import { waitUntil } from './wait.ts';

/** What a plain git needs to get in. */
function clientEnv(credentials: Credentials): Record<string, string> {
  if (credentials.kind === 'none') return {};
  if (credentials.kind === 'ssh') {
    const options = [
      '-F none -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes',
      `-o UserKnownHostsFile=${credentials.knownHostsFile} -i ${credentials.keyFile}`,
    ];
    return { GIT_SSH_COMMAND: `ssh ${options.join(' ')}` };
  }
  const [username, file] =
    credentials.kind === 'github'
      ? ['x-access-token', credentials.tokenFile]
      : [credentials.username, credentials.passwordFile];
  const helper = `!f() { echo username=${username}; echo password=$(cat ${file}); }; f`;
  return {
    GIT_SSL_CAINFO: credentials.caFile,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: helper,
  };
}

interface Stage {
  readonly world: GitWorld;
  readonly server: GitServer;
  readonly remote: BareRepository;
  readonly mine: BareRepository;
  readonly env: Record<string, string>;
}

async function onStage(
  transport: (typeof transports)[number],
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  await using world = await GitWorld.create();
  const remote = await world.repository('launchpad');
  await remote.commit('master', 'Begin');
  await using server = await serveGit(world, transport);
  const env = clientEnv(server.credentials);
  const mine = await world.clone(remote, 'mine', { url: server.url(remote), env });
  await play({ world, server, remote, mine, env });
}

for (const transport of transports) {
  const missing = transport === 'ssh' && (await findSshd()) === undefined;
  describe(`git over ${transport}`, { skip: missing && 'sshd is missing: install openssh-server' }, () => {
    test('clones, pushes a large pack, and fetches', async () => {
      await onStage(transport, async ({ remote, mine, env }) => {
        const text = 'A line of some length that differs from all others\n';
        const noise = Array.from({ length: 20_000 }, (_, n) => `${n * 7919} ${text}`).join('');
        const pushed = await mine.commit('master', { message: 'Large', files: { 'large.txt': noise } });
        await mine.git(['push', '-q', 'origin', 'master'], { env });
        assert.equal(await remote.tip('master'), pushed);
        const theirs = await remote.commit('db-devel', 'Theirs');
        await mine.git(['fetch', '-q', 'origin'], { env });
        assert.equal(await mine.git(['rev-parse', 'refs/remotes/origin/db-devel']), theirs);
      });
    });

    test('is down, and hangs, and answers again', async () => {
      await onStage(transport, async ({ server, remote, mine, env }) => {
        const look = (): Promise<string> =>
          mine.git(['ls-remote', '-q', 'origin', 'refs/heads/master'], { env });
        await server.set({ kind: 'down' });
        await assert.rejects(look());
        await server.set({ kind: 'hanging' });
        const connected = server.proxy?.connections.total ?? 0;
        await using hung = await Child.start('git', ['ls-remote', server.url(remote)], {
          env: { ...mine.world.env(), ...env },
        });
        if (server.proxy === undefined) await setTimeout(300);
        await waitUntil('the connection', () => connected < (server.proxy?.connections.total ?? 1));
        assert.equal(hung.output, '');
        await server.set({ kind: 'none' });
        assert.match(await look(), /refs\/heads\/master/);
        assert.equal(hung.output.includes('refs/heads/master'), false);
      });
    });

    if (transport !== 'path') {
      const faults: readonly Fault[] = [
        { kind: 'cut', afterBytes: 10 },
        { kind: 'cut', afterBytes: 1_000 },
      ];
      test('is cut in the middle of an answer, and is slow', async () => {
        await onStage(transport, async ({ server, mine, env }) => {
          const look = (): Promise<string> => mine.git(['ls-remote', '-q', 'origin'], { env });
          for (const fault of faults.slice(0, transport === 'ssh' ? 2 : 1)) {
            await server.set(fault);
            await assert.rejects(look());
          }
          await server.set({ kind: 'slow', milliseconds: 50 });
          assert.match(await look(), /refs\/heads\/master/);
        });
      });

      test('lets nobody in without the credentials', async () => {
        await onStage(transport, async ({ server, remote, mine }) => {
          const stranger: Record<string, string> =
            transport === 'ssh'
              ? { GIT_SSH_COMMAND: 'ssh -F none -o BatchMode=yes -o IdentityAgent=none -i /nonexistent' }
              : { GIT_SSL_NO_VERIFY: '1' };
          const look = mine.git(['ls-remote', server.url(remote)], { env: stranger });
          await assert.rejects(
            look,
            /Host key verification failed|Permission denied|could not read Username/,
          );
          const untrusting = mine.git(['ls-remote', server.url(remote)]);
          await assert.rejects(untrusting, /Host key verification failed|certificate/);
        });
      });

      test('its secrets are those of its credential files', async () => {
        await onStage(transport, async ({ server: { credentials, secrets } }) => {
          assert.ok(secrets.length > 0);
          if (credentials.kind === 'https') {
            assert.equal((await readFile(credentials.passwordFile, 'utf8')).trim(), secrets[0]);
          }
          if (credentials.kind === 'github') {
            assert.equal((await readFile(credentials.tokenFile, 'utf8')).trim(), secrets[0]);
          }
          if (credentials.kind === 'ssh') {
            const key = await readFile(credentials.keyFile, 'utf8');
            assert.ok(secrets.every((secret) => key.includes(secret)));
          }
        });
      });
    }
  });
}
