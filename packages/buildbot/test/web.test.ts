/** The web page and the REST API: everyone reads, who is logged in may change things, a forced build has a reason. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { formatLogins, hashPassword } from '../src/index.ts';
import { createWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  await world.configure(world.configuration([{ name: 'devel', branch: 'master' }]));
  await world.start();
  await world.work();
});
after(() => world.destroy());

async function logins(people: Record<string, string>): Promise<void> {
  const hashed = await Promise.all(
    Object.entries(people).map(
      async ([name, password]): Promise<[string, string]> => [name, await hashPassword(password)],
    ),
  );
  await writeFile(world.site.loginsFile, formatLogins(new Map(hashed)));
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

test('the master is the same one on whatever machine its database is', async () => {
  const schema = z.object({ masters: z.array(z.object({ name: z.string(), active: z.boolean() })) });
  const { masters } = schema.parse(await world.api('masters'));
  assert.deepEqual(masters, [{ name: 'lpbuildbot', active: true }]);
});

test('anybody reads: the page with its three views, and the API', async () => {
  const page = await (await fetch(world.site.url)).text();
  for (const view of ['waterfall_view', 'console_view', 'grid_view']) assert.match(page, new RegExp(view));
  assert.match(page, /A test/);
  const build = await world.built('devel', await world.git('rev-parse', 'HEAD'));
  assert.equal(build.result, 'green');
});

test('the form for forced builds says what it takes', async () => {
  const field = z.object({
    name: z.string(),
    required: z.boolean(),
    default: z.unknown(),
    hide: z.boolean(),
  });
  const nested = z.object({ fields: z.array(field) });
  const schema = z.object({
    forceschedulers: z.array(
      z.object({ name: z.string(), button_name: z.string(), all_fields: z.array(z.union([nested, field])) }),
    ),
  });
  const { forceschedulers } = schema.parse(await world.api('forceschedulers'));
  const form = forceschedulers.find((each) => each.name === 'force-demo-master');
  assert.equal(form?.button_name, 'Force a build of master');
  const fields = form.all_fields.flatMap((each) => ('fields' in each ? each.fields : [each]));
  const shown = fields.filter((each) => !each.hide).map((each) => [each.name, each.required]);
  assert.deepEqual(shown, [
    ['reason', true],
    ['priority', false],
    ['revision', false],
    ['workername', false],
  ]);
});

test('who is not logged in changes nothing', async () => {
  const attempts: [string, string, object][] = [
    ['forceschedulers/force-demo-master', 'force', { reason: 'because' }],
    ['builds/1', 'stop', {}],
    ['builds/1', 'rebuild', {}],
    ['schedulers/1', 'enable', { enabled: false }],
    ['workers/1', 'stop', {}],
    ['builders/1', 'stop', {}],
  ];
  for (const [path, method, params] of attempts) {
    const answer = await world.control(path, method, params);
    assert.equal(answer.status, 403, `${method} ${path}`);
  }
  assert.equal((await world.builds('devel')).length, 1);
});

test('nobody can log in while there is no file of logins, and no password of somebody else will do', async () => {
  await rm(world.site.loginsFile, { force: true });
  assert.equal((await world.login('ann', 'open sesame')).status, 401);
  await logins({ ann: 'open sesame', 'ben@example.com': 'swordfish' });
  assert.equal((await world.login('ann', 'swordfish')).status, 401);
  assert.equal((await world.login('eve', 'open sesame')).status, 401);
  assert.equal((await world.login('ann', '')).status, 401);
  assert.equal((await world.login('ann', 'open sesame')).status, 302);
  assert.equal((await world.login('ben@example.com', 'swordfish')).status, 302);
});

test('a forced build has a reason, which is kept, and builds the revision that was asked for', async () => {
  const first = await world.git('rev-parse', 'HEAD');
  const second = await world.commit('master', 'the tip');
  await world.built('devel', second);
  await logins({ ann: 'open sesame' });
  const cookie = cookieOf(await world.login('ann', 'open sesame'));
  const force = (params: object) =>
    world.control('forceschedulers/force-demo-master', 'force', params, cookie);

  assert.match(await (await force({})).text(), /'Reason:' needs to be specified/);
  assert.match(await (await force({ reason: '  ' })).text(), /'Reason:' needs to be specified/);
  assert.match(
    await (await force({ reason: 'x', revision: 'HEAD~1; rm -rf' })).text(),
    /does not match pattern/,
  );
  assert.match(await (await force({ reason: 'x'.repeat(161) })).text(), /is too large/);
  assert.equal((await world.builds('devel')).length, 2);

  assert.equal((await force({ reason: 'a flaky test?', revision: first })).status, 200);
  const build = await world.until('the forced build', async () =>
    (await world.builds('devel')).find((each) => each.number === 3 && each.result === 'green'),
  );
  assert.equal(build.revision, first);
  const { buildsets } = z
    .object({ buildsets: z.array(z.object({ bsid: z.number(), reason: z.string() })) })
    .parse(await world.api('buildsets?order=-bsid&limit=1'));
  assert.equal(buildsets[0]?.reason, 'a flaky test? (forced by ann)');

  assert.equal((await force({ reason: 'the tip once more' })).status, 200);
  const tip = await world.until('the second forced build', async () =>
    (await world.builds('devel')).find((each) => each.number === 4 && each.result === 'green'),
  );
  assert.equal(tip.revision, second);
});

test('who is taken out of the file can change nothing any more, logged in or not', async () => {
  await logins({ ann: 'open sesame', ben: 'swordfish' });
  const cookie = cookieOf(await world.login('ann', 'open sesame'));
  await logins({ ben: 'swordfish' });
  const answer = await world.control('forceschedulers/force-demo-master', 'force', { reason: 'x' }, cookie);
  assert.equal(answer.status, 403);
  assert.equal((await world.login('ann', 'open sesame')).status, 401);
});

test('the Janitor, which deletes old logs at night, runs without a worker of ours', async () => {
  const answer = await world.asOperator('forceschedulers/__Janitor_force', 'force', { reason: 'a test' });
  assert.equal(answer.status, 200);
  await world.until('it is done', async () =>
    (await world.builds('__Janitor')).some((build) => build.result === 'green'),
  );
});
