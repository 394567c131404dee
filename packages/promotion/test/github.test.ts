/** Promotion on GitHub: branches moved and merged by its API, and what people are told there. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FakeIssue, FakeStatus } from '../../../test/support/github-api.ts';
import { isWrite } from '../../../test/support/github-faults.ts';
import { asGithub } from '../../../test/support/github-server.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { filesWithSecrets, watchSecrets } from '../../../test/support/secret-watch.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const pairStatus = 'lpbuildbot/demo: master -> stable';

/** Waits until a commit has a status like this. */
async function hasStatus(
  stage: PromotionStage,
  sha: string,
  context: string,
  wanted: RegExp,
): Promise<FakeStatus> {
  const api = asGithub(stage.server).api(stage.remote);
  return await waitUntil(
    `${context} of ${sha.slice(0, 7)} to be ${wanted}`,
    () => {
      const status = api.statuses(sha)[context];
      return status !== undefined && wanted.test(`${status.state}: ${status.description}`) && status;
    },
    { seen: () => `${JSON.stringify(api.statuses(sha), undefined, 1)}\n${stage.log.slice(-3000)}` },
  );
}

/** Waits until the issues are like this. */
async function hasIssues(
  stage: PromotionStage,
  what: string,
  holds: (issues: readonly FakeIssue[]) => boolean,
): Promise<readonly FakeIssue[]> {
  const { issues } = asGithub(stage.server).api(stage.remote);
  const seen = () => `${JSON.stringify(issues, undefined, 1)}\n${stage.log.slice(-3000)}`;
  return await waitUntil(what, () => holds(issues) && issues, { seen });
}

/** Both branches change the same line; `stable` gets there by promotion. */
async function makeConflict(stage: PromotionStage, words = 'another way'): Promise<string> {
  await stage.remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': `not ${words}\n` } });
  const files = { 'shared.txt': `${words}\n` };
  const ours = await stage.commit('master', { message: 'Another way', files }, 'success');
  await stage.arrives('stable', ours);
  return ours;
}

test('a green revision is promoted by a ref update without force, and merged by GitHub itself', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  const one = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', one);
  const { to: merge = '' } = await stage.tells('the merge', ({ event }) => event === 'merged');
  const [newest] = await stage.remote.log('db-devel');
  assert.equal(newest?.sha, merge);
  assert.equal(newest?.parents[1], one);
  assert.equal(await stage.remote.git(['log', '-1', '--format=%cn', merge]), 'GitHub');
  const updates = github.requests.filter(({ path, method }) => method !== 'GET' && /git\/refs/.test(path));
  assert.deepEqual(
    updates.map(({ method, path, body }) => ({ method, path, body })),
    [
      {
        method: 'PATCH',
        path: '/repos/lpb/demo/git/refs/heads/stable',
        body: { sha: one, force: false },
      },
    ],
  );
});

test('a branch that never was there is made', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  await stage.remote.deleteBranch('stable');
  const green = await stage.commit('master', 'One', 'success');
  await stage.startListening();
  await stage.arrives('stable', green);
});

test('what has not changed costs nothing of the account’s limit', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  const quiet = () => github.requests.slice(-20).every(({ status }) => status === 304);
  await waitUntil(
    'twenty answers in a row to be "not modified"',
    () => github.requests.length > 20 && quiet(),
  );
  const { left } = github.accounts.limit;
  const before = github.requests.length;
  await waitUntil('twenty more', () => github.requests.length >= before + 20);
  assert.equal(
    github.requests.slice(before).every(({ conditional }) => conditional),
    true,
  );
  assert.equal(github.accounts.limit.left, left);
});

