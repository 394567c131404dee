import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeBuildbot } from '../../../test/support/fake-buildbot.ts';
import { waitUntil } from '../../../test/support/wait.ts';
import { KnownBuilds } from '../src/buildbot/known-builds.ts';
import { BuildbotError, createBuildbot } from '../src/buildbot/rest.ts';
import { sha } from '../src/testing.ts';

const [one, two] = [sha(1), sha(2)];

describe('what is known of builds', () => {
  let buildbot: FakeBuildbot;
  let known: KnownBuilds;
  beforeEach(async () => {
    buildbot = await FakeBuildbot.start();
    buildbot.model.addBuilder('tests');
    known = new KnownBuilds(createBuildbot(buildbot.url, 2000), () => {});
  });
  afterEach(() => buildbot[Symbol.asyncDispose]());

  it('is every build that has ended, and those that run', async () => {
    buildbot.build({ builder: 'tests', revision: one }, 'failure');
    buildbot.startBuild({ builder: 'tests', revision: two });
    await known.refresh();
    assert.equal(known.finished('tests', one)?.result, 'failure');
    assert.equal(known.finished('tests', two), undefined);
    assert.equal(known.running('tests', two)?.number, 2);
  });

  it('learns without an event that a build has ended, and of builders that are new', async () => {
    const running = buildbot.startBuild({ builder: 'tests', revision: one });
    await known.refresh();
    buildbot.finishBuild(running, 'success');
    buildbot.model.addBuilder('lint');
    buildbot.build({ builder: 'lint', revision: one }, 'success');
    await known.refresh();
    assert.equal(known.finished('tests', one)?.result, 'success');
    assert.equal(known.running('tests', one), undefined);
    assert.equal(known.finished('lint', one)?.result, 'success');
  });

  it('reaches back over many pages, behind a build that runs for long', async () => {
    const long = buildbot.startBuild({ builder: 'tests', revision: two });
    buildbot.build({ builder: 'tests', revision: one }, 'success');
    for (let n = 0; n < 500; n += 1) buildbot.build({ builder: 'tests', revision: sha(3) }, 'failure');
    await known.refresh();
    await waitUntil('the whole history', () => known.finished('tests', one));
    assert.equal(known.running('tests', two)?.buildid, long);
    for (let n = 0; n < 500; n += 1) buildbot.build({ builder: 'tests', revision: sha(4) }, 'failure');
    buildbot.build({ builder: 'tests', revision: sha(5) }, 'success');
    buildbot.finishBuild(long, 'success');
    await known.refresh();
    assert.equal(known.finished('tests', sha(5))?.result, 'success');
    assert.equal(known.finished('tests', two)?.result, 'success');
  });

  it('is told to others build by build, each once, and whole when the history has been read', async () => {
    const told: number[] = [];
    const talking = new KnownBuilds(
      createBuildbot(buildbot.url, 2000),
      () => {},
      (build) => told.push(build.buildid),
    );
    for (let n = 0; n < 450; n += 1) buildbot.build({ builder: 'tests', revision: sha(3) }, 'failure');
    assert.equal(talking.isWhole, false);
    await talking.refresh();
    assert.equal(talking.isWhole, false, 'there are more pages');
    await waitUntil('the whole history', () => talking.isWhole);
    assert.deepEqual(
      told.toSorted((a, b) => a - b),
      Array.from({ length: 450 }, (_, index) => index + 1),
    );
    const patched = buildbot.build({ builder: 'tests', revision: one, patched: true }, 'failure');
    const running = buildbot.startBuild({ builder: 'tests', revision: two });
    await talking.refresh();
    await talking.refresh();
    buildbot.finishBuild(running, 'success');
    talking.hear(running);
    await talking.caughtUp();
    assert.deepEqual(told.slice(450), [patched, running]);
    const build = talking.recent(new Set(['tests']), 1000).find(({ buildid }) => buildid === patched);
    assert.ok(build);
    await talking.settle([build]);
    assert.equal(talking.isPatched(build), true);
  });

  it('passes over builds with a patch on top', async () => {
    const clean = buildbot.build({ builder: 'tests', revision: one }, 'success');
    buildbot.build({ builder: 'tests', revision: one, patched: true }, 'failure');
    await known.refresh();
    const newest = known.finished('tests', one);
    assert.equal(newest && known.isSettled(newest), false);
    await known.settle(newest ? [newest] : []);
    assert.equal(known.finished('tests', one)?.buildid, clean);
  });

  it('reads a build that an event named before it says that it has caught up', async () => {
    await known.refresh();
    const id = buildbot.build({ builder: 'tests', revision: one }, 'success');
    known.hear(id);
    await known.caughtUp();
    assert.equal(known.finished('tests', one)?.buildid, id);
  });

  it('is forgotten when the database behind Buildbot is another one', async () => {
    buildbot.build({ builder: 'tests', revision: one }, 'success');
    await known.refresh();
    await using other = await FakeBuildbot.start({ clock: () => 1_000_000 });
    other.model.addBuilder('docs');
    other.build({ builder: 'docs', revision: two }, 'success');
    const moved = new KnownBuilds(switching(buildbot.url, other.url), () => {});
    await moved.refresh();
    assert.equal(moved.finished('tests', one)?.result, 'success');
    await moved.refresh();
    assert.equal(moved.finished('tests', one), undefined);
    assert.equal(moved.finished('docs', two)?.result, 'success');
  });

  it('is forgotten also when a build of the other database is heard of first', async () => {
    buildbot.build({ builder: 'tests', revision: one }, 'success');
    await known.refresh();
    await buildbot.replaceDatabase(['docs']);
    // Both numbers are the old database's too, the builder's for another builder.
    known.doubt();
    const id = buildbot.build({ builder: 'docs', revision: two }, 'success');
    known.hear(id);
    await known.caughtUp();
    assert.equal(known.finished('tests', two), undefined);
    const next = buildbot.build({ builder: 'docs', revision: sha(3) }, 'failure');
    await refreshed(known);
    known.hear(next);
    await known.caughtUp();
    assert.equal(known.finished('tests', one), undefined);
    assert.equal(known.finished('docs', two)?.result, 'success');
    assert.equal(known.finished('docs', sha(3))?.result, 'failure');
  });

  it('is forgotten also when all that was known of the database was heard', async () => {
    await known.refresh();
    known.hear(buildbot.build({ builder: 'tests', revision: one }, 'success'));
    await known.caughtUp();
    assert.equal(known.finished('tests', one)?.number, 1);
    await buildbot.replaceDatabase(['tests']);
    known.doubt();
    buildbot.build({ builder: 'tests', revision: two }, 'success');
    await refreshed(known);
    assert.equal(known.finished('tests', one), undefined);
    assert.equal(known.finished('tests', two)?.number, 1);
  });

  it('is forgotten once, however many ask at the same time', async () => {
    buildbot.build({ builder: 'tests', revision: one }, 'success');
    await known.refresh();
    await buildbot.replaceDatabase(['tests']);
    known.doubt();
    const first = buildbot.build({ builder: 'tests', revision: two }, 'success');
    const asking = createBuildbot(buildbot.url, 2000);
    const answers = () => asking.builders().then(Boolean, () => false);
    await waitUntil('connections that are not of the time before', answers);
    const asked = [1, 2, 3].map(() => known.refresh());
    // Whoever asks while one refresh runs gets what has come since it began.
    const second = buildbot.build({ builder: 'tests', revision: sha(3) }, 'success');
    await Promise.all(asked);
    assert.equal(known.finished('tests', one), undefined);
    assert.equal(known.finished('tests', two)?.buildid, first);
    assert.equal(known.finished('tests', sha(3))?.buildid, second);
  });

  it('drops the answer to a question that was asked before a doubt', async () => {
    await known.refresh();
    const id = buildbot.build({ builder: 'tests', revision: one }, 'success');
    known.hear(id);
    known.doubt();
    await known.caughtUp();
    assert.equal(known.finished('tests', one), undefined);
    await known.refresh();
    await known.caughtUp();
    assert.equal(known.finished('tests', one)?.buildid, id);
  });

  it('believes nothing that is heard between a doubt and a look that began before it', async () => {
    await known.refresh();
    const looking = known.refresh();
    known.doubt();
    await looking;
    const id = buildbot.build({ builder: 'tests', revision: one }, 'success');
    known.hear(id);
    await known.caughtUp();
    assert.equal(known.finished('tests', one), undefined);
    await known.refresh();
    await known.caughtUp();
    assert.equal(known.finished('tests', one)?.buildid, id);
  });

  for (const fault of ['garbage', 'wrong shape', 'bad gateway', 'not found', 'internal error'] as const) {
    it(`is not taken from an answer like this: ${fault}`, async () => {
      buildbot.build({ builder: 'tests', revision: one }, 'success');
      buildbot.setRestFault(fault);
      await assert.rejects(known.refresh(), BuildbotError);
      buildbot.setRestFault('none');
      await known.refresh();
      assert.equal(known.finished('tests', one)?.result, 'success');
    });
  }
});

/** A connection of before may be found broken first. */
async function refreshed(known: KnownBuilds): Promise<void> {
  await waitUntil('Buildbot to be read', () =>
    known.refresh().then(
      () => true,
      () => false,
    ),
  );
}

/** One Buildbot for the first refresh and another one from then on. */
function switching(first: string, then: string): ReturnType<typeof createBuildbot> {
  const [before, after] = [createBuildbot(first), createBuildbot(then)];
  let refreshed = false;
  return {
    ...after,
    builders: () => (refreshed ? after : before).builders(),
    buildsBefore: async (below, limit) => {
      const page = await (refreshed ? after : before).buildsBefore(below, limit);
      refreshed = true;
      return page;
    },
  };
}
