/** A bad configuration never replaces a good one, and a good one is what the running master does. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { z } from 'zod';
import { configureMaster, startMaster } from '../src/index.ts';
import { type Build, createWorld, freePort, pipelineOf, type World, worker } from './world.ts';

/** buildbot/process/results.py. */
const CANCELLED = 6;

let world: World;
before(async () => {
  world = await createWorld();
});
after(() => world.destroy());

async function builderNames(): Promise<string[]> {
  const schema = z.object({
    builders: z.array(z.object({ name: z.string(), masterids: z.array(z.number()) })),
  });
  const { builders } = schema.parse(await world.api('builders'));
  return builders
    .filter((builder) => builder.masterids.length > 0 && !builder.name.startsWith('_'))
    .map((builder) => builder.name)
    .sort();
}

async function workerNames(): Promise<string[]> {
  const schema = z.object({
    workers: z.array(z.object({ name: z.string(), configured_on: z.array(z.unknown()) })),
  });
  const { workers } = schema.parse(await world.api('workers'));
  return workers
    .filter((each) => each.configured_on.length > 0 && !each.name.startsWith('_'))
    .map((each) => each.name)
    .sort();
}

async function refusal(configuration: Parameters<typeof configureMaster>[0]): Promise<string> {
  const outcome = await configureMaster(configuration);
  return outcome.kind === 'refused' ? outcome.reason : `was ${outcome.kind}`;
}

test('every mistake is named in one report, and nothing is put in place', async () => {
  const good = world.configuration([{ name: 'devel', branch: 'master' }]);
  const reason = await refusal({
    ...good,
    pipeline: {
      format: 1,
      projects: [
        {
          ...pipelineOf('/tmp/x', [{ name: 'a', branch: 'master' }]),
          testfix: 'yes',
          pollSeconds: -1,
          more: 1,
        },
      ],
    },
    site: { ...world.site, web: { host: '', port: 70000 }, logRetentionDays: 0.5 },
    workers: [{ ...worker('one'), capacity: 0 }],
  });
  assert.equal(
    reason,
    'Buildbot refuses the configuration: ' +
      [
        'pipeline.json.projects[0].pollSeconds: expected a number from 0.01 to 604800, found -1',
        'pipeline.json.projects[0].testfix: expected true or false, found a str',
        'pipeline.json.projects[0].more: unknown field',
        'site.json.web.host: expected a text that is not empty, found a str',
        'site.json.web.port: expected a number from 1 to 65535, found 70000',
        'site.json.logRetentionDays: expected a number from 1 to 36500, found 0.5',
        'workers.json.workers[0].capacity: expected a number from 1 to 1000, found 0',
      ].join('; '),
  );
  assert.match(
    await refusal({ ...good, pipeline: { format: 2, projects: 'of another age' } }),
    /this master reads format 1 alone$/,
  );
  assert.deepEqual(await readdir(world.masterDirectory), ['buildbot.tac']);
});

test('a master that was never configured says so', async () => {
  assert.deepEqual(await startMaster({ python: world.python, directory: world.masterDirectory }), {
    kind: 'failed',
    reason: `${world.masterDirectory} holds no configured master`,
  });
});

test("what Buildbot itself refuses is told in Buildbot's words", async () => {
  const twice = [
    { name: 'devel', branch: 'master' },
    { name: 'devel', branch: 'master' },
  ];
  assert.match(await refusal(world.configuration(twice)), /duplicate builder name 'devel'/);
});

test('a running master takes a good configuration, and does not notice a bad one', async () => {
  const first = world.configuration([{ name: 'devel', branch: 'master' }]);
  assert.deepEqual(await world.configure(first), { kind: 'applied', restart: 'not-needed' });
  const master = await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));

  const second = world.configuration(
    [
      { name: 'devel', branch: 'master' },
      { name: 'nightly', branch: 'master' },
    ],
    { running: master.pid },
  );
  assert.deepEqual(await configureMaster(second), { kind: 'applied', restart: 'not-needed' });
  assert.deepEqual(await builderNames(), ['devel', 'nightly']);
  assert.deepEqual(await configureMaster(second), { kind: 'unchanged' });

  const place = await readlink(join(world.masterDirectory, 'config'));
  const bad = { ...second, pipeline: { format: 1, projects: [{}] } };
  assert.match(await refusal(bad), /projects\[0\]\.name: expected a text that is not empty, found nothing/);
  assert.equal(await readlink(join(world.masterDirectory, 'config')), place);
  assert.deepEqual(await builderNames(), ['devel', 'nightly']);
  const next = await world.commit('master', 'life goes on');
  assert.equal((await world.built('nightly', next)).result, 'green');
});

test('what only the running master can find wrong is taken back', async () => {
  const { pid } = await world.restart('now');
  await world.built('devel', await world.commit('master', 'the worker is back'));
  assert.match(
    await refusalByRunning(pid),
    /^the running master did not take the configuration and keeps its own: .*Address already in use/,
  );
  assert.deepEqual(await builderNames(), ['devel', 'nightly']);
  const next = await world.commit('master', 'still here');
  assert.equal((await world.built('devel', next)).result, 'green');
});

test('what such a configuration interrupted is built again', async () => {
  const { pid } = await world.restart('now');
  const gate = join(world.directory, 'gate');
  const next = await world.commit('master', 'long', `until [ -e ${gate} ]; do sleep 0.1; done`);
  const { number } = await world.until('the build runs', () => runningBuild('devel'));
  await refusalByRunning(pid);
  await writeFile(gate, '');
  const again = await world.until('it is built', async () =>
    (await world.builds('devel')).find((build) => build.revision === next && build.result === 'green'),
  );
  assert.equal(again.number, number + 1);
});