test('statuses say what each builder found and how far a commit has come', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const api = asGithub(stage.server).api(stage.remote);
  await stage.startListening();
  const one = await stage.remote.commit('master', 'One');
  await hasStatus(stage, one, pairStatus, /^pending: waits for devel-tests$/);
  const build = stage.buildbot.startBuild({ builder: 'devel-tests', branch: 'master', revision: one });
  await hasStatus(stage, one, 'lpbuildbot/devel-tests', /^pending: #1 is building$/);
  stage.buildbot.finishBuild(build, 'failure');
  const red = await hasStatus(stage, one, 'lpbuildbot/devel-tests', /^failure: #1: failure$/);
  assert.equal(red.target_url, `${stage.buildbot.url}#/builders/1/builds/1`);
  await hasStatus(stage, one, pairStatus, /^failure: failed: devel-tests$/);

  const two = await stage.commit('master', 'Two', 'success');
  await stage.arrives('stable', two);
  await hasStatus(stage, two, 'lpbuildbot/devel-tests', /^success/);
  await hasStatus(stage, two, pairStatus, /^success: on stable$/);
  // The red one came along, as the ancestor of a green one.
  await hasStatus(stage, one, pairStatus, /^success: on stable$/);

  const counts = [one, two].map((sha) => api.statusCount(sha));
  await stage.daemon.kill9('all');
  await stage.startListening();
  const three = await stage.commit('master', 'Three', 'success');
  await hasStatus(stage, three, pairStatus, /^success/);
  assert.deepEqual(
    [one, two].map((sha) => api.statusCount(sha)),
    counts,
  );
});

test('a hold is kept, and said on the commit that it holds', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const base = await stage.remote.need('stable');
  await stage.startListening();
  assert.equal((await stage.command('hold', 'stable', '--why', 'release', '--who', 'ann')).code, 0);
  const one = await stage.commit('master', 'One', 'success');
  await hasStatus(stage, one, pairStatus, /^pending: held by ann: release$/);
  assert.equal(await stage.remote.tip('stable'), base);
  await stage.command('resume', 'stable');
  await stage.arrives('stable', one);
  await hasStatus(stage, one, pairStatus, /^success/);
});

test('shadow mode changes nothing on GitHub, statuses and issues included', async () => {
  await using stage = await PromotionStage.create({ transport: 'github', mode: 'shadow' });
  const github = asGithub(stage.server);
  await stage.startListening();
  await stage.remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one\n' } });
  const one = await stage.commit(
    'master',
    { message: 'Another', files: { 'shared.txt': 'two\n' } },
    'success',
  );
  await stage.tells('what it would do', ({ event, to }) => event === 'would-move' && to === one);
  await stage.remote.setBranch('stable', one);
  await stage.tells('the conflict', ({ event }) => event === 'conflict');
  await stage.says('stable', 'db-devel', 'in conflict', ({ verdict }) => verdict?.kind === 'conflict');
  assert.deepEqual(github.requests.filter(isWrite), []);
});

describe('an issue', () => {
  test('is opened for a conflict, kept up to date, found again after a restart, and closed when people have merged', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    await stage.startListening();
    const ours = await makeConflict(stage);
    const [issue] = await hasIssues(stage, 'an issue', ({ length }) => length > 0);
    assert.equal(issue?.title, 'Conflict: stable into db-devel (demo)');
    assert.match(issue?.body ?? '', /- `shared\.txt`\n\n`stable` is at /);
    assert.deepEqual(issue?.labels, ['lpbuildbot']);
    await stage.daemon.kill9('all');
    await stage.startListening();

    const theirs = await stage.remote.commit('db-devel', 'Something else');
    await hasIssues(stage, 'the new tip in its text', ([known]) => known?.body.includes(theirs) ?? false);
    await stage.remote.commit('db-devel', { message: 'Agree', files: { 'shared.txt': 'another way\n' } });
    const issues = await hasIssues(
      stage,
      'its end',
      ([known]) => known?.state === 'closed' && known.comments.length > 0,
    );
    assert.equal(issues.length, 1);
    assert.deepEqual(issues[0]?.comments, ['`stable` and `db-devel` have no conflict any more.']);
    await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === ours);

    await makeConflict(stage, 'a third way');
    const both = await hasIssues(stage, 'another one', ({ length }) => length === 2);
    assert.deepEqual(
      both.map(({ state }) => state),
      ['closed', 'open'],
    );
  });

  test('of somebody else’s making is not taken for ours', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const { issues } = asGithub(stage.server).api(stage.remote);
    const mark = encodeURIComponent('demo: stable -> db-devel');
    const body = `<!-- lpbuildbot:conflict ${mark} -->`;
    issues.push({ number: 1, state: 'open', title: 'Mine', body, labels: ['bug'], comments: [] });
    await stage.startListening();
    await makeConflict(stage);
    const [theirs] = await hasIssues(stage, 'an issue', ({ length }) => length === 2);
    assert.deepEqual([theirs?.title, theirs?.body], ['Mine', body]);
  });

  test('has names of files in it as they are, and nothing else comes of them', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    await stage.startListening();
    const name = '`@everyone` <b>.txt';
    await stage.remote.commit('db-devel', { message: 'One way', files: { [name]: 'one\n' } });
    const ours = await stage.commit('master', { message: 'Another', files: { [name]: 'two\n' } }, 'success');
    await stage.arrives('stable', ours);
    const [issue] = await hasIssues(stage, 'an issue', ({ length }) => length > 0);
    assert.match(issue?.body ?? '', /- `` `@everyone` <b>\.txt ``\n/);
  });
});

