/** Master and workers as children: how they start, why they do not, and that none is left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { startMaster } from '../src/index.ts';
import { createWorld, processesIn, type World } from './world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }]));
});
after(() => world.destroy());

for (const port of ['web', 'workers'] as const) {
  test(`a port in use gives one sentence (${port})`, async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(world.ports[port], '127.0.0.1', done));
    try {
      const outcome = await startMaster({ python: world.python, directory: world.masterDirectory });
      assert.deepEqual(outcome, {
        kind: 'failed',
        reason: `port 127.0.0.1:${world.ports[port]} is in use by another program: end that one, or choose another port`,
      });
    } finally {
      await new Promise((done) => server.close(done));
    }
    assert.deepEqual(await processesIn(world.masterDirectory), []);
  });
}

test('a worker that meets a master which is just ending tries again', async () => {
  const script = fileURLToPath(new URL('broken-master.py', import.meta.url));
  const broken = execa(world.python, [script, String(world.ports.workers)], { reject: false });
  let logins = '';
  broken.stdout.on('data', (data) => {
    logins += data;
  });
  const worker = await world.work();
  await world.until('a second login', async () => logins.match(/a login/g)?.length === 2);
  broken.kill();
  await broken;
  await world.start();
  const revision = await world.git('rev-parse', 'HEAD');
  assert.equal((await world.built('devel', revision)).result, 'green');
  await worker.stop('now');
});

test('a second master in the same directory is refused before it touches anything', async () => {
  const outcome = await startMaster({ python: world.python, directory: world.masterDirectory });
  assert.deepEqual(outcome, {
    kind: 'failed',
    reason: `another process already runs in ${world.masterDirectory}`,
  });
});

test('a worker that is told to stop finishes its build first', async () => {
  const gate = join(world.directory, 'gate');
  const revision = await world.commit('master', 'slow', `until test -e ${gate}; do sleep 0.05; done`);
  const worker = await world.work();
  await world.until('it builds', async () =>
    (await world.builds('devel')).some((build) => build.result === 'running'),
  );
  const stopped = worker.stop('after-builds');
  await world.until('it takes no more builds', async () => {
    const schema = z.object({ workers: z.array(z.object({ name: z.string(), graceful: z.boolean() })) });
    const { workers } = schema.parse(await world.api('workers'));
    return workers.some((each) => each.name === 'one' && each.graceful);
  });
  await writeFile(gate, '');
  assert.deepEqual(await stopped, { code: 0, signal: null });
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('a build that a stopped worker leaves is built again, and nothing of it goes on running', async () => {
  const mark = join(world.directory, 'endless');
  const worker = await world.work();
  await world.commit(
    'master',
    'endless',
    `test -e ${mark}.once && exit 0; touch ${mark}.once; sh -c 'sleep 1000 # ${mark}'; exit 1`,
  );
  await world.until('it runs', async () => (await processesIn(mark)).length > 0);
  await worker.stop('now');
  await world.until('its processes are gone', async () => (await processesIn(mark)).length === 0);
  await world.work();
  const revision = await world.git('rev-parse', 'HEAD');
  await world.until('it is built again', async () =>
    (await world.builds('devel')).some((build) => build.revision === revision && build.result === 'green'),
  );
});

test("with a certificate the workers' port speaks TLS", async () => {
  const [keyFile, certificateFile] = [
    join(world.directory, 'key.pem'),
    join(world.directory, 'certificate.pem'),
  ];
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=master', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certificateFile],
  ]);
  const site = { ...world.site, workersTls: { keyFile, certificateFile } };
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }], { site }));
  await world.restart('now');
  const socket = connect({
    host: '127.0.0.1',
    port: world.ports.workers,
    ca: await readFile(certificateFile),
  });
  try {
    await once(socket, 'secureConnect');
    assert.equal(socket.authorized, true);
    assert.match(socket.getProtocol() ?? '', /^TLSv1\.[23]$/);
  } finally {
    socket.destroy();
  }
});

test('whoever is killed, master, worker and their builds go with it', async () => {
  const home = await createWorld();
  try {
    await home.configure(home.configuration([{ name: 'devel', branch: 'master' }]));
    const mark = join(home.directory, 'forever');
    await home.commit('master', 'forever', `sh -c 'sleep 1000 # ${mark}'; true`);
    const parent = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.resolve('./parent.ts'))],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          WORLD: JSON.stringify({
            python: home.python,
            master: home.masterDirectory,
            worker: join(home.directory, 'worker-one'),
            port: home.ports.workers,
          }),
        },
      },
    );
    await home.until('the build runs', async () => (await processesIn(mark)).length > 0);
    parent.kill('SIGKILL');
    await home.until('all are gone', async () => (await processesIn(home.directory)).length === 0);
  } finally {
    await home.destroy();
  }
});
