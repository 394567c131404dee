/** What becomes of a promotion when its own machine fails it: a full disk, files cut short, leftover locks, a clock that jumps. */
import assert from 'node:assert/strict';
import { access, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { type PairView, PromotionStage } from '../../../test/support/promotion-stage.ts';
import { waitUntil } from '../../../test/support/wait.ts';

/** A file system namespace of its own, in which anybody may mount. */
const unshare = userInfo().uid === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];
const canMount =
  (await execa(unshare[0] ?? '', [...unshare.slice(1), 'true'], { reject: false })).exitCode === 0;

const isUpToDate = ({ verdict }: PairView): boolean => verdict?.kind === 'up-to-date';

/** Every file of the state directory. */
async function stateFiles(stage: PromotionStage): Promise<readonly string[]> {
  const entries = await readdir(stage.state, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A story after which every kind of state file is there: a move, a merge, a hold, a token, a memory, a copy. */
async function withHistory(stage: PromotionStage): Promise<void> {
  await stage.startListening();
  const first = await stage.commit('master', 'One', 'success');
  await stage.arrives('stable', first);
  await stage.tells('the merge', ({ event }) => event === 'merged');
  assert.equal((await stage.command('hold', 'db-stable', '--why', 'freeze')).code, 0);
}

describe('a full disk', {
  skip: !canMount && 'this user may not mount anything, not even in a namespace',
}, () => {
  test('keeps no branch from moving, and what could not be written is written later', async () => {
    await using stage = await PromotionStage.create();
    const mount = 'mount -t tmpfs -o size=3m,mode=700 tmpfs "$0" && exec "$@"';
    const daemon = await stage.startListening({ wrapper: [...unshare, 'sh', '-c', mount, stage.state] });
    // The daemon's own view of the directory, since nobody else sees what is mounted there.
    const state = `/proc/${daemon.pid}/root${stage.state}`;
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);

    const filler = join(state, 'filler');
    await assert.rejects(writeFile(filler, Buffer.alloc(8 * 1024 * 1024)), { code: 'ENOSPC' });
    const two = await stage.commit('master', 'Two', 'success');
    // The new commit does not fit into the copy: that is trouble, and not an end.
    await stage.says('master', 'stable', 'in trouble', ({ trouble }) => trouble !== undefined);
    assert.equal(daemon.running, true);
    await rm(filler);
    await stage.arrives('stable', two);
    await stage.says('stable', 'db-devel', 'merged', isUpToDate);

    const audit = await execa('cat', [join(state, 'audit.jsonl')]);
    const events = audit.stdout
      .split('\n')
      .map((line) => line.replace(/.*"event":"(\w+)".*"to":"(\w+)".*/, '$1 $2'));
    assert.deepEqual(
      events.filter((event) => event.startsWith('moved')),
      [`moved ${one}`, `moved ${two}`],
    );
  });

  test('that cannot take the audit log holds no push up, and the log is made whole afterwards', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);
    await stage.tells('the move', ({ event }) => event === 'moved');
    await rm(stage.auditFile);
    // Opens well, and is always full.
    await execa('ln', ['-s', '/dev/full', stage.auditFile]);
    const two = await stage.commit('master', 'Two', 'success');
    await stage.arrives('stable', two);
    await waitUntil('the log to complain', () => /audit log cannot be written/.test(stage.log));
    await rm(stage.auditFile);
    await stage.tells('what it owes', ({ event, to }) => event === 'moved' && to === two);
  });
});