test('statuses and issues can be switched off', async () => {
  const off = { statuses: false, issues: false };
  await using stage = await PromotionStage.create({ transport: 'github', github: off });
  const github = asGithub(stage.server);
  await stage.startListening();
  await makeConflict(stage);
  await stage.tells('the conflict', ({ event }) => event === 'conflict');
  assert.deepEqual(
    github.requests.filter(isWrite).filter(({ path }) => !/git\/refs/.test(path)),
    [],
  );
});

test('looking once by hand says everything before it leaves', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const api = asGithub(stage.server).api(stage.remote);
  const one = await stage.commit('master', 'One', 'success');
  const { code, text } = await stage.command('run', '--once');
  assert.equal(code, 0, text);
  assert.equal(await stage.remote.tip('stable'), one);
  assert.equal(api.statuses(one)[pairStatus]?.state, 'success');
});

describe('a GitHub App', () => {
  test('does everything that an account does, with tokens that end, and nobody sees one', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', github: { app: true } });
    const { accounts } = asGithub(stage.server);
    await stage.startListening();
    const keyLines = accounts.appKey.split('\n').filter((line) => line.length >= 60);
    const { sightings } = await watchSecrets(keyLines, async () => {
      await makeConflict(stage);
      await hasIssues(stage, 'an issue', ({ length }) => length > 0);
    });
    assert.deepEqual(sightings, []);
    const [token = ''] = accounts.appTokens;
    assert.equal(accounts.appTokens.length, 1);

    // GitHub gives up on it before its time: one is asked for anew.
    accounts.revokeAll();
    const two = await stage.commit('master', 'Two', 'success');
    await stage.arrives('stable', two);
    assert.ok(accounts.appTokens.length >= 2);
    const secrets = [...keyLines, ...accounts.appTokens];
    const audit = await readFile(stage.auditFile, 'utf8');
    const said = [stage.log, audit, await stage.get('api/state'), await stage.get('metrics')].join('\n');
    for (const secret of secrets) assert.equal(said.includes(secret), false);
    const files = await filesWithSecrets(stage.state, secrets);
    assert.deepEqual(
      files.map((file) => file.replace(/[0-9a-f]{12}/, 'N')),
      [join(stage.state, 'git', 'github-N.token')],
    );
    assert.equal((await readFile(files[0] ?? '', 'utf8')).includes(token), false);
  });

  test('asks for a new token before the old one ends', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', github: { app: true } });
    const { accounts } = asGithub(stage.server);
    accounts.tokenLifetimeMs = 11 * 60_000 + 3000;
    await stage.startListening();
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);
    assert.equal(accounts.appTokens.length, 1);
    accounts.tokenLifetimeMs = 5 * 60_000;
    accounts.revokeAll();
    await waitUntil('several tokens', () => accounts.appTokens.length >= 3, { seen: () => stage.log });
  });

  test('that is not installed, or whose key is none, is complained of in a sentence', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', github: { app: true } });
    await stage.addProject('demo', stage.server.url(stage.remote).replace('demo.git', 'elsewhere.git'));
    await stage.start();
    const trouble = async (words: RegExp) =>
      await stage.says('master', 'stable', String(words), (pair) => words.test(pair.trouble?.reason ?? ''));
    await trouble(/the GitHub App is not installed on lpb\/elsewhere/);
  });
});

test('a token file that is missing, and one beside an app, are clear sentences', async () => {
  const missing = { 'token-file': '/nonexistent/token' };
  await using stage = await PromotionStage.create({ transport: 'github', github: missing });
  const { code, text } = await stage.command('run');
  assert.equal(code, 2);
  assert.match(text, /github\.0\.token-file names \/nonexistent\/token/);
  await using other = await PromotionStage.create({ transport: 'github', github: { 'app-id': '1' } });
  const second = await other.command('run');
  assert.equal(second.code, 2);
  assert.match(second.text, /app-id and app-key-file belong together/);
});
