/**
 * What the promotion service relies on, asked of the real master as this package configures it.
 *
 * Measured with 1,000 builds in SQLite: a page of builds takes 0.15 ms a build, and 0.4 ms a build with
 * `property=got_revision`, because Buildbot then asks the database once a build; anything about one build takes 2 to 4 ms.
 * So ask for what is new (`buildid__gt`) and not for everything.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { createWorld, type World } from './world.ts';

const SUCCESS = 0;
const FAILURE = 2;
const RETRY = 5;
const CANCELLED = 6;

const gotRevision = z.object({
  got_revision: z.tuple([z.string().regex(/^[0-9a-f]{40}$/), z.literal('Git')]),
});
const buildSchema = z.object({
  buildid: z.int(),
  number: z.int(),
  builderid: z.int(),
  buildrequestid: z.int(),
  complete: z.boolean(),
  complete_at: z.int().nullable(),
  started_at: z.int(),
  results: z.int().nullable(),
  state_string: z.string(),
  properties: z.union([gotRevision.strict(), z.strictObject({})]),
});
type Build = z.infer<typeof buildSchema>;

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }]));
  await world.start();
  await world.work();
  await world.built('devel', await world.git('rev-parse', 'HEAD'));
});
after(() => world.destroy());

async function finished(after: number): Promise<Build[]> {
  const query = `builds?complete=true&buildid__gt=${after}&property=got_revision&order=buildid&limit=50`;
  return z.object({ builds: z.array(buildSchema) }).parse(await world.api(query)).builds;
}

async function newest(): Promise<number> {
  return (await finished(0)).at(-1)?.buildid ?? 0;
}

/** The next build that finishes. */
async function next(after: number): Promise<Build> {
  const [build] = await world.until('a finished build', async () => {
    const builds = await finished(after);
    return builds.length > 0 && builds;
  });
  assert.ok(build);
  return build;
}

test('a finished build has its revision, whatever its result, and the list goes on after a build', async () => {
  const start = await newest();
  const red = await world.commit('master', 'red', 'exit 1');
  const first = await next(start);
  assert.equal(first.results, FAILURE);
  assert.deepEqual(first.properties, { got_revision: [red, 'Git'] });
  const green = await world.commit('master', 'green');
  const second = await next(first.buildid);
  assert.equal(second.results, SUCCESS);
  assert.deepEqual(second.properties, { got_revision: [green, 'Git'] });
  assert.deepEqual(
    (await finished(start)).map((build) => build.buildid),
    [first.buildid, second.buildid],
  );
  assert.equal(typeof second.complete_at, 'number');
});

test('a build that could not check anything out failed without a revision', async () => {
  const start = await newest();
  await world.force('master', { reason: 'a revision of another world', revision: '0'.repeat(40) });
  const build = await next(start);
  assert.equal(build.results, FAILURE);
  assert.deepEqual(build.properties, {});
});

test('builders are found by name', async () => {
  const schema = z.object({ builders: z.array(z.strictObject({ builderid: z.int(), name: z.string() })) });
  const { builders } = schema.parse(await world.api('builders?field=builderid&field=name'));
  assert.deepEqual(builders.map((builder) => builder.name).sort(), ['__Janitor', 'devel']);
});

test("a build's sources are two questions away, and say whether there is a patch", async () => {
  const [build] = await finished(0);
  assert.ok(build);
  const { buildrequests } = z
    .object({ buildrequests: z.tuple([z.object({ buildsetid: z.int() })]) })
    .parse(await world.api(`buildrequests/${build.buildrequestid}`));
  const { buildsets } = z
    .object({
      buildsets: z.tuple([
        z.object({
          reason: z.string(),
          sourcestamps: z.tuple([
            z.object({ branch: z.string(), patch: z.null(), repository: z.string(), revision: z.string() }),
          ]),
        }),
      ]),
    })
    .parse(await world.api(`buildsets/${buildrequests[0].buildsetid}`));
  const [stamp] = buildsets[0].sourcestamps;
  assert.deepEqual([stamp.branch, stamp.repository], ['master', world.repository]);
});

test('events tell of builds that begin and end; the revision has to be asked for', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${world.ports.web}/ws`);
  const heard: unknown[] = [];
  socket.addEventListener('message', (event) => heard.push(JSON.parse(String(event.data))));
  await new Promise((done) => socket.addEventListener('open', done));
  for (const command of [
    { cmd: 'startConsuming', path: 'builds/*/new', _id: 1 },
    { cmd: 'startConsuming', path: 'builds/*/finished', _id: 2 },
    { cmd: 'ping', _id: 3 },
  ]) {
    socket.send(JSON.stringify(command));
  }
  await world.until('the answers', async () => heard.length >= 3);
  assert.deepEqual(heard.splice(0), [
    { msg: 'OK', code: 200, _id: 1 },
    { msg: 'OK', code: 200, _id: 2 },
    { msg: 'pong', code: 200, _id: 3 },
  ]);
  const start = await newest();
  await world.commit('master', 'to be heard of');
  const build = await next(start);
  await world.until('both events', async () => heard.length >= 2);
  socket.close();
  const events = heard.map((event) => z.strictObject({ k: z.string(), m: buildSchema }).parse(event));
  assert.deepEqual(
    events.map(({ k, m }) => [k, m.complete, m.results, m.builderid, m.properties]),
    [
      [`builds/${build.buildid}/new`, false, null, build.builderid, {}],
      [`builds/${build.buildid}/finished`, true, SUCCESS, build.builderid, {}],
    ],
  );
});

test('a build whose worker went is a retry, one that somebody stopped is cancelled, and both have their revision', async () => {
  const gate = join(world.directory, 'gate');
  const start = await newest();
  const revision = await world.commit('master', 'slow', `until test -e ${gate}; do sleep 0.05; done`);
  const running = () =>
    world.until('it has checked out', async () =>
      (await world.builds('devel')).find(
        (build) => build.result === 'running' && build.revision === revision,
      ),
    );
  await running();
  await world.workers.get('one')?.stop('now');
  const retried = await next(start);
  assert.deepEqual([retried.results, retried.properties], [RETRY, { got_revision: [revision, 'Git'] }]);

  await world.work();
  const again = await running();
  await world.stopBuild(again.id);
  const cancelled = await next(retried.buildid);
  assert.deepEqual(
    [cancelled.results, cancelled.properties],
    [CANCELLED, { got_revision: [revision, 'Git'] }],
  );
  await writeFile(gate, '');
});

test('the builds that ran when the master was killed are retries after its next start', async () => {
  const start = await newest();
  const gate = join(world.directory, 'gate-2');
  const revision = await world.commit('master', 'slow again', `until test -e ${gate}; do sleep 0.05; done`);
  await world.until('it runs', async () =>
    (await world.builds('devel')).some((build) => build.result === 'running' && build.revision === revision),
  );
  await world.restart('kill');
  const lost = await next(start);
  assert.equal(lost.results, RETRY);
  await writeFile(gate, '');
  const build = await next(lost.buildid);
  assert.deepEqual([build.results, build.properties], [SUCCESS, { got_revision: [revision, 'Git'] }]);
});
