/** What becomes of a promotion when the remote repository is in trouble: nothing wrong, and then the right thing. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Fault } from '../../../test/support/fault-proxy.ts';
import { type Transport, transports } from '../../../test/support/git-servers.ts';
import { PromotionStage } from '../../../test/support/promotion-stage.ts';
import { findSshd } from '../../../test/support/ssh-server.ts';
import { waitUntil } from '../../../test/support/wait.ts';

const impatient = { 'read-timeout': '2s', 'fetch-timeout': '2s', 'push-timeout': '2s' };

const faults: Readonly<Record<Transport, readonly Fault[]>> = {
  path: [{ kind: 'down' }, { kind: 'hanging' }],
  ssh: [{ kind: 'down' }, { kind: 'hanging' }, { kind: 'cut', afterBytes: 3_000 }],
  https: [{ kind: 'down' }, { kind: 'hanging' }, { kind: 'cut', afterBytes: 2_000 }],
  github: [{ kind: 'down' }, { kind: 'hanging' }, { kind: 'cut', afterBytes: 2_000 }],
};

/** How many moves to a revision the audit log has. */
async function movesTo(stage: PromotionStage, revision: string): Promise<number> {
  return (await stage.audit()).filter(({ event, to }) => event === 'moved' && to === revision).length;
}

/** A directory with a `git` that runs `script` before its first push, and is git otherwise. */
async function gitThatFirst(stage: PromotionStage, script: string): Promise<string> {
  const bin = stage.world.path('bin');
  await mkdir(bin);
  const text = `#!/bin/sh
PATH="\${PATH#*:}"
case " $* " in *' push '*) mkdir '${bin}/done' 2>/dev/null && ${script} ;; esac
exec git "$@"
`;
  await writeFile(join(bin, 'git'), text, { mode: 0o755 });
  return bin;
}

for (const transport of transports) {
  const missing = transport === 'ssh' && (await findSshd()) === undefined;
  describe(`a remote over ${transport}`, {
    skip: missing && 'sshd is missing: install openssh-server',
  }, () => {
    for (const fault of faults[transport]) {
      const kind = fault.kind === 'cut' ? 'cutting connections' : fault.kind;
      test(`that is ${kind} delays a promotion until it is well again, and leaves no process behind`, async () => {
        await using stage = await PromotionStage.create({ transport, git: impatient });
        await stage.startListening();
        const before = await stage.commit('master', 'Before the trouble', 'success');
        await stage.arrives('stable', before);

        const during = await stage.remote.commit('master', 'During the trouble');
        await stage.server.set(fault);
        stage.built('master', during, 'success');
        const { trouble } = await stage.says(
          'master',
          'stable',
          'in trouble',
          (pair) => pair.trouble !== undefined,
        );
        assert.notEqual(trouble?.reason, '');
        assert.match((await stage.command('status')).text, /cannot be|unreachable|trouble/i);

        await stage.server.set({ kind: 'none' });
        await stage.promotes(during);
        await stage.says('master', 'stable', 'well again', ({ trouble: still, verdict }) => {
          return still === undefined && verdict?.kind === 'up-to-date';
        });
        assert.equal(await movesTo(stage, during), 1);
        await waitUntil('every git to end', async () => (await stage.daemon.family()).length === 1, {
          seen: () => stage.log,
        });
      });
    }
  });
}

test('a slow remote is slow and nothing else', async () => {
  await using stage = await PromotionStage.create({ transport: 'https' });
  await stage.server.set({ kind: 'slow', milliseconds: 120 });
  await stage.startListening();
  const one = await stage.commit('master', 'One', 'success');
  await stage.promotes(one);
  const two = await stage.commit('master', 'Two', 'success');
  await stage.promotes(two);
  assert.deepEqual([await movesTo(stage, one), await movesTo(stage, two)], [1, 1]);
  assert.equal(
    (await stage.audit()).some(({ event }) => event === 'refused'),
    false,
  );
});

test('a merge that an operator asks for ends although looks at a slow remote never cease', async () => {
  await using stage = await PromotionStage.create({ transport: 'https' });
  await stage.startListening();
  const schema = await stage.commit('db-devel', 'A schema change', 'success');
  await stage.arrives('db-stable', schema);
  await stage.server.set({ kind: 'slow', milliseconds: 120 });
  const { code, text } = await stage.command('merge', 'db-stable', 'master');
  assert.equal(code, 0, text);
  assert.equal(await stage.remote.isAncestor(schema, 'master'), true);
});

test('a remote that hangs delays no other repository', async () => {
  await using stage = await PromotionStage.create({ transport: 'https' });
  const other = await stage.world.repository('other');
  const base = await other.commit('master', 'Begin');
  for (const branch of ['stable', 'db-devel', 'db-stable']) await other.setBranch(branch, base);
  await stage.addProject('other', other.path);
  await stage.server.set({ kind: 'hanging' });
  await stage.startListening();

  const revision = await other.commit('master', 'A change');
  const builder = 'other-devel-tests';
  stage.buildbot.build({ builder, revision }, 'success');
  await waitUntil('the other project to move', async () => (await other.tip('stable')) === revision, {
    seen: () => stage.log,
  });

  await stage.server.set({ kind: 'none' });
});

