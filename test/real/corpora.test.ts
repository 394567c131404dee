import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitWorld } from '../support/git-world.ts';
import { type Corpus, moreItertools, six } from './corpora.ts';
import { prepareInput } from './input.ts';
import { Oracle } from './oracle.ts';
import { writeCommit, writeTree } from './release-tree.ts';

/** What the tests of one release say, with what they printed. */
async function directly(corpus: Corpus, version: string) {
  const release = corpus.releases.find((each) => each.version === version);
  assert.ok(release);
  const input = await prepareInput([release], () => undefined);
  await using world = await GitWorld.create();
  const repository = await world.repository('project');
  const commit = await writeCommit(
    repository,
    await writeTree(repository, input.sdistOf(release)),
    [],
    version,
  );
  return await new Oracle(repository).run(commit, [corpus.command(input.testPython)]);
}

test('there are enough releases of two packages, and each is there once', () => {
  for (const { releases } of [six, moreItertools]) {
    assert.ok(releases.length >= 25);
    assert.equal(new Set(releases.map(({ sha256 }) => sha256)).size, releases.length);
    const numbers = releases.map(({ version }) => version);
    const sorted = numbers.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    assert.deepEqual(numbers, sorted, 'oldest first');
  }
});

test('the command lines run what the releases carry: tests that pass, tests that fail, none', async () => {
  assert.deepEqual(await directly(moreItertools, '7.0.0'), { verdict: 'passes', output: '' });
  const broken = await directly(six, '0.9.2');
  assert.equal(broken.verdict, 'fails');
  assert.match(broken.output, /six\/test/);
  const none = await directly(six, '1.0.0');
  assert.equal(none.verdict, 'fails');
  assert.match(none.output, /no tests ran/);
  const missing = await directly(moreItertools, '11.2.0');
  assert.equal(missing.verdict, 'fails');
  assert.match(missing.output, /is not importable/);
});