test('a build whose builder is taken away ends, and its worker is free for others', async () => {
  await world.restart('now');
  const devel = { name: 'devel', branch: 'master' };
  const endless = { name: 'run', command: ['sleep', '100000'], timeoutSeconds: null };
  await world.configure(
    world.configuration([devel, { name: 'endless', branch: 'master', steps: [endless] }]),
  );
  const next = await world.commit('master', 'for both');
  const { id } = await world.until('the build runs', () => runningBuild('endless'));
  await world.configure(world.configuration([devel]));
  assert.equal((await world.built('devel', next)).result, 'green');
  const schema = z.object({
    builds: z.array(z.object({ results: z.number(), state_string: z.string() })),
  });
  const [ended] = schema.parse(await world.api(`builds/${id}`)).builds;
  assert.equal(ended?.results, CANCELLED);
  assert.match(ended.state_string, /^cancelled \(the configuration changed\)/);
  await world.configure(
    world.configuration([
      { name: 'devel', branch: 'master' },
      { name: 'nightly', branch: 'master' },
    ]),
  );
});

test('a call that was cut off between the files and the master is made good by the next', async () => {
  const { pid } = await world.restart('now');
  const wanted = world.configuration([{ name: 'cut-off', branch: 'master' }]);
  assert.deepEqual(await configureMaster(wanted), { kind: 'applied', restart: 'not-needed' });
  assert.deepEqual(await builderNames(), ['devel', 'nightly']);
  assert.deepEqual(await configureMaster({ ...wanted, running: pid }), {
    kind: 'applied',
    restart: 'not-needed',
  });
  assert.deepEqual(await builderNames(), ['cut-off']);
});

test('another database is for the next start, and says so', async () => {
  const { pid } = await world.restart('now');
  const site = { ...world.site, databaseUrl: 'sqlite:///other.sqlite' };
  const wanted = world.configuration([{ name: 'cut-off', branch: 'master' }], { site });
  assert.deepEqual(await configureMaster({ ...wanted, running: pid }), {
    kind: 'applied',
    restart: 'needed',
  });
  await world.restart('now');
  assert.equal(
    (await world.builds('cut-off')).every((build) => build.number === 1),
    true,
  );
  assert.ok((await readdir(world.masterDirectory)).includes('other.sqlite'));
  const back = await world.configure(world.configuration([{ name: 'cut-off', branch: 'master' }]));
  assert.deepEqual(back, { kind: 'applied', restart: 'needed' });
  await world.restart('now');
});

test('a builder goes to the workers that have its image, and without one it waits under a telling name', async () => {
  const builders = [
    { name: 'focal', branch: 'master', image: 'focal' },
    { name: 'jammy', branch: 'master', image: 'jammy' },
    { name: 'on-the-host', branch: 'master' },
  ];
  await world.configure(
    world.configuration(builders, { workers: [worker('one', ['focal']), worker('two', ['focal'])] }),
  );
  assert.deepEqual(await workerNames(), ['no-worker-has-jammy', 'one', 'two']);
  const tip = await world.git('rev-parse', 'HEAD');
  assert.equal((await world.built('focal', tip)).result, 'green');
  assert.equal((await world.built('on-the-host', tip)).result, 'green');
  assert.deepEqual(await world.builds('jammy'), []);

  await world.configure(world.configuration(builders, { workers: [worker('one', ['focal', 'jammy'])] }));
  assert.deepEqual(await workerNames(), ['one']);
  assert.equal((await world.built('jammy', tip)).result, 'green');
});

test('passwords lie in files of their owner, and only the present configuration is kept', async () => {
  const config = join(world.masterDirectory, 'config');
  assert.equal((await stat(join(config, 'workers.json'))).mode & 0o777, 0o600);
  const kept = (await readdir(world.masterDirectory)).filter((name) => name.startsWith('config'));
  assert.deepEqual(kept.sort(), ['config', await readlink(config)]);
  for (const file of ['state.sqlite', 'twistd.log']) {
    assert.equal((await stat(join(world.masterDirectory, file))).mode & 0o007, 0, file);
  }
});

test('for a master of another user the files are theirs, and they check them', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lpbuildbot-user-'));
  try {
    await chmod(root, 0o755);
    const user = await someUser();
    const directory = join(root, 'master');
    const wanted = { ...world.configuration([{ name: 'devel', branch: 'master' }]), directory, user };
    assert.deepEqual(await configureMaster(wanted), { kind: 'applied', restart: 'not-needed' });
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const { uid, gid } = await stat(join(entry.parentPath, entry.name));
      assert.deepEqual({ uid, gid }, user, entry.name);
    }
  } finally {
    await rm(root, { recursive: true });
  }
});

/** Somebody else, when we may give files away and they may run the interpreter; otherwise ourselves. */
async function someUser(): Promise<{ uid: number; gid: number }> {
  const nobody = { uid: 65534, gid: 65534 };
  const runs = await execa(world.python, ['-c', ''], { ...nobody, cwd: '/', reject: false });
  if (runs.exitCode === 0) return nobody;
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** What the running master says of a configuration whose web port is somebody else's. */
async function refusalByRunning(running: number): Promise<string> {
  const port = await freePort();
  const server = await listenOn(port);
  try {
    const site = { ...world.site, web: { host: '127.0.0.1', port } };
    return await refusal(world.configuration([{ name: 'other', branch: 'master' }], { site, running }));
  } finally {
    await new Promise((done) => server.close(done));
  }
}

async function runningBuild(builder: string): Promise<Build | undefined> {
  return (await world.builds(builder)).find((build) => build.result === 'running');
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return server;
}
