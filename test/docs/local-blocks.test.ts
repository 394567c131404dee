/**
 * What the how-tos show without Juju is run as it stands there, page by page: beside a repository with four branches, a Buildbot (the fake that is
 * held against the real one) and the real lpbuildbot-promotion, in a reader's clone.
 */
import assert from 'node:assert/strict';
import { appendFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PromotionStage } from '../support/promotion-stage.ts';
import { allPages, root } from './pages.ts';
import { ReaderShell } from './reader-shell.ts';
import { runnableBlocks } from './runnable.ts';

/** What there is before the reader comes, by world. */
const worlds: Readonly<Record<string, (stage: PromotionStage) => Promise<unknown>>> = {
  /** A green commit waits for `stable`, and `stable` does not merge into `db-devel`. */
  local: async (stage) => {
    const stable = await stage.remote.commit('master', {
      message: 'One way',
      files: { 'shared.txt': 'one\n' },
    });
    await stage.remote.setBranch('stable', stable);
    await stage.remote.commit('db-devel', { message: 'Other way', files: { 'shared.txt': 'other\n' } });
    await stage.commit('master', 'Green', 'success');
  },
  /** Somebody has pushed to `stable`. */
  'local-diverged': async (stage) => {
    await stage.remote.commit('stable', { message: 'In a hurry', files: { 'fix.txt': 'fix\n' } });
    await stage.commit('master', 'Meanwhile', 'success');
  },
};

async function clone(stage: PromotionStage): Promise<string> {
  const directory = stage.world.path('reader');
  await stage.world.git(stage.world.directory, ['clone', '--quiet', stage.remote.path, directory]);
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await symlink(stage.world.path('pipelines'), join(directory, 'pipelines'));
  await appendFile(join(directory, '.git/info/exclude'), 'node_modules\npipelines\n');
  return directory;
}

describe('what the how-tos show without Juju', () => {
  const all = allPages().flatMap((page) =>
    page.path.startsWith('docs/how-to/')
      ? runnableBlocks(page).map((block) => ({ ...block, page: page.path }))
      : [],
  );
  const local = all.filter(({ world }) => world in worlds);
  const stories = Map.groupBy(local, ({ page, world }) => `${page}, ${world}`);

  it('is there', () => {
    assert.ok(stories.size >= 4, [...stories.keys()].join('\n'));
    const known = [...Object.keys(worlds), 'tutorial'];
    assert.deepEqual(
      all.filter(({ world }) => !known.includes(world)),
      [],
      'a world that nobody makes',
    );
  });

  for (const [name, blocks] of stories) {
    it(name, async () => {
      await using stage = await PromotionStage.create();
      await worlds[blocks[0]?.world ?? '']?.(stage);
      const directory = await clone(stage);
      await using shell = await ReaderShell.open(directory, {
        ...stage.world.env(),
        PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
        LPBUILDBOT_PROMOTION_CONFIG: stage.configFile,
      });
      for (const block of blocks) {
        if (block.edit !== undefined) await writeFile(join(directory, 'shared.txt'), 'one and other\n');
        await shell.follow(block);
      }
    });
  }
});

describe('the shell of a reader', () => {
  it('tells the place, the command, and what it did instead', async () => {
    await using shell = await ReaderShell.open(root, {});
    const step = { script: 'echo one; echo two >&2', prints: 'two\n', seconds: undefined };
    const block = { place: 'docs/x.md:3', world: 'local', when: 'in order', edit: undefined } as const;
    await shell.follow({ ...block, steps: [{ ...step, prints: 'one\n' }] });
    await assert.rejects(shell.follow({ ...block, steps: [step] }), {
      message: 'docs/x.md:3: echo one; echo two >&2\nshould print:\ntwo\n\nand printed:\none\ntwo\n',
    });
  });

  it('ends with the first command that fails', async () => {
    await using shell = await ReaderShell.open(root, {});
    const { code, stdout } = await shell.run('echo one\nfalse\necho two');
    assert.deepEqual([code, stdout], [1, 'one\n']);
  });

  it('keeps what a block sets for the next, and tries again where that is said', async () => {
    await using shell = await ReaderShell.open(root, {});
    await shell.run('COUNT=0');
    const step = { script: 'COUNT=$((COUNT + 1)); echo $COUNT; [ $COUNT = 2 ]', prints: '2\n', seconds: 20 };
    await shell.follow({ place: 'x', world: 'local', when: 'in order', edit: undefined, steps: [step] });
    assert.equal((await shell.run('echo $COUNT')).stdout, '2\n');
  });
});
