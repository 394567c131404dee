/**
 * The hook that is given for git servers, in a real bare repository: it starts the build, never fails or holds up a push, and
 * shows its secret to nobody. It is set up as docs/how-to/change-events.md says. The master polls once an hour, so that what is built is built because of the hook.
 */
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { z } from 'zod';
import { watchSecrets } from '../../../test/support/secret-watch.ts';
import { createWorld, freePort, pipelineOf, type World } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const HOOK = join(ROOT, 'packages/buildbot/hooks/post-receive');
const SECRET = `post-receive ${randomBytes(24).toString('base64url')}`;

let world: World;
let secretFile: string;
before(async () => {
  world = await createWorld();
  secretFile = join(world.directory, 'secret');
  await writeFile(secretFile, `${SECRET}\n`, { mode: 0o600 });
  await setUp();
  const builders = [{ name: 'devel', branch: 'master' }];
  await world.configure(
    world.configuration([], {
      pipeline: { format: 1, projects: [pipelineOf(world.repository, builders, { pollSeconds: 3600 })] },
      site: { ...world.site, webhookSecretFile: secretFile },
    }),
  );
  await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(() => world.destroy());

/** What the how-to has an operator do on the git server, with the places of this world. */
async function setUp(): Promise<void> {
  const page = await readFile(join(ROOT, 'docs/how-to/change-events.md'), 'utf8');
  const [, commands = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const places: Readonly<Record<string, string>> = {
    '-g git webhook-secret': secretFile,
    '/etc/git/lpbuildbot-secret': join(world.directory, 'secret-of-the-server'),
    '/srv/git/launchpad.git': world.repository,
    'https://buildbot.example.com/': world.site.url,
    'https://git.example.com/launchpad': `file://${world.repository}`,
  };
  const here = Object.entries(places).reduce((text, [theirs, ours]) => {
    assert.ok(text.includes(theirs), theirs);
    return text.replaceAll(theirs, ours);
  }, commands);
  await execa('sh', ['-e', '-c', here], { cwd: ROOT });
}

/** Configures the repository anew. */
async function configured(settings: Readonly<Record<string, string>>): Promise<void> {
  await execa('git', ['-C', world.repository, 'config', '--remove-section', 'lpbuildbot'], { reject: false });
  for (const [key, value] of Object.entries(settings)) {
    await execa('git', ['-C', world.repository, 'config', `lpbuildbot.${key}`, value]);
  }
}

const good = () => ({ url: world.site.url, secretFile });

/** Pushes a new commit, and gives it with what the one who pushes reads of the hook. */
async function push(ref = 'refs/heads/master'): Promise<{ revision: string; told: string[] }> {
  await world.git('commit', '--quiet', '--allow-empty', '--message=a push');
  const revision = await world.git('rev-parse', 'HEAD');
  const { stderr } = await execa('git', ['-C', world.clone, 'push', 'origin', `HEAD:${ref}`]);
  const lines = stderr.split('\n').flatMap((line) => /^remote: (.*\S)/.exec(line)?.[1] ?? []);
  return { revision, told: lines };
}

test('a push to a git server is built at once, and the one who pushes is told nothing', async () => {
  for (let round = 0; round < 2; round++) {
    const { revision, told } = await push();
    assert.deepEqual(told, []);
    assert.equal((await world.built('devel', revision)).result, 'green');
  }
});

test('a repository that the pipeline file calls otherwise is named in the settings', async () => {
  await configured({ ...good(), repository: 'https://git.example.com/other' });
  assert.deepEqual((await push()).told, [
    `lpbuildbot: ${world.site.url} answered 404 (no pipeline of this master has this repository); the next poll finds this push`,
  ]);
  await configured({ ...good(), repository: `file://${world.repository}` });
  const { revision, told } = await push();
  assert.deepEqual(told, []);
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('no process has the secret in its arguments or its environment', async () => {
  await configured(good());
  const hex = Buffer.from(SECRET).toString('hex');
  const forms = [SECRET, hex, hex.replace(/../g, ' $&').trim(), Buffer.from(SECRET).toString('base64')];
  const { sightings, processes } = await watchSecrets(forms, async () => {
    // Each program lives for a moment only, and the watch looks now and then.
    for (let pushes = 0; pushes < 10; pushes++) await push();
  });
  assert.deepEqual(sightings, []);
  for (const program of ['openssl', 'curl']) {
    assert.ok(
      processes.some((line) => line.startsWith(program)),
      program,
    );
  }
});

test('whatever is wrong is told in one line, and the push succeeds', async () => {
  const missing = join(world.directory, 'missing');
  const empty = join(world.directory, 'empty');
  const wrong = join(world.directory, 'wrong');
  await writeFile(empty, '\n');
  await writeFile(wrong, 'another secret\n');
  const port = await freePort();
  const hanging = createTcpServer(() => {});
  await new Promise<void>((done) => hanging.listen(port, '127.0.0.1', done));
  try {
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ ...good(), url: `http://127.0.0.1:${await freePort()}` }, /cannot be reached \(\(7\) /],
      [{ ...good(), url: `http://127.0.0.1:${port}` }, /cannot be reached \(\(28\) .*timed out/],
      [{ ...good(), url: 'file:///etc' }, /cannot be reached \(\(1\) /],
      [{ url: world.site.url }, /the secret cannot be read \(git config lpbuildbot\.secretFile\)/],
      [{ ...good(), secretFile: missing }, /the secret cannot be read/],
      [{ ...good(), secretFile: empty }, /there is no secret in /],
      [{ ...good(), secretFile: wrong }, /answered 403 \(not signed with the secret of this master\)/],
    ];
    for (const [settings, expected] of cases) {
      await configured(settings);
      const { revision, told } = await push();
      assert.equal(told.length, 1, told.join('\n'));
      assert.match(told[0] ?? '', /^lpbuildbot: .*; the next poll finds this push$/);
      assert.match(told[0] ?? '', expected);
      assert.equal((await world.git('ls-remote', 'origin', 'master')).slice(0, 40), revision);
    }
  } finally {
    hanging.close();
  }
});

test('without settings it does nothing, and tags are nobody’s business', async () => {
  await configured({});
  assert.deepEqual((await push()).told, []);
  await configured({ ...good(), url: `http://127.0.0.1:${await freePort()}` });
  assert.deepEqual((await push('refs/tags/v1')).told, []);
});

test('without a program that it needs, or a shell that keeps secrets, it says so', async () => {
  await configured(good());
  const few = join(world.directory, 'few');
  await mkdir(few);
  for (const program of ['git', 'openssl']) {
    await symlink(await pathOf(program), join(few, program));
  }
  assert.match(await run(await pathOf('sh'), { PATH: few }), /^lpbuildbot: curl is missing; /);
  const file = join(world.directory, 'no-printf');
  await writeFile(file, 'enable -n printf\n');
  assert.match(
    await run('bash', { BASH_ENV: file }),
    /^lpbuildbot: this shell cannot keep a secret; use dash, bash or busybox; /,
  );
});

test('the signature is HMAC-SHA256 for secrets of every length, in every shell', async () => {
  const calls: { headers: Record<string, unknown>; body: string }[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    calls.push({ headers: request.headers, body });
    response.writeHead(202).end('looks now\n');
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const repository = 'https://git.example.com/ä "quoted" \\ $(id) %s';
  try {
    const file = join(world.directory, 'any-secret');
    await configured({ url: `http://127.0.0.1:${port}/`, secretFile: file, repository });
    for (const length of [1, 16, 63, 64, 65, 200]) {
      // Every byte that a line may have, so that some are 0 after the exclusive or.
      const secret = Buffer.from(Array.from({ length }, (_, index) => 0x21 + ((index * 7 + length) % 0xde)));
      await writeFile(file, Buffer.concat([Buffer.from('\n  '), secret, Buffer.from('\r\nthe next one\n')]));
      for (const shell of ['sh', 'bash']) {
        assert.equal(await run(shell, {}), '');
        const call = calls.pop();
        const { headers } = z
          .object({
            headers: z.object({
              'x-lpbuildbot-timestamp': z.string(),
              'x-lpbuildbot-nonce': z.string(),
              'x-lpbuildbot-signature-256': z.string(),
            }),
          })
          .parse(call);
        const { 'x-lpbuildbot-timestamp': timestamp, 'x-lpbuildbot-nonce': nonce } = headers;
        assert.equal(call?.body, repository);
        assert.equal(
          headers['x-lpbuildbot-signature-256'],
          `sha256=${createHmac('sha256', secret).update(`${timestamp}.${nonce}.${repository}`).digest('hex')}`,
          `${length} bytes in ${shell}`,
        );
      }
    }
  } finally {
    server.close();
  }
});

async function pathOf(program: string): Promise<string> {
  return (await execa('sh', ['-c', `command -v ${program}`])).stdout;
}

/** Runs the hook in another shell as git does, and gives what it says. */
async function run(shell: string, env: Readonly<Record<string, string>>): Promise<string> {
  const refs = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/master\n`;
  const ran = await execa(shell, [HOOK], {
    cwd: world.repository,
    env: { GIT_DIR: '.', ...env },
    input: refs,
  });
  return ran.stderr;
}