describe('a state file that was cut in half', () => {
  test('stops nothing, whichever it is', async () => {
    await using stage = await PromotionStage.create();
    await withHistory(stage);
    await stage.daemon.kill9('all');
    const kinds = new Map<string, string>();
    for (const file of await stateFiles(stage)) {
      const kind = file.slice(stage.state.length).replace(/[0-9a-f]{8,}|\/[0-9a-f]{2}\//g, '/*');
      if (!kinds.has(kind)) kinds.set(kind, file);
    }
    assert.ok(kinds.size >= 8, [...kinds.keys()].join('\n'));
    for (const [index, [kind, file]] of [...kinds].entries()) {
      if (
        !(await access(file).then(
          () => true,
          () => false,
        ))
      )
        continue;
      await truncate(file, Math.floor((await stat(file)).size / 2));
      await stage.startListening();
      const revision = await stage.commit('master', `After ${kind} was cut`, 'success');
      await stage.arrives('stable', revision);
      await stage.tells(`move ${index}`, ({ event, to }) => event === 'moved' && to === revision);
      // What a person has held stays held, even if nobody can read any more why.
      assert.match(await stage.get('api/status.txt'), /db-devel -> db-stable .*held by/, kind);
      await stage.daemon.kill9('all');
    }
  });

  test('stops nothing either when all of them are, empty and cut', async () => {
    await using stage = await PromotionStage.create();
    await withHistory(stage);
    for (const part of [2, Number.POSITIVE_INFINITY]) {
      await stage.daemon.kill9('all');
      for (const file of await stateFiles(stage))
        await truncate(file, Math.floor((await stat(file)).size / part));
      await stage.startListening();
      const revision = await stage.commit('master', `Cut to 1/${part}`, 'success');
      await stage.arrives('stable', revision);
    }
  });

  test('and a state directory that is lost altogether costs its history and nothing else', async () => {
    await using stage = await PromotionStage.create();
    await withHistory(stage);
    await stage.daemon.kill9('all');
    await rm(stage.state, { recursive: true });
    const revision = await stage.commit('master', 'After the loss', 'success');
    await stage.startListening();
    await stage.arrives('stable', revision);
  });
});

describe('what a git that was killed leaves in the copy', () => {
  const leftovers = [
    'config.lock',
    'HEAD.lock',
    'packed-refs.lock',
    'refs/tips/master.lock',
    'objects/pack/tmp_pack_x',
  ];
  for (const name of leftovers) {
    test(`(${name}) is overcome`, async () => {
      await using stage = await PromotionStage.create();
      await stage.startListening();
      const one = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', one);
      await stage.daemon.kill9('all');
      const [copy = ''] = await readdir(join(stage.state, 'mirrors'));
      await writeFile(join(stage.state, 'mirrors', copy, name), 'left behind');
      const two = await stage.commit('master', 'Two', 'success');
      await stage.startListening();
      await stage.arrives('stable', two);
      await stage.says('master', 'stable', 'well', ({ trouble }) => trouble === undefined);
    });
  }

  test('or a copy without its objects, is overcome while the daemon runs', async () => {
    await using stage = await PromotionStage.create();
    await stage.startListening();
    const one = await stage.commit('master', 'One', 'success');
    await stage.arrives('stable', one);
    await stage.tells('the merge', ({ event }) => event === 'merged');
    const [copy = ''] = await readdir(join(stage.state, 'mirrors'));
    await rm(join(stage.state, 'mirrors', copy, 'objects'), { recursive: true });
    const two = await stage.commit('master', 'Two', 'success');
    await stage.arrives('stable', two);
    await rm(join(stage.state, 'mirrors'), { recursive: true });
    const three = await stage.commit('master', 'Three', 'success');
    await stage.arrives('stable', three);
  });
});

/** How far, in milliseconds, a clock must be set forward to be just before the next minute. */
function almostMinute(): number {
  return 60_000 - (Date.now() % 60_000) - 3_000;
}

describe('a clock that jumps', () => {
  for (const [words, hours] of [
    ['back by a day', -24],
    ['ahead by ten years', 24 * 3652],
  ] as const) {
    test(`${words} delays no promotion and no merge`, async () => {
      await using stage = await PromotionStage.create({ schedule: '* * * * *' });
      const clock = stage.world.path('clock-offset');
      const setClock = (offset: number): Promise<void> => writeFile(clock, String(offset));
      await setClock(0);
      const preload = new URL('../../../test/support/shifted-clock.ts', import.meta.url).href;
      await stage.startListening({ env: { NODE_OPTIONS: `--import=${preload}`, SHIFTED_CLOCK_FILE: clock } });
      const one = await stage.commit('master', 'One', 'success');
      await stage.arrives('stable', one);

      await setClock(hours * 3_600_000 + almostMinute());
      const two = await stage.commit('master', 'Two', 'success');
      await stage.arrives('stable', two);
      await stage.tells(
        'the merge at the next minute',
        ({ event, merged }) => event === 'merged' && merged === two,
      );

      await setClock(almostMinute());
      const three = await stage.commit('master', 'Three', 'success');
      await stage.arrives('stable', three);
      await stage.tells('the next merge', ({ event, merged }) => event === 'merged' && merged === three);
      assert.match(await stage.get('healthz'), /"status":"ok"/);
    });
  }
});

test('a branch can be held while somebody has broken the pipeline file', async () => {
  await using stage = await PromotionStage.create();
  await stage.startListening();
  const file = stage.world.path('pipelines', 'demo.yaml');
  const whole = await readFile(file, 'utf8');
  await writeFile(file, 'project: [');
  assert.deepEqual(await stage.command('hold', 'stable', '--why', 'freeze'), {
    code: 0,
    text: 'demo: master -> stable is held: freeze',
  });
  const one = await stage.commit('master', 'One', 'success');
  await stage.says('master', 'stable', 'held', ({ verdict }) => verdict?.kind === 'held');
  assert.equal((await stage.command('resume', 'stable')).code, 0);
  await stage.arrives('stable', one);

  await stage.daemon.stop();
  const alone = await stage.command('hold', 'stable');
  assert.equal(alone.code, 2);
  assert.match(alone.text, /demo\.yaml/);
  await writeFile(file, whole);
});
