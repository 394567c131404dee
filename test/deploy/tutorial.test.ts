/**
 * The tutorial, followed to the letter in one shell: from a clone of what is committed here to a promoted commit. Before it takes everything
 * down, the blocks of the how-tos that are about such a site are run in the same deployment.
 */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { awaitedScripts } from '../docs/awaited.ts';
import { allPages, root } from '../docs/pages.ts';
import { ReaderShell } from '../docs/reader-shell.ts';
import { type Runnable, runnableBlocks } from '../docs/runnable.ts';
import { GitWorld } from '../support/git-world.ts';
import { openClient, tell } from './cases.ts';
import type { Client } from './model.ts';

const address = 'https://git.launchpad.net/lpbuildbot';

let world: GitWorld;
let client: Client;
let shell: ReaderShell;
let broken: string | undefined;

before(async () => {
  // For its directory: the reader has settings of git of their own.
  world = await GitWorld.create();
  client = await openClient('tutorial');
  shell = await ReaderShell.open(world.directory, {
    ...client.environment,
    // npm keeps what it has compiled, for everybody in /tmp unless it is told where.
    NODE_COMPILE_CACHE: world.path('home/compile-cache'),
    // The clone is one of this repository.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${root}.insteadOf`,
    GIT_CONFIG_VALUE_0: address,
  });
  const { stdout } = await execa('git', ['status', '--short'], { cwd: root });
  if (stdout !== '') tell('what is not committed is not in the clone that the tutorial is followed in');
});

after(async () => {
  await shell?.[Symbol.asyncDispose]();
  await endGitDaemon();
  await client?.close();
  await world?.[Symbol.asyncDispose]();
});

/** Where the tutorial did not come to its end. */
async function endGitDaemon(): Promise<void> {
  const pid = Number(await readFile(world.path('tutorial/pid'), 'utf8').catch(() => ''));
  if (pid > 1) process.kill(pid, 'SIGTERM');
  await rm(world.path('tutorial'), { recursive: true, force: true });
}

function isAwaited({ steps }: Runnable): boolean {
  return steps.some(({ script }) => awaitedScripts.some((name) => script.includes(`npm run ${name}`)));
}

const pages = allPages();
const tutorial = pages
  .filter(({ path }) => path.startsWith('docs/tutorial/'))
  .flatMap((page) => runnableBlocks(page, 'tutorial'));
const howTos = pages
  .filter(({ path }) => path.startsWith('docs/how-to/'))
  .flatMap((page) => runnableBlocks(page))
  .filter(({ world: name }) => name === 'tutorial');
const blocks = [
  ...tutorial.filter(({ when }) => when === 'in order'),
  ...howTos,
  ...tutorial.filter(({ when }) => when === 'last'),
];

test('the pages have blocks to follow', () => {
  assert.ok(tutorial.length > 10);
  assert.ok(howTos.length > 5);
});

for (const block of blocks) {
  test(block.place, async (context) => {
    if (isAwaited(block)) return context.skip('its command is not there yet');
    if (broken !== undefined) return context.skip(`${broken} failed`);
    tell(`${block.place}: ${block.steps[0]?.script.split('\n')[0]}`);
    broken = block.place;
    await shell.follow(block);
    broken = undefined;
  });
}

test('nothing is left of it', async () => {
  if (broken !== undefined) return;
  const { stdout } = await execa('ls', ['-A', world.directory]);
  assert.deepEqual(stdout.split('\n').toSorted(), ['home', 'lpbuildbot']);
  await assert.rejects(readFile(join(world.directory, 'tutorial/pid')));
});
