/** The master on PostgreSQL, the real server of the distribution, by URL. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type PostgresqlServer, startPostgresql } from './postgresql-server.ts';
import { createWorld, type World } from './world.ts';

const BUILDERS = [{ name: 'devel', branch: 'master' }];

let server: PostgresqlServer;
let world: World;
before(async () => {
  server = await startPostgresql();
  world = await createWorld();
  const site = { ...world.site, databaseUrl: server.url };
  await world.configure(world.configuration(BUILDERS, { site, testfix: true }));
  await world.start();
  await world.work();
});
after(async () => {
  await world?.destroy();
  await server?.stop();
});

test('commits are built, and what waits on a red branch survives a kill', async () => {
  const broken = await world.commit('master', 'break it', 'exit 1');
  assert.equal((await world.built('devel', broken)).result, 'red');
  const since = (await world.log()).length;
  await world.commit('master', 'a plain commit');
  await world.logged('waiting for a [testfix] commit', since);
  await world.restart('kill');
  const mended = await world.commit('master', 'mend it [testfix]');
  const build = await world.built('devel', mended);
  assert.equal(build.result, 'green');
  assert.ok((await world.changesOf(build)).includes('a plain commit'));
});

test('a commit that does not fit into the columns of the database is built all the same', async () => {
  const name = `${'deep/'.repeat(220)}${'file'.repeat(40)}`;
  const blob = await world.git('hash-object', '-w', 'build.sh');
  await world.git('update-index', '--add', '--cacheinfo', `100644,${blob},${name}`);
  await world.git('-c', `user.name=${'Ann '.repeat(100)}`, 'commit', '--quiet', '--message=a long story');
  await world.git('push', '--quiet', 'origin', 'HEAD:master');
  const revision = await world.git('rev-parse', 'HEAD');
  assert.equal((await world.built('devel', revision)).result, 'green');
});

test('what was pushed while the database was away is built once it is back', async () => {
  const revisions: string[] = [];
  await server.restart(async () => {
    const since = (await world.log()).length;
    revisions.push(await world.commit('master', 'nobody listens'));
    await world.logged('Error', since);
  });
  assert.equal((await world.built('devel', revisions[0] ?? '')).result, 'green');
});

test('the password of the database is in one file that only its owner reads, and in no log', async () => {
  const folder = join(world.masterDirectory, 'config');
  const holders: string[] = [];
  for (const entry of await readdir(world.masterDirectory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes('poller-')) continue;
    const content = await readFile(path, 'utf8');
    if (content.includes(server.password) || content.includes(encodeURIComponent(server.password))) {
      holders.push(path);
    }
  }
  assert.deepEqual(
    holders.map((path) => path.replace(/config\.[^/]*/, 'config')),
    [join(folder, 'database-url')],
  );
});
