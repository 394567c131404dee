/** What becomes of a promotion when GitHub is in trouble, says no, or does not say: nothing wrong, and then the right thing. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  type GithubFault,
  type GithubRequest,
  isWrite,
  movesBranch,
} from '../../../test/support/github-faults.ts';
import { asGithub } from '../../../test/support/github-server.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const impatient = { 'read-timeout': '1s', 'push-timeout': '1s' };
const pairStatus = 'lpbuildbot/demo: master -> stable';

const isMerge = ({ method, path }: GithubRequest): boolean => method === 'POST' && path.endsWith('/merges');
const isRead = (request: GithubRequest): boolean => !isWrite(request);
const opensIssue = ({ method, path }: GithubRequest): boolean =>
  method === 'POST' && path.endsWith('/issues');
const givesStatus = ({ path }: GithubRequest): boolean => path.includes('/statuses/');

async function moves(
  stage: PromotionStage,
  event: 'moved' | 'merged',
): Promise<readonly (string | undefined)[]> {
  return (await stage.audit()).filter((entry) => entry.event === event).map(({ to }) => to);
}

async function inTrouble(stage: PromotionStage, words: RegExp): Promise<void> {
  await stage.says('master', 'stable', `in trouble: ${words}`, ({ trouble }) =>
    words.test(trouble?.reason ?? ''),
  );
}

async function isWell(stage: PromotionStage): Promise<void> {
  await stage.says('master', 'stable', 'well', ({ trouble, verdict, refusal }) => {
    return trouble === undefined && refusal === undefined && verdict?.kind === 'up-to-date';
  });
}

function answer(status: number, message: string, headers: Record<string, string> = {}): GithubFault {
  return { kind: 'answer', status, message, headers };
}

describe('a GitHub whose answer to a move is', () => {
  const refusals = [
    answer(403, 'Resource not accessible by personal access token'),
    answer(409, 'Conflict'),
    answer(422, 'Repository rule violations found\n\nstable is frozen'),
  ];
  for (const fault of refusals) {
    const { status, message = '' } = fault.kind === 'answer' ? fault : { status: 0 };
    test(`${status}: the refusal is told once with its words, and the move made when it is allowed`, async () => {
      await using stage = await PromotionStage.create({ transport: 'github' });
      const github = asGithub(stage.server);
      const base = await stage.remote.need('stable');
      await stage.startListening();
      github.faults.add(fault, movesBranch);
      const one = await stage.commit('master', 'One', 'success');
      const { reason } = await stage.tells('the refusal', ({ event }) => event === 'refused');
      assert.ok(reason?.includes(message), reason);
      await waitUntil('more attempts', () => github.requests.filter(movesBranch).length > 2);
      assert.equal((await stage.audit()).filter(({ event }) => event === 'refused').length, 1);
      assert.equal(await stage.remote.tip('stable'), base);
      const api = github.api(stage.remote);
      await waitUntil('the commit to say so', () => api.statuses(one)[pairStatus]?.state === 'error');
      github.faults.clear();
      await stage.promotes(one);
      await isWell(stage);
    });
  }

  const troubles: readonly (readonly [string, GithubFault, RegExp])[] = [
    ['429', answer(429, 'slow down', { 'retry-after': '1' }), /takes no more requests .* until/],
    ['500', answer(500, 'Server Error'), /Server Error \(500\)/],
    ['no answer', { kind: 'hang' }, /no answer in time/],
  ];
  for (const [words, fault, trouble] of troubles) {
    test(`${words}: the move is made later, once`, async () => {
      await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
      const github = asGithub(stage.server);
      await stage.startListening();
      github.faults.add(fault, movesBranch);
      const one = await stage.commit('master', 'One', 'success');
      await inTrouble(stage, trouble);
      github.faults.clear();
      await stage.promotes(one);
      await isWell(stage);
      assert.deepEqual(await moves(stage, 'moved'), [one]);
    });
  }
});

describe('a GitHub whose answer to every question is', () => {
  const troubles: readonly (readonly [GithubFault, RegExp])[] = [
    [answer(401, 'Bad credentials'), /does not accept the credentials of \/.*\/token \(401\)/],
    [answer(403, 'Your account was suspended'), /Your account was suspended \(403\)/],
    [answer(404, 'Not Found'), /knows no repository lpb\/demo, or does not show it/],
    [answer(422, 'Validation Failed'), /Validation Failed \(422\)/],
    [answer(429, 'too much', { 'retry-after': '1' }), /takes no more requests/],
    [answer(500, 'Server Error'), /Server Error \(500\)/],
    [answer(301, 'Moved Permanently'), /elsewhere on GitHub now/],
    [answer(200, 'Welcome to our proxy'), /not as it should be/],
    [{ kind: 'hang' }, /no answer in time/],
  ];
  for (const [fault, words] of troubles) {
    const name = fault.kind === 'answer' ? `${fault.status}` : 'none';
    test(`${name}: nothing moves, it is said, and it goes on when GitHub is well`, async () => {
      await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
      const github = asGithub(stage.server);
      await stage.startListening();
      await isWell(stage);
      github.faults.add(fault);
      const one = await stage.commit('master', 'One', 'success');
      await inTrouble(stage, words);
      github.faults.clear();
      await stage.promotes(one);
      await isWell(stage);
    });
  }
});

test('a question that fails once is asked again, and nobody hears of it', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  await isWell(stage);
  github.faults.add(answer(502, 'Bad Gateway'), isRead, 1);
  const one = await stage.commit('master', 'One', 'success');
  await stage.promotes(one);
  assert.doesNotMatch(stage.log, /Bad Gateway/);
  assert.ok(github.requests.some(({ status }) => status === 502));
});

describe('a move that GitHub makes and then does not confirm, because', () => {
  for (const [words, status] of [
    ['it fails', 500],
    ['the connection breaks', 'cut'],
    ['it hangs', 'hang'],
  ] as const) {
    test(`${words}, is looked up, told once, and not sent again`, async () => {
      await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
      const github = asGithub(stage.server);
      await stage.startListening();
      github.faults.add({ kind: 'done, then', status }, movesBranch, 1);
      const one = await stage.commit('master', 'One', 'success');
      await stage.promotes(one);
      await stage.tells('the merge that follows', ({ event }) => event === 'merged');
      assert.deepEqual(await moves(stage, 'moved'), [one]);
      assert.equal(github.requests.filter(movesBranch).length, 1);
    });

    test(`${words}, is looked up for a merge as well`, async () => {
      await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
      const github = asGithub(stage.server);
      await stage.startListening();
      github.faults.add({ kind: 'done, then', status }, isMerge, 1);
      const one = await stage.commit('master', 'One', 'success');
      await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === one);
      await stage.says('stable', 'db-devel', 'up to date', ({ verdict }) => verdict?.kind === 'up-to-date');
      const [newest, ...rest] = await stage.remote.log('db-devel');
      assert.deepEqual(await moves(stage, 'merged'), [newest?.sha]);
      assert.equal(rest.filter(({ parents }) => parents.length > 1).length, 0);
      assert.equal(github.requests.filter(isMerge).length, 1);
    });
  }
});

test('a move and a merge that GitHub makes only after it has been asked again are told once, and not made twice', async () => {
  await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
  const github = asGithub(stage.server);
  await stage.startListening();
  // Longer than anybody waits for it.
  const late: GithubFault = { kind: 'first', act: () => setTimeout(2500) };
  github.faults.add(late, movesBranch, 1);
  github.faults.add(late, isMerge, 1);
  const one = await stage.commit('master', 'One', 'success');
  await stage.promotes(one);
  await stage.tells('the merge', ({ event, merged }) => event === 'merged' && merged === one);
  await stage.says('stable', 'db-devel', 'up to date', ({ verdict }) => verdict?.kind === 'up-to-date');
  const log = await stage.remote.log('db-devel');
  assert.equal(log.filter(({ parents }) => parents.length > 1).length, 1);
  assert.deepEqual(await moves(stage, 'moved'), [one]);
  assert.deepEqual(await moves(stage, 'merged'), [log[0]?.sha]);
});

describe('a stable branch that somebody moves right before GitHub does', () => {
  test('forward past the tested revision, is not taken back', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    const tested = await stage.remote.commit('master', 'One');
    const beyond = await stage.remote.commit('master', 'Two, pushed by hand');
    github.faults.add({ kind: 'first', act: () => stage.remote.setBranch('stable', beyond) }, movesBranch, 1);
    stage.built('master', tested, 'success');
    // Before that it is well too.
    const isAnswered = (request: GithubRequest) => movesBranch(request) && request.status !== undefined;
    await waitUntil('an answer to the move', () => github.requests.some(isAnswered));
    await isWell(stage);
    assert.equal(await stage.remote.tip('stable'), beyond);
    assert.deepEqual(await moves(stage, 'moved'), []);
  });

  test('sideways, is diverged and left alone', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    await stage.remote.setBranch('side', 'stable');
    const aside = await stage.remote.commit('side', 'A hotfix, straight to stable');
    github.faults.add({ kind: 'first', act: () => stage.remote.setBranch('stable', aside) }, movesBranch, 1);
    const one = await stage.commit('master', 'One', 'success');
    await stage.says('master', 'stable', 'diverged', ({ verdict }) => verdict?.kind === 'diverged');
    assert.equal(await stage.remote.tip('stable'), aside);
    assert.equal((await moves(stage, 'moved')).includes(one), false);
  });

  test('away, is missing and not made anew', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    await isWell(stage);
    github.faults.add({ kind: 'first', act: () => stage.remote.deleteBranch('stable') }, movesBranch, 1);
    await stage.commit('master', 'One', 'success');
    await stage.says('master', 'stable', 'missing', ({ verdict }) => verdict?.kind === 'missing');
    assert.equal(await stage.remote.tip('stable'), undefined);
  });

  test('back, between the look and the last question, is looked at again first', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', reconcile: '0 0 1 1 *' });
    const github = asGithub(stage.server);
    const before = await stage.remote.need('stable');
    await stage.startListening();
    const first = await stage.commit('master', 'One', 'success');
    await stage.promotes(first);
    await isWell(stage);
    const second = await stage.remote.commit('master', 'Two');
    // Of the two questions for stable, the second is the one right before the move.
    let asked = 0;
    const rollBack = { kind: 'first', act: () => stage.remote.setBranch('stable', before) } as const;
    const isSecond = ({ path }: GithubRequest): boolean => {
      if (!path.endsWith('/matching-refs/heads/stable')) return false;
      asked += 1;
      return asked === 2;
    };
    github.faults.add(rollBack, isSecond, 1);
    stage.built('master', second, 'success');
    await stage.tells('a move from where it is', ({ event, to, from }) => {
      return event === 'moved' && to === second && from === before;
    });
  });
});

test('a merge that GitHub finds in conflict and git does not is told as refused, and nothing is made', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  github.faults.add(answer(409, 'Merge conflict'), isMerge);
  await stage.commit('master', 'One', 'success');
  const { pair, reason } = await stage.tells('the refusal', ({ event }) => event === 'refused');
  assert.deepEqual([pair, /finds a conflict/.test(reason ?? '')], ['demo: stable -> db-devel', true]);
  github.faults.clear();
  await stage.tells('the merge', ({ event }) => event === 'merged');
});

test('a conflict that comes up between look and merge is found by git, with its files', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  const act = async () => {
    await stage.remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one way\n' } });
  };
  github.faults.add({ kind: 'first', act }, isMerge, 1);
  await stage.commit('master', { message: 'Another', files: { 'shared.txt': 'another\n' } }, 'success');
  const { files } = await stage.tells('the conflict', ({ event }) => event === 'conflict');
  assert.deepEqual(files, ['shared.txt']);
  assert.equal(
    (await stage.audit()).some(({ event }) => event === 'refused'),
    false,
  );
});

test('a merge that somebody else has made meanwhile is nothing to do', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  await stage.startListening();
  const act = async () => {
    await stage.remote.merge('stable', 'db-devel');
  };
  github.faults.add({ kind: 'first', act }, isMerge, 1);
  const one = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', one);
  const isNothing = (request: GithubRequest) => isMerge(request) && request.status === 204;
  await waitUntil('the answer that there is nothing to merge', () => github.requests.some(isNothing));
  await stage.says('stable', 'db-devel', 'up to date', ({ verdict }) => verdict?.kind === 'up-to-date');
  assert.deepEqual(await moves(stage, 'merged'), []);
});

describe('a limit', () => {
  test('that is used up: nothing is asked until it is renewed, and then everything is done', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    await isWell(stage);
    const { limit } = github.accounts;
    const renewal = Date.now() + 4000;
    limit.resetAt = renewal;
    limit.left = 0;
    const one = await stage.commit('master', 'One', 'success');
    await inTrouble(stage, /takes no more requests/);
    await stage.promotes(one);
    assert.ok(Date.now() >= renewal);
    // Those that were on their way when the first was turned away, and no more.
    const forbidden = github.requests.filter(({ status }) => status === 403).length;
    assert.ok(forbidden <= 8, `${forbidden} requests against a closed door`);
  });

  test('of the secondary kind is waited out as long as GitHub says', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    await isWell(stage);
    const words = 'You have exceeded a secondary rate limit';
    let since = 0;
    const first = (request: GithubRequest) => {
      if (!movesBranch(request)) return false;
      since = performance.now();
      return true;
    };
    github.faults.add(answer(403, words, { 'retry-after': '3' }), first, 1);
    const one = await stage.commit('master', 'One', 'success');
    await inTrouble(stage, /takes no more requests/);
    const asked = github.requests.length;
    await stage.promotes(one);
    assert.ok(performance.now() - since >= 3000);
    const next = github.requests.findIndex((request, index) => index >= asked && movesBranch(request));
    assert.ok(next >= asked);
    assert.deepEqual(await moves(stage, 'moved'), [one]);
  });

  test('that is nearly used up is kept for moving branches', async () => {
    await using stage = await PromotionStage.create({ transport: 'github' });
    const github = asGithub(stage.server);
    await stage.startListening();
    await isWell(stage);
    github.accounts.limit.left = 90;
    const one = await stage.commit('master', 'One', 'success');
    await stage.promotes(one);
    await waitUntil('the log to say so', () => /few requests to GitHub are left/.test(stage.log));
    const given = github.requests.filter(givesStatus).length;
    const two = await stage.commit('master', 'Two', 'success');
    await stage.promotes(two);
    assert.equal(github.requests.filter(givesStatus).length, given);
  });
});

describe('what is to be said on GitHub', () => {
  test('holds up no branch when GitHub does not take it, and is said when it does', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
    const github = asGithub(stage.server);
    await stage.startListening();
    const faults: readonly (readonly [GithubFault, RegExp])[] = [
      [answer(403, 'no right to do so'), /no right to do so \(403\)/],
      [{ kind: 'hang' }, /no answer in time/],
      [answer(500, 'oops'), /oops \(500\)/],
    ];
    for (const [fault, words] of faults) {
      github.faults.add(fault, givesStatus);
      const one = await stage.commit('master', 'A change', 'success');
      await stage.promotes(one);
      await stage.says('master', 'stable', 'well', ({ trouble }) => trouble === undefined);
      await waitUntil(`the log to say ${words}`, () => words.test(stage.log), { seen: () => stage.log });
      github.faults.clear();
      const api = github.api(stage.remote);
      await waitUntil('the status', () => api.statuses(one)[pairStatus]?.state === 'success', {
        seen: () => stage.log,
      });
    }
  });

  test('is an issue once, even when GitHub does not say that it has opened it', async () => {
    await using stage = await PromotionStage.create({ transport: 'github', git: impatient });
    const github = asGithub(stage.server);
    const { issues } = github.api(stage.remote);
    await stage.startListening();
    github.faults.add({ kind: 'done, then', status: 500 }, opensIssue, 1);
    await stage.remote.commit('db-devel', { message: 'One way', files: { 'shared.txt': 'one way\n' } });
    const files = { 'shared.txt': 'another\n' };
    await stage.commit('master', { message: 'Another', files }, 'success');
    await waitUntil('an issue', () => issues.length > 0, { seen: () => stage.log });
    await stage.remote.commit('db-devel', { message: 'Agree', files });
    await waitUntil('its end', () => issues[0]?.state === 'closed', { seen: () => stage.log });
    assert.equal(issues.length, 1);
  });

  test('is one thing at a time, with a pause between', async () => {
    const pause = 700;
    await using stage = await PromotionStage.create({
      transport: 'github',
      github: { 'write-pause': `${pause}ms` },
    });
    const github = asGithub(stage.server);
    const times: number[] = [];
    github.faults.add({ kind: 'first', act: async () => void times.push(performance.now()) }, givesStatus);
    await stage.startListening();
    await stage.commit('master', 'One', 'failure');
    await stage.commit('db-devel', 'A schema change', 'failure');
    await waitUntil('some statuses', () => times.length >= 4, { seen: () => stage.log });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok(Math.min(...gaps) > pause / 2, gaps.join(' '));
  });
});

test('a token that is replaced under the service is used at once', async () => {
  await using stage = await PromotionStage.create({ transport: 'github' });
  const github = asGithub(stage.server);
  const { credentials } = stage.server;
  await stage.startListening();
  await isWell(stage);
  github.accounts.revokeAll();
  await inTrouble(stage, /does not accept the credentials/);
  const fresh = 'ghp_a-new-token-for-the-service';
  github.accounts.accept(fresh);
  if (credentials.kind === 'github') await writeFile(credentials.tokenFile, `${fresh}\n`);
  const one = await stage.commit('master', 'One', 'success');
  await stage.promotes(one);
});