test('a push that the server refuses is told once with its words, and made when it is allowed', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  await stage.remote.refusePushes('stable is frozen for the release');
  const wanted = await stage.commit('master', 'A change', 'success');
  const { refusal } = await stage.says('master', 'stable', 'refused', (pair) => pair.refusal !== undefined);
  assert.match(refusal?.reason ?? '', /stable is frozen for the release/);
  assert.match((await stage.command('explain', 'stable')).text, /stable is frozen for the release/);

  // It is tried again meanwhile: wait until the remote has turned it away some more times.
  await stage.remote.setHook(
    'pre-receive',
    'echo turned away >> turned-away\necho stable is frozen for the release >&2\nexit 1',
  );
  await waitUntil('more attempts', async () => {
    const count = await stage.remote.git(['hash-object', 'turned-away']).catch(() => undefined);
    return count !== undefined;
  });
  const refused = (await stage.audit()).filter(({ event }) => event === 'refused');
  assert.deepEqual(
    refused.map(({ pair, revision }) => [pair, revision]),
    [['demo: master -> stable', wanted]],
  );

  await stage.remote.removeHooks();
  await stage.promotes(wanted);
  assert.equal(await movesTo(stage, wanted), 1);
  await stage.says('master', 'stable', 'no longer refused', (pair) => pair.refusal === undefined);
});

test('a branch that one server rule refuses does not hold up the others of its repository', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  await stage.remote.setHook('update', '[ "$1" = refs/heads/stable ] || exit 0\necho no entry >&2\nexit 1');
  await stage.commit('master', 'A change', 'success');
  await stage.says('master', 'stable', 'refused', (pair) => pair.refusal !== undefined);
  const schema = await stage.commit('db-devel', 'A schema change', 'success');
  await stage.arrives('db-stable', schema);
});

describe('a stable branch that somebody moves between look and push', () => {
  test('forward, is looked at again and moved on from there', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const theirs = await stage.remote.commit('master', 'One, pushed by hand');
    const ours = await stage.remote.commit('master', 'Two');
    await stage.remote.moveDuringNextPush('stable', theirs);
    stage.built('master', ours, 'success');
    await stage.promotes(ours);
    assert.deepEqual(
      (await stage.remote.moves('stable')).slice(-2).map(({ to }) => to),
      [theirs, ours],
    );
    const moved = (await stage.audit()).filter(({ event }) => event === 'moved');
    assert.deepEqual(
      moved.map(({ from, to }) => [from, to]),
      [[theirs, ours]],
    );
  });

  test('forward past the tested revision, is not taken back', async () => {
    await using stage = await PromotionStage.create();
    const tested = await stage.remote.commit('master', 'One');
    const beyond = await stage.remote.commit('master', 'Two, pushed by hand');
    // Before the push has even begun to talk to the remote, which is when only the lease protects the branch.
    const bin = await gitThatFirst(
      stage,
      `git -C '${stage.remote.path}' update-ref refs/heads/stable ${beyond}`,
    );
    await stage.startListening({ env: { PATH: `${bin}:${process.env.PATH}` } });
    stage.built('master', tested, 'success');
    await stage.says('master', 'stable', 'up to date', ({ verdict }) => verdict?.kind === 'up-to-date');
    assert.deepEqual(
      (await stage.remote.moves('stable')).slice(1).map(({ to }) => to),
      [beyond],
    );
    assert.equal(await movesTo(stage, tested), 0);
  });

  test('sideways, is diverged and left alone', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const base = await stage.remote.need('stable');
    await stage.remote.setBranch('side', base);
    const aside = await stage.remote.commit('side', 'A hotfix, straight to stable');
    const ours = await stage.remote.commit('master', 'Two');
    await stage.remote.moveDuringNextPush('stable', aside);
    stage.built('master', ours, 'success');
    await stage.says('master', 'stable', 'diverged', ({ verdict }) => verdict?.kind === 'diverged');
    assert.equal(await stage.remote.tip('stable'), aside);
    assert.equal(await movesTo(stage, ours), 0);
  });
});

test('a push whose answer is lost is looked up, told once, and not made again', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const revision = await stage.remote.commit('master', 'A change');
  await stage.remote.dieAfterNextPush();
  stage.built('master', revision, 'success');
  await stage.promotes(revision);
  await stage.tells('the merge that follows', ({ event }) => event === 'merged');
  assert.equal(await movesTo(stage, revision), 1);
  assert.equal((await stage.remote.moves('stable')).at(-1)?.to, revision);
  assert.equal((await stage.remote.moves('stable')).filter(({ to }) => to === revision).length, 1);
});

test('a merge whose answer is lost is not made again', async () => {
  await using stage = await PromotionStage.create();
  const released = await stage.remote.commit('master', 'A change');
  await stage.remote.setBranch('stable', released);
  const schema = await stage.remote.commit('db-devel', 'A schema change');
  await stage.remote.dieAfterNextPush();
  await stage.startListening();
  await stage.tells('the merge', ({ event }) => event === 'merged');
  const log = await stage.remote.log('db-devel');
  assert.deepEqual(log[0]?.parents, [schema, released]);
  assert.equal(log.filter(({ parents }) => parents.length > 1).length, 1);
  const merged = (await stage.audit()).filter(({ event }) => event === 'merged');
  assert.deepEqual(
    merged.map(({ to }) => to),
    [log[0]?.sha],
  );
});
